import { ANY, type PermissionAction } from '../fields/levels';
import type { PermissionLine } from '../versions/policy-body';
import { roleSubject } from './subjects';

/** A permission line as Casbin holds it: sub, obj, fld, act, eft, ref. */
export type CasbinLine = string[];

interface Entry {
  /** Position among all lines; Casbin names the first deny or the last allow, so order decides who is named. */
  readonly position: number;
  readonly role: string;
  readonly line: CasbinLine;
}

/**
 * All lines of a policy as Casbin takes them, findable by cell. Values are handed to Casbin as values and never pass
 * through a line of text, so quotes, commas and line breaks in them mean nothing.
 */
export class LineBook {
  readonly all: readonly CasbinLine[];
  private readonly sources = new Map<CasbinLine, PermissionLine>();
  private readonly byCell = new Map<string, Entry[]>();

  constructor(lines: readonly PermissionLine[]) {
    for (const source of lines) {
      for (const action of impliedActions(source)) {
        const { role, object, field, effect, id } = source;
        const line = [roleSubject(role), object, field, action, effect, id];
        this.file(cellKey(object, field, action), { position: this.sources.size, role, line });
        this.sources.set(line, source);
      }
    }
    this.all = [...this.sources.keys()];
  }

  /**
   * The lines of these roles that can matter to a question: those that name the field or reach for it with wildcards,
   * about this action. Only what the matcher would pass over by plain comparison is left out.
   */
  linesOfCell(object: string, field: string, action: PermissionAction, roles: ReadonlySet<string>): CasbinLine[] {
    const found: Entry[] = [];
    for (const objectName of [object, ANY]) {
      for (const fieldName of [field, ANY]) {
        for (const entry of this.byCell.get(cellKey(objectName, fieldName, action)) ?? []) {
          if (roles.has(entry.role)) found.push(entry);
        }
      }
    }
    return found.sort((a, b) => a.position - b.position).map((entry) => entry.line);
  }

  /** The permission line that a Casbin line stands for; null for the empty answer that means "no line spoke". */
  sourceOf(line: CasbinLine): PermissionLine | null {
    return this.sources.get(line) ?? null;
  }

  private file(key: string, entry: Entry): void {
    const entries = this.byCell.get(key);
    if (entries) entries.push(entry);
    else this.byCell.set(key, [entry]);
  }
}

/** Names hold neither a dot nor a colon, so no two cells share a key. */
function cellKey(object: string, field: string, action: PermissionAction): string {
  return `${object}.${field}:${action}`;
}

/** See-levels include each other: whoever may see clear may see masked, whoever may not see masked may not see clear. */
function impliedActions({ action, effect }: PermissionLine): PermissionAction[] {
  if (action === 'see-clear' && effect === 'allow') return ['see-clear', 'see-masked'];
  if (action === 'see-masked' && effect === 'deny') return ['see-masked', 'see-clear'];
  return [action];
}
