import { objectOf } from '@countersign/schema';
import type { NextInvoice } from '../../../billing/next-invoice';
import { rowsOf, type Transaction } from '../../../database/sql-runner';
import type { DecidedUnder } from '../../../path/rooms';
import { ScopeStatement } from '../../../records/scope-statement';

/** What a count of affected subscriptions tells something of. */
const COUNTED = 'contract product package price status billingPeriod startsOn endsOn'.split(' ');
/** What the sum of next invoices tells something of, by object. */
const SUMMED: Readonly<Record<string, readonly string[]>> = {
  Subscription: [...COUNTED, 'account', 'quantity'],
  Price: 'product package rateClass model currency amount tiers effectiveFrom effectiveTo'.split(' '),
  ContractRate: 'contract product rateClass currency amount discountPercent effectiveFrom effectiveTo'.split(' '),
  PackageItem: ['package', 'product', 'quantity'],
  UsageRecord: ['subscription', 'rateClass', 'quantity', 'usedAt'],
  Account: ['currency'],
  Contract: ['currency'],
};

/** The fields of an object that somebody does not see in the clear in all its records. */
export function unclear(
  { authority: { table, cellRules } }: DecidedUnder,
  object: string,
  fields: readonly string[],
): string[] {
  const withheld = cellRules(object);
  return fields
    .filter((field) => !table.readable(object) || table.see(object, field) !== 'clear' || withheld.has(field))
    .map((field) => `${object}.${field}`);
}

/** Coordinates that keep somebody from the number of affected subscriptions; none: they may be told. */
export function keptFromCount(under: DecidedUnder): string[] {
  return unclear(under, 'Subscription', COUNTED);
}

/** Coordinates that keep somebody from what invoices come to that were computed from these records. */
export function keptFromSum(under: DecidedUnder, invoices: Iterable<NextInvoice>): string[] {
  const objects = new Set(['Subscription', 'Price']);
  for (const { uses } of invoices) for (const use of uses) objects.add(use.split(' ')[0]!);
  return [...objects].sort().flatMap((object) => unclear(under, object, SUMMED[object] ?? []));
}

/** Of records named `Price <id>`, those that are not within what somebody may read, as they are in this transaction. */
export async function outOfSight(
  tx: Transaction,
  { snapshot, principal, authority }: DecidedUnder,
  uses: ReadonlySet<string>,
): Promise<Set<string>> {
  const byObject = new Map<string, string[]>();
  for (const use of uses) {
    const [object, id] = use.split(' ') as [string, string];
    const ids = byObject.get(object);
    if (ids) ids.push(id);
    else byObject.set(object, [id]);
  }
  const hidden = new Set<string>();
  for (const [object, ids] of byObject) {
    const scope = authority.readScope(object);
    // An object that they may not read at all is a matter of its fields, and shows in the sum.
    if (scope.kind === 'always') continue;
    const statement = new ScopeStatement(snapshot.catalogue, principal.values);
    const { table } = objectOf(snapshot.catalogue, object);
    const sql = `select t.id::text as id from ${table} t
      where t.id=any(${statement.ids(ids)}) and ${statement.scope(object, 't', scope)}`;
    const seen = new Set((await rowsOf<{ id: string }>(tx, sql, statement.values)).map(({ id }) => id));
    for (const id of ids) if (!seen.has(id)) hidden.add(`${object} ${id}`);
  }
  return hidden;
}
