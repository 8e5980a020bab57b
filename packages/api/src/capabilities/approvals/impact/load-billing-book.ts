import { type Catalogue, objectOf } from '@countersign/schema';
import { type BilledObject, BillingBook } from '../../../billing/billing-book';
import { billingPeriod } from '../../../billing/billing-period';
import { imageText, type RecordImage } from '../../../database/record-image';
import { rowsOf, type Transaction } from '../../../database/sql-runner';

/** Readings of a period; whoever has more of them is told that there are too many. */
const MOST_USAGE = 50_000;

/** There is more to add up than one look may take. */
export class TooMany extends Error {}

/**
 * Everything that the next invoices of these subscriptions are computed from, as it is in this transaction. Usage is that
 * of the last complete billing period before `today`. Throws TooMany.
 */
export async function loadBillingBook(
  tx: Transaction,
  catalogue: Catalogue,
  subscriptions: ReadonlySet<string>,
  today: string,
): Promise<BillingBook> {
  const load = async (object: BilledObject, where: string, values: readonly unknown[], most = MOST_USAGE) => {
    const described = objectOf(catalogue, object);
    const sql = `select ${imageText(described, 't')} as image from ${described.table} t where ${where} limit ${most + 1}`;
    const rows = await rowsOf<{ image: string }>(tx, sql, [...values]);
    if (rows.length > most) throw new TooMany();
    return rows.map(({ image }) => JSON.parse(image) as RecordImage);
  };
  const Subscription = await load('Subscription', 't.id=any($1::uuid[])', [[...subscriptions]]);
  const idsOf = (images: readonly RecordImage[], member: string) => [
    ...new Set(images.flatMap((image) => (image[member] === null ? [] : [String(image[member])]))),
  ];
  const contracts = idsOf(Subscription, 'contract');
  const packages = idsOf(Subscription, 'package');
  const PackageItem = await load('PackageItem', 't.package_id=any($1::uuid[])', [packages]);
  const products = [...idsOf(Subscription, 'product'), ...idsOf(PackageItem, 'product')];
  const UsageRecord: RecordImage[] = [];
  for (const length of idsOf(Subscription, 'billingPeriod')) {
    const { from, billedOn } = billingPeriod(length, today, -1);
    const ids = Subscription.filter((one) => one.billingPeriod === length).map(({ id }) => id);
    const within = `t.subscription_id=any($1::uuid[]) and t.used_at>=$2::timestamptz and t.used_at<$3::timestamptz`;
    UsageRecord.push(...(await load('UsageRecord', within, [ids, `${from}T00:00:00Z`, `${billedOn}T00:00:00Z`])));
  }
  return new BillingBook({
    Subscription,
    PackageItem,
    UsageRecord,
    Account: await load('Account', 't.id=any($1::uuid[])', [idsOf(Subscription, 'account')]),
    Contract: await load('Contract', 't.id=any($1::uuid[])', [contracts]),
    ContractRate: await load('ContractRate', 't.contract_id=any($1::uuid[])', [contracts]),
    Price: await load('Price', 't.id=any($1::uuid[]) or t.product_id=any($2::uuid[]) or t.package_id=any($3::uuid[])', [
      idsOf(Subscription, 'price'),
      products,
      packages,
    ]),
  });
}
