import type { ConditionRecord } from '@countersign/policy';
import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { RecordWrite } from '../../records/change';

/**
 * The parents that rules look at, loaded beforehand: deciding is synchronous. Before the change set they are as the
 * database has them, after it as the set leaves them.
 */
export class RecordsInView {
  private readonly stored = new Map<string, RecordImage | null>();
  private readonly changed = new Map<string, RecordImage | null>();

  constructor(
    private readonly catalogue: Catalogue,
    writes: readonly RecordWrite[],
  ) {
    for (const { change, before, after } of writes) {
      const key = keyOf(change.object.name, change.id);
      this.stored.set(key, before);
      this.changed.set(key, after);
    }
  }

  /** Loads every record along a path of to-one relations, in both worlds. */
  async load(tx: Transaction, objectName: string, images: readonly (RecordImage | null)[], path: readonly string[]) {
    let object = objectName;
    let level = images.filter((image) => image !== null);
    for (const step of path) {
      const member = memberOf(objectOf(this.catalogue, object), step);
      if (member?.kind !== 'to-one') return;
      const ids = level.flatMap((image) =>
        image[step] === null || image[step] === undefined ? [] : [String(image[step])],
      );
      await this.fetch(tx, member.target, ids);
      level = ids.flatMap((id) => {
        const key = keyOf(member.target, id);
        return [this.stored.get(key), this.changed.get(key)].filter((image) => image !== null && image !== undefined);
      });
      object = member.target;
    }
  }

  private async fetch(tx: Transaction, objectName: string, ids: readonly string[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.stored.has(keyOf(objectName, id)));
    if (missing.length === 0) return;
    const object = objectOf(this.catalogue, objectName);
    const rows = await rowsOf<{ image: string }>(
      tx,
      `select ${imageText(object, 't')} as image from ${object.table} t where t.id=any($1::uuid[])`,
      [missing],
    );
    for (const id of missing) this.stored.set(keyOf(objectName, id), null);
    for (const { image } of rows) {
      const parsed = JSON.parse(image) as RecordImage;
      this.stored.set(keyOf(objectName, String(parsed.id)), parsed);
    }
  }

  /** What a relation leads to, as evaluation asks for it. */
  related(world: 'before' | 'after') {
    return (object: string, record: ConditionRecord, relation: string): ConditionRecord | null => {
      const member = memberOf(objectOf(this.catalogue, object), relation);
      if (member?.kind !== 'to-one') throw new Error(`${object}.${relation} is not to be stepped through by a rule`);
      const id = record[relation];
      return id === null || id === undefined ? null : this.find(member.target, String(id), world);
    };
  }

  private find(object: string, id: string, world: 'before' | 'after'): RecordImage | null {
    const key = keyOf(object, id);
    if (world === 'after' && this.changed.has(key)) return this.changed.get(key) ?? null;
    // A parent that the set itself creates was not there before; it is all that there is to look at.
    return this.stored.get(key) ?? this.changed.get(key) ?? null;
  }
}

const keyOf = (object: string, id: string) => `${object} ${id}`;
