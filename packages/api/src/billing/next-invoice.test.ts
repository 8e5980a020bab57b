import { builtinCatalogue } from '@countersign/schema';
import type { RecordImage } from '../database/record-image';
import { DEMO_DAY, demoData } from '../demo/demo-data';
import { planChanges } from '../records/plan-changes';
import { BILLED_OBJECTS, type BilledObject, BillingBook } from './billing-book';
import { billingPeriod } from './billing-period';
import { centsText, micros } from './exact-amounts';
import { nextInvoice } from './next-invoice';

type Records = Partial<Record<BilledObject, RecordImage[]>>;

const ACCOUNT = { id: 'a', currency: 'EUR' };
const SUBSCRIPTION = {
  id: 's',
  account: 'a',
  contract: null,
  product: 'p',
  package: null,
  price: null,
  status: 'ACTIVE',
  quantity: '3.000000',
  billingPeriod: 'MONTH',
  startsOn: '2026-01-01',
  endsOn: null,
};
const PRICE = {
  id: 'list',
  product: 'p',
  package: null,
  rateClass: null,
  model: 'PER_UNIT',
  currency: 'EUR',
  amount: '10.005000',
  tiers: null,
  effectiveFrom: '2026-01-01',
  effectiveTo: null,
};
const RATE = {
  id: 'rate',
  contract: 'c',
  product: 'p',
  rateClass: null,
  currency: 'EUR',
  amount: '8.000000',
  discountPercent: '12.50',
  effectiveFrom: '2026-01-01',
  effectiveTo: null,
};

function bookOf(records: Records): BillingBook {
  const none = Object.fromEntries(BILLED_OBJECTS.map((object) => [object, []]));
  return new BillingBook({ ...none, Account: [ACCOUNT], ...records } as never);
}

function billed(records: Records, day = '2026-05-04'): string | null | undefined {
  const bill = nextInvoice(bookOf(records), 's', day);
  return bill === null ? undefined : bill.amount === null ? null : centsText(bill.amount);
}

const sub = (more: RecordImage = {}) => [{ ...SUBSCRIPTION, ...more }] as RecordImage[];
const price = (more: RecordImage = {}) => ({ ...PRICE, ...more }) as RecordImage;

