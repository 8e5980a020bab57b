import type { RecordImage } from '../../../database/record-image';
import { rowsOf, type Transaction } from '../../../database/sql-runner';
import type { RecordWrite } from '../../../records/change';

/** Whose next invoice might be computed from records of the set: those of `column` that one of the ids stands in. */
const WAYS: readonly { readonly object: string; readonly member: string; readonly where: string }[] = [
  { object: 'Subscription', member: 'id', where: 's.id=any($1)' },
  { object: 'UsageRecord', member: 'subscription', where: 's.id=any($1)' },
  { object: 'Account', member: 'id', where: 's.account_id=any($1)' },
  { object: 'Contract', member: 'id', where: 's.contract_id=any($1)' },
  { object: 'ContractRate', member: 'contract', where: 's.contract_id=any($1)' },
  { object: 'Package', member: 'id', where: 's.package_id=any($1)' },
  { object: 'PackageItem', member: 'package', where: 's.package_id=any($1)' },
  { object: 'Price', member: 'id', where: 's.price_id=any($1)' },
  { object: 'Price', member: 'package', where: 's.package_id=any($1)' },
  ...['Product', 'Price'].map((object) => ({
    object,
    member: object === 'Product' ? 'id' : 'product',
    where: `(s.product_id=any($1) or s.package_id in (select i.package_id from package_item i where i.product_id=any($1)))`,
  })),
  {
    object: 'RateClass',
    member: 'id',
    where: `exists (select 1 from price p where p.rate_class_id=any($1)
      and (p.id=s.price_id or p.product_id=s.product_id or p.package_id=s.package_id))`,
  },
];

/** Ids of subscriptions that a change set may have to do with, as the database has them; more than `most` are cut off. */
export async function findCandidates(
  tx: Transaction,
  writes: readonly RecordWrite[],
  most: number,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const { object, member, where } of WAYS) {
    const images = writes
      .filter(({ change }) => change.object.name === object)
      .flatMap(({ before, after }) => [before, after].filter((image): image is RecordImage => image !== null));
    const ids = [...new Set(images.flatMap((image) => (typeof image[member] === 'string' ? [image[member]] : [])))];
    if (ids.length === 0) continue;
    const sql = `select s.id::text as id from subscription s where ${where.replaceAll('$1', '$1::uuid[]')} limit ${most + 1}`;
    for (const { id } of await rowsOf<{ id: string }>(tx, sql, [ids])) found.add(id);
    if (found.size > most) break;
  }
  return found;
}
