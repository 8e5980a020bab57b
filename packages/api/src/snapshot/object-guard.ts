import type { DecisionTable } from '@countersign/policy';
import { Fault } from '../path/faults';
import { type CellAnswer, cellText, lowerOf, type TableCell } from './table-cell';

/** What is held against an object: single answers that are lowered, or everything. */
interface Standing {
  readonly closed: boolean;
  /** By the text of the cell. */
  readonly lowered: ReadonlyMap<string, CellAnswer>;
}

/**
 * Stands before the decision tables of one snapshot. Where one of their answers was found to differ from Casbin's, the
 * object is lowered for every class of rights, or closed; other objects go on. It never raises anything.
 */
export class ObjectGuard {
  private readonly standings = new Map<string, Standing>();
  private readonly differed: Set<string>;

  private constructor(before?: ObjectGuard) {
    for (const [object, standing] of before?.standings ?? []) this.standings.set(object, standing);
    this.differed = new Set(before?.differed);
  }

  /** The guard of the first tables of a policy version, of which nothing bad is known. */
  static fresh(): ObjectGuard {
    return new ObjectGuard();
  }

  /** The guard of tables that were made anew for the same policy version: it begins with what is held now. */
  heir(): ObjectGuard {
    return new ObjectGuard(this);
  }

  /** Objects that are lowered or closed. */
  get held(): number {
    return this.standings.size;
  }

  /** True while nothing is held against an object. */
  isPlain(object: string): boolean {
    return !this.standings.has(object);
  }

  /** True once an answer about the object has differed under this policy version, whatever came of it. */
  hasDiffered(object: string): boolean {
    return this.differed.has(object);
  }

  /** From now on nobody gets more than this from the cell. */
  lower(cell: TableCell, most: CellAnswer): void {
    const known = this.standings.get(cell.object);
    const lowered = new Map(known?.lowered);
    const before = lowered.get(cellText(cell));
    lowered.set(cellText(cell), before === undefined ? most : lowerOf(before, most));
    this.standings.set(cell.object, { closed: known?.closed ?? false, lowered });
    this.differed.add(cell.object);
  }

  /** From now on every question about the object ends in POLICY_UNAVAILABLE. */
  close(object: string): void {
    this.standings.set(object, { closed: true, lowered: new Map() });
    this.differed.add(object);
  }

  /** The object answers as its tables say again. */
  restore(object: string): void {
    this.standings.delete(object);
  }

  /** A table that answers no more than the guard lets through. Throws POLICY_UNAVAILABLE for a closed object. */
  over(table: DecisionTable): DecisionTable {
    const most = <Answer extends CellAnswer>(cell: TableCell, own: Answer): Answer => {
      const standing = this.standings.get(cell.object);
      if (!standing) return own;
      if (standing.closed) {
        throw new Fault('POLICY_UNAVAILABLE', {
          inside: `${cell.object} is closed: its decisions differ from Casbin's`,
        });
      }
      const lowered = standing.lowered.get(cellText(cell)) as Answer | undefined;
      return lowered === undefined ? own : lowerOf(own, lowered);
    };
    const readable = (object: string) => most({ kind: 'readable', object }, table.readable(object));
    return Object.freeze<DecisionTable>({
      ...table,
      readable,
      see: (object, field) => {
        const own = most({ kind: 'see', object, field }, table.see(object, field));
        return own !== 'none' && readable(object) ? own : 'none';
      },
      change: (object, field) => most({ kind: 'change', object, field }, table.change(object, field)),
      may: (object, action) => most({ kind: 'act', object, action }, table.may(object, action)),
    });
  }
}
