import type { GivenChange } from '../records/change';
import { startOf } from './calendar-days';
import type { SeededChance } from './seeded-chance';

/** Parents before children, because a record can be referred to by later changes only. */
const ORDER = [
  'Person RateClass Product Package PackageItem Price Account Contact PaymentMethod',
  'Contract ContractRate Subscription UsageRecord Invoice InvoiceLine Payment CreditNote',
  'User RoleAssignment BreakGlassEligibility',
].flatMap((objects) => objects.split(' '));

/** A new record of the demo; its id is settled beforehand, so that two demo databases are alike. */
export interface DemoRecord extends GivenChange {
  readonly newId: string;
}

/** Collects the records of the demo and puts them into an order in which they can be created. */
export class DemoSet {
  private readonly records = new Map<string, DemoRecord[]>(ORDER.map((object) => [object, []]));
  private count = 0;

  constructor(
    /** Chance for ids alone, so that one record more does not change the others. */
    private readonly ids: SeededChance,
  ) {}

  /** Adds a record that came into being on that day, and gives what other records refer to it by. */
  add(object: string, bornOn: string, input: Readonly<Record<string, unknown>>): string {
    const as = `${object}:${++this.count}`;
    const list = this.records.get(object);
    if (!list) throw new Error(`${object} has no place in the order of the demo`);
    const newId = this.ids.id(startOf(bornOn) + this.count);
    list.push({ verb: 'create', object, as, input, newId });
    return `@${as}`;
  }

  all(): DemoRecord[] {
    return [...this.records.values()].flat();
  }
}
