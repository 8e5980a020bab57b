import { type CatalogueObject, groupableMembers, hasExtremes, isSummable } from '@countersign/schema';
import { Fault } from '../path/faults';
import type { Measure, MeasureUse } from './aggregate-plan';

/** More than anybody reads; PostgreSQL takes 1,664 columns. */
const MOST_MEASURES = 200;

/** The figures that an aggregate works out, each once, whoever asks for it: selection, having or order. */
export class Measures {
  private readonly known = new Map<string, { index: number; uses: MeasureUse[] }>();
  private readonly list: Measure[] = [];

  constructor(private readonly object: CatalogueObject) {}

  get all(): readonly Measure[] {
    return this.list;
  }

  count(use: MeasureUse): number {
    return this.place('count', use, (uses) => ({ of: 'count', uses }));
  }

  /** The place of a figure. Throws BAD_USER_INPUT for a function that the member does not have. */
  index(of: string, name: string, use: MeasureUse): number {
    const member = groupableMembers(this.object).find((candidate) => candidate.name === name);
    const text = `${of}.${name}`;
    if (member && of === 'countDistinct') return this.place(text, use, (uses) => ({ of, member, uses }));
    if (member && (of === 'sum' || of === 'avg') && isSummable(member))
      return this.place(text, use, (uses) => ({ of, member, uses }));
    if (member && (of === 'min' || of === 'max') && hasExtremes(member))
      return this.place(text, use, (uses) => ({ of, member, uses }));
    throw new Fault('BAD_USER_INPUT', { message: `${this.object.name} has no ${text}.` });
  }

  private place(text: string, use: MeasureUse, make: (uses: MeasureUse[]) => Measure): number {
    const known = this.known.get(text);
    if (known) {
      if (!known.uses.includes(use)) known.uses.push(use);
      return known.index;
    }
    if (this.list.length >= MOST_MEASURES) {
      throw new Fault('COST_LIMIT', { message: `An aggregate has at most ${MOST_MEASURES} figures.` });
    }
    const uses = [use];
    const index = this.list.push(make(uses)) - 1;
    this.known.set(text, { index, uses });
    return index;
  }
}