describe('the next invoice of a subscription', () => {
  test('counts a price per unit for each unit and a flat one once, rounded half away from zero to the cent', () => {
    expect(billed({ Subscription: sub(), Price: [price()] })).toBe('30.02');
    expect(billed({ Subscription: sub(), Price: [price({ model: 'FLAT' })] })).toBe('10.01');
  });

  test('takes the list price that holds on the day, in the currency of the account or of the contract', () => {
    const later = price({ id: 'later', amount: '20.000000', effectiveFrom: '2026-06-01' });
    const dollars = price({ id: 'usd', amount: '7.000000', currency: 'USD', effectiveFrom: '2026-05-01' });
    const prices = [price(), later, dollars];
    expect(billed({ Subscription: sub(), Price: prices })).toBe('30.02');
    expect(billed({ Subscription: sub(), Price: prices }, '2026-06-01')).toBe('60.00');
    const contract = [{ id: 'c', currency: 'USD' }];
    expect(billed({ Subscription: sub({ contract: 'c' }), Contract: contract, Price: prices })).toBe('21.00');
    expect(billed({ Subscription: sub(), Price: [price({ effectiveTo: '2026-05-03' })] })).toBe('0.00');
  });

  test('takes its own price before the list, and the rate of the contract before both, less the discount', () => {
    const own = price({ id: 'own', amount: '1.000000', effectiveTo: '2026-02-01' });
    expect(billed({ Subscription: sub({ price: 'own' }), Price: [price(), own] })).toBe('3.00');
    const Contract = [{ id: 'c', currency: 'EUR' }];
    const agreed = { Subscription: sub({ price: 'own', contract: 'c' }), Contract, Price: [price(), own] };
    expect(billed({ ...agreed, ContractRate: [RATE] })).toBe('21.00');
    expect(billed({ ...agreed, ContractRate: [{ ...RATE, effectiveTo: '2026-05-03' }] })).toBe('3.00');
    expect(billed({ ...agreed, ContractRate: [{ ...RATE, contract: 'other' }] })).toBe('3.00');
  });

  test('charges usage by the steps of a tiered price, and all of it at the step of a volume price', () => {
    const tiers = [
      { upTo: '100', amount: '0.5' },
      { upTo: null, amount: '0.25' },
    ];
    const UsageRecord = ['80.000000', '40.000000', '-10.000000'].map((quantity, n) => {
      return { id: `u${n}`, subscription: 's', rateClass: 'k', quantity };
    });
    const metered = (model: string) => price({ model, amount: null, tiers, rateClass: 'k' });
    expect(billed({ Subscription: sub(), Price: [metered('TIERED')], UsageRecord })).toBe('52.50');
    expect(billed({ Subscription: sub(), Price: [metered('VOLUME')], UsageRecord })).toBe('27.50');
    const other = UsageRecord.map((usage) => ({ ...usage, rateClass: 'another' }));
    expect(billed({ Subscription: sub(), Price: [metered('TIERED')], UsageRecord: other })).toBe('0.00');
  });

  test.each([
    [[{ upTo: '10', amount: '0.5' }]],
    [[{ upTo: 'ten', amount: '0.5' }]],
    [[{ amount: { of: 1 } }]],
    [{ amount: '1' }],
    [[]],
  ])('cannot be told where the steps of a price do not say it: %j', (tiers) => {
    const UsageRecord = [{ id: 'u', subscription: 's', rateClass: null, quantity: '11.000000' }];
    expect(billed({ Subscription: sub(), Price: [price({ model: 'TIERED', tiers })], UsageRecord })).toBeNull();
  });

  test('bills a package at its own price, or else item by item', () => {
    const Subscription = sub({ product: null, package: 'b', quantity: '2.000000' });
    const PackageItem = [
      { id: 'i1', package: 'b', product: 'p', quantity: '5.000000' },
      { id: 'i2', package: 'b', product: 'q', quantity: '1.000000' },
    ];
    const within = price({ id: 'within', package: 'b', product: 'q', amount: '3.000000' });
    const items = { Subscription, PackageItem, Price: [price({ amount: '1.000000' }), within] };
    expect(billed(items)).toBe('16.00');
    const whole = price({ id: 'whole', product: null, package: 'b', amount: '7.000000' });
    expect(billed({ ...items, Price: [...items.Price, whole] })).toBe('14.00');
  });

  test('is nothing for one that is paused, over, or not begun in the period', () => {
    const Price = [price()];
    expect(billed({ Subscription: sub({ status: 'PAUSED' }), Price })).toBeUndefined();
    expect(billed({ Subscription: sub({ endsOn: '2026-04-30' }), Price })).toBeUndefined();
    expect(billed({ Subscription: sub({ endsOn: '2026-05-01' }), Price })).toBe('30.02');
    expect(billed({ Subscription: sub({ startsOn: '2026-06-01' }), Price })).toBeUndefined();
    expect(billed({ Subscription: sub({ startsOn: '2026-06-01', billingPeriod: 'QUARTER' }), Price })).toBe('30.02');
  });

  test.each([
    ['MONTH', '2026-12-31', 0, '2026-12-01', '2027-01-01'],
    ['MONTH', '2026-01-15', -1, '2025-12-01', '2026-01-01'],
    ['QUARTER', '2026-05-04', -1, '2026-01-01', '2026-04-01'],
    ['YEAR', '2026-05-04', 0, '2026-01-01', '2027-01-01'],
  ])('periods follow the calendar: %s of %s, %i away', (length, day, away, from, billedOn) => {
    expect(billingPeriod(length, day, away)).toEqual({ from, billedOn });
  });
});

test('comes to what the demo billed last for every account that has not changed since', () => {
  const plan = planChanges(builtinCatalogue(), demoData(builtinCatalogue()), new Date());
  const of = (object: string) =>
    plan.changes.filter((change) => change.object.name === object).map(({ id, values }) => ({ id, ...values }));
  const inSeptember = ({ usedAt }: RecordImage) => String(usedAt).startsWith('2026-09');
  const book = new BillingBook(
    Object.fromEntries(
      BILLED_OBJECTS.map((object) => [object, object === 'UsageRecord' ? of(object).filter(inSeptember) : of(object)]),
    ) as never,
  );
  const extras = ['Help with the set-up', 'Goodwill'];
  const byAccount = new Map<unknown, bigint>();
  const invoices = new Map(of('Invoice').map((invoice: RecordImage) => [invoice.id, invoice]));
  for (const line of of('InvoiceLine') as RecordImage[]) {
    const invoice = invoices.get(String(line.invoice))!;
    if (invoice.issuedOn !== '2026-10-01') continue;
    const sum = byAccount.get(invoice.account) ?? 0n;
    const counted = extras.includes(String(line.description)) ? 0n : micros(String(line.amount)) / 10_000n;
    byAccount.set(invoice.account, sum + counted);
  }
  const subscriptions = of('Subscription') as RecordImage[];
  const settled = [...byAccount].filter(([account]) =>
    subscriptions.every(
      (one) => one.account !== account || (one.status === 'ACTIVE' && String(one.startsOn) < '2026-09-02'),
    ),
  );
  expect(settled.length).toBeGreaterThan(100);
  for (const [account, amount] of settled) {
    const own = subscriptions.filter((one) => one.account === account);
    const sum = own.reduce((all, { id }) => all + (nextInvoice(book, String(id), DEMO_DAY)?.amount ?? 0n), 0n);
    expect([account, centsText(sum)]).toEqual([account, centsText(amount)]);
  }
});
