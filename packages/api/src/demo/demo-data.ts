import type { Catalogue } from '@countersign/schema';
import type { GivenChange } from '../records/change';
import { starterPolicy } from '../starter/starter-policy';
import { firstOfMonth, startOf } from './calendar-days';
import { addAccounts } from './demo-accounts';
import { billAccount } from './demo-invoices';
import { addBreakGlass, addPersons, addUsers } from './demo-people';
import { type DemoRecord, DemoSet } from './demo-set';
import { addSubscriptions } from './demo-subscriptions';
import { addPriceBook } from './price-book';
import { SeededChance } from './seeded-chance';

/** The day that the demo stands on. It is fixed, so that two demo databases are alike. */
export const DEMO_DAY = '2026-10-31';
const MONTHS = 24;
const SEED = 20_261_031;

/**
 * A company with two years of billing: 224 accounts, their contracts, invoices and payments, and the starter policy that
 * decides who sees what of it; about 25,000 records. The same every time.
 */
export function demoData(catalogue: Catalogue, today = DEMO_DAY): DemoRecord[] {
  const set = new DemoSet(new SeededChance(SEED + 1));
  const chance = new SeededChance(SEED);
  const from = firstOfMonth(today, -MONTHS);
  const since = firstOfMonth(from, -24);
  const staff = addPersons(set, since);
  const offers = addPriceBook(set, since, firstOfMonth(today, -10));
  const accounts = addAccounts({ set, chance, today, from, owners: staff.owners });
  let invoices = 0;
  for (const account of accounts) {
    const subscriptions = addSubscriptions({ set, chance, today, from, offers }, account);
    billAccount({ set, chance, today, from, nextNumber: () => ++invoices }, account, subscriptions);
  }
  addUsers(set, since, staff, accounts);
  addBreakGlass(set, since, staff, catalogue);
  return [...policy(catalogue, since), ...set.all()];
}

function policy(catalogue: Catalogue, since: string): DemoRecord[] {
  const ids = new SeededChance(SEED + 2);
  return starterPolicy(catalogue).map((change: GivenChange, index) => ({
    ...change,
    newId: ids.id(startOf(since) + index),
  }));
}
