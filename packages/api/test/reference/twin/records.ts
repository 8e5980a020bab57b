import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import type { AllRows, Row } from './load-rows';

/** Records by a member's value, for following relations; made when first asked for. */
class Index {
  private readonly made = new Map<string, Map<unknown, Row[]>>();

  constructor(private readonly rowsOf: (object: string) => readonly Row[]) {}

  find(object: string, member: string, value: unknown): readonly Row[] {
    const key = `${object}.${member}`;
    const known = this.made.get(key) ?? new Map<unknown, Row[]>();
    if (!this.made.has(key)) {
      this.made.set(key, known);
      for (const row of this.rowsOf(object)) {
        const same = known.get(row[member]);
        if (same) same.push(row);
        else known.set(row[member], [row]);
      }
    }
    return known.get(value) ?? [];
  }
}

/** Some records of every object, and the relations among them: all there are, or those that somebody may see. */
export class Records {
  private readonly index: Index;

  constructor(
    readonly catalogue: Catalogue,
    private readonly rowsOf: (object: string) => readonly Row[],
  ) {
    this.index = new Index(rowsOf);
  }

  static all(catalogue: Catalogue, rows: AllRows): Records {
    return new Records(catalogue, (object) => rows.get(object) ?? []);
  }

  of(object: string): readonly Row[] {
    return this.rowsOf(object);
  }

  one(object: string, id: unknown): Row | null {
    return this.index.find(object, 'id', id)[0] ?? null;
  }

  /** Those whose to-one relation `via` leads to the record of that id. */
  pointingAt(object: string, via: string, id: string): readonly Row[] {
    return this.index.find(object, via, id);
  }

  /** What a relation of a record leads to, in the form that conditions ask for. */
  readonly related = (object: string, record: Readonly<Record<string, unknown>>, relation: string) => {
    const member = memberOf(objectOf(this.catalogue, object), relation);
    if (member?.kind === 'to-one') return this.one(member.target, record[relation]);
    if (member?.kind === 'to-many') return this.pointingAt(member.target, member.via, String(record.id));
    throw new Error(`${object} has no relation ${relation}`);
  };
}
