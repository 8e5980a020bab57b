import type { SeeLevel } from '@countersign/policy';
import { type CatalogueMember, isUuid, memberOf } from '@countersign/schema';
import type { Pool } from 'pg';
import type { DecidedUnder } from '../../path/rooms';
import { maskText } from './mask-text';
import { mayReadAllTraces, seesValue, showsHeader } from './trace-right';
import { TraceStatement } from './trace-statement';
import { withinScope } from './visible-entries';

/** An entry as a statement of this folder reads it. */
export interface EntryRow {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly objectName: string | null;
  readonly recordId: string | null;
  readonly userId: string | null;
  readonly personId: string | null;
  readonly clientId: string | null;
  readonly sessionId: string | null;
  readonly onBehalfOf: string | null;
  readonly breakGlass: boolean;
  readonly requestId: string | null;
  readonly policyVersion: number | null;
  readonly outside: boolean;
  readonly reason: string | null;
  readonly code: string | null;
  readonly changes: Readonly<Record<string, unknown>> | null;
}

/** One field of a change. */
export interface ShownChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly see: 'CLEAR' | 'MASKED';
  /** True where a value is not shown: it refers to a record that is not the reader's, or can no longer be read. */
  readonly withheld: boolean;
}

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null };

/** An entry as somebody sees it; what they do not see of it is null. */
export interface ShownEntry extends Nullable<Omit<EntryRow, 'id' | 'changes'>> {
  readonly id: string;
  readonly changes: readonly ShownChange[];
  /** What is told of an event that is no change; for those who may read all traces. */
  readonly facts: Readonly<Record<string, unknown>> | null;
}

const CHANGES = new Set(['CREATE', 'UPDATE', 'DELETE']);

/** Entries in the eyes of a reader: fields by their levels, references only to records that are theirs. */
export async function showEntries(
  pool: Pool,
  under: DecidedUnder,
  rows: readonly EntryRow[],
  field: string | null,
): Promise<ShownEntry[]> {
  const references = await Referable.of(pool, under, rows);
  return rows.map((row) => {
    const change = CHANGES.has(row.action);
    return {
      ...shownHeader(under, row),
      changes: change ? shownChanges(under, row, references, field) : [],
      facts: !change && mayReadAllTraces(under) ? factsOf(row) : null,
    };
  });
}

function shownHeader(
  under: DecidedUnder,
  { changes: _changes, id, ...header }: EntryRow,
): Omit<ShownEntry, 'changes' | 'facts'> {
  const shown = Object.entries(header).map(([name, value]) => [name, showsHeader(under, name) ? value : null]);
  return { id, ...(Object.fromEntries(shown) as Nullable<typeof header>) };
}

function factsOf({ changes }: EntryRow): Readonly<Record<string, unknown>> | null {
  if (!changes) return null;
  return Object.fromEntries(
    Object.entries(changes).map(([name, slot]) => {
      const [old, now] = Array.isArray(slot) ? slot : [null, null];
      return [name, old === null ? now : [old, now]];
    }),
  );
}

function shownChanges(under: DecidedUnder, row: EntryRow, references: Referable, field: string | null): ShownChange[] {
  const object = row.objectName === null ? undefined : under.snapshot.catalogue.objects.get(row.objectName);
  const names = Object.keys(row.changes ?? {}).sort();
  return names.flatMap((name) => {
    if (field !== null && name !== field) return [];
    const member = object && memberOf(object, name);
    // What the catalogue no longer knows has no level: only the right to read everything reaches it.
    const see: SeeLevel =
      object && member ? seesValue(under, object.name, member) : mayReadAllTraces(under) ? 'clear' : 'none';
    if (see === 'none') return [];
    const slot: unknown = row.changes?.[name];
    const readable = Array.isArray(slot);
    const [before, after] = (readable ? slot : [null, null]).map((value) => shownValue(value, member, see, references));
    const withheld = !readable || before === WITHHELD || after === WITHHELD;
    const level = see === 'masked' ? 'MASKED' : 'CLEAR';
    return [{ field: name, before: open(before), after: open(after), see: level, withheld }];
  });
}

const WITHHELD = Symbol('withheld');

function open(value: unknown): unknown {
  return value === WITHHELD ? null : value;
}

function shownValue(
  value: unknown,
  member: CatalogueMember | undefined,
  see: SeeLevel,
  references: Referable,
): unknown {
  if (value === null || value === undefined) return null;
  if (member && member.kind !== 'field') return references.has(member.target, value) ? value : WITHHELD;
  if (see === 'clear') return value;
  return member?.mask && typeof value === 'string' ? maskText(member.mask, value) : WITHHELD;
}

/** Which of the records that old and new values refer to are the reader's to know of. */
class Referable {
  private constructor(private readonly known: ReadonlyMap<string, ReadonlySet<string>> | 'all') {}

  has(object: string, id: unknown): boolean {
    return this.known === 'all' || (typeof id === 'string' && (this.known.get(object)?.has(id) ?? false));
  }

  static async of(pool: Pool, under: DecidedUnder, rows: readonly EntryRow[]): Promise<Referable> {
    if (mayReadAllTraces(under)) return new Referable('all');
    const asked = new Map<string, Set<string>>();
    for (const { objectName, changes } of rows) {
      const object = objectName === null ? undefined : under.snapshot.catalogue.objects.get(objectName);
      for (const [name, slot] of Object.entries(changes ?? {})) {
        const member = object && memberOf(object, name);
        if (!object || !member || member.kind === 'field' || !Array.isArray(slot)) continue;
        if (seesValue(under, object.name, member) === 'none') continue;
        const ids = asked.get(member.target) ?? new Set<string>();
        for (const id of slot) if (isUuid(id)) ids.add(id);
        asked.set(member.target, ids);
      }
    }
    const known = new Map<string, ReadonlySet<string>>();
    for (const [object, ids] of asked) {
      if (ids.size === 0) continue;
      const statement = new TraceStatement(under);
      known.set(object, new Set(await statement.json<string[]>(pool, withinScope(statement, object, [...ids]))));
    }
    return new Referable(known);
  }
}
