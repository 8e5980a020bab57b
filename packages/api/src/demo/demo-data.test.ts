import { builtinCatalogue, isUuid } from '@countersign/schema';
import { amountOf, centsText, micros } from '../billing/exact-amounts';
import { planChanges } from '../records/plan-changes';
import { DEMO_DAY, demoData } from './demo-data';

const catalogue = builtinCatalogue();
const records = demoData(catalogue);
const of = (object: string) => records.filter((record) => record.object === object);
// biome-ignore lint/suspicious/noExplicitAny: values are looked at one by one
type Values = Record<string, any>;
const input = (record: (typeof records)[number]) => record.input as Values;
const cents = (text: string) => micros(text) / 10_000n;

function by(object: string, member: string): Map<string, Values[]> {
  const groups = new Map<string, Values[]>();
  for (const record of of(object)) {
    const key = String(input(record)[member]);
    groups.set(key, [...(groups.get(key) ?? []), input(record)]);
  }
  return groups;
}

describe('the demo data', () => {
  test('is a believable amount: at least 200 accounts in four regions and about 25,000 records', () => {
    const counts = Object.fromEntries(
      [...new Set(records.map(({ object }) => object))].map((name) => [name, of(name).length]),
    );
    expect(counts.Account).toBeGreaterThanOrEqual(200);
    expect(records.length).toBeGreaterThan(20_000);
    expect(records.length).toBeLessThan(32_000);
    expect(new Set(of('Account').map((record) => input(record).region)).size).toBe(4);
    expect(of('Account').filter((record) => input(record).parentId).length).toBeGreaterThan(20);
    expect(new Set(of('Price').map((record) => input(record).model))).toEqual(
      new Set(['FLAT', 'PER_UNIT', 'TIERED', 'VOLUME']),
    );
    const lines = of('InvoiceLine').length / of('Invoice').length;
    expect(lines).toBeGreaterThan(2.5);
    expect(lines).toBeLessThan(3.6);
    for (const status of ['DRAFT', 'ISSUED', 'PAID', 'OVERDUE', 'VOID']) {
      expect(of('Invoice').some((record) => String(input(record).status) === status)).toBe(true);
    }
  });

  test('is the same every time, ids included', () => {
    expect(JSON.stringify(demoData(catalogue)) === JSON.stringify(records)).toBe(true);
    expect(new Set(records.map(({ newId }) => newId)).size).toBe(records.length);
    expect(records.filter(({ newId }) => !isUuid(newId) || newId[14] !== '7')).toEqual([]);
  });

  test('is accepted by the write path as it stands, and refers to its own records only', () => {
    const plan = planChanges(catalogue, records, new Date());
    expect(plan.userErrors.slice(0, 5)).toEqual([]);
    expect(plan.references).toEqual([]);
  });

  test('every invoice adds up: lines to the subtotal, subtotal and tax to the total, quantity times price to the line', () => {
    const lines = by('InvoiceLine', 'invoiceId');
    for (const record of of('Invoice')) {
      const { subtotal, tax, total, number } = input(record);
      const own = lines.get(`@${record.as}`) ?? [];
      const sum = own.reduce((all, { amount }) => all + cents(amount), 0n);
      expect([number, own.length > 0, centsText(sum)]).toEqual([number, true, subtotal]);
      expect([number, centsText(cents(subtotal) + cents(tax))]).toEqual([number, total]);
    }
    for (const record of of('InvoiceLine')) {
      const { quantity, unitPrice, amount } = input(record);
      expect(centsText(amountOf(micros(quantity), micros(unitPrice)))).toBe(amount);
    }
  });

  test('the status of an invoice is what its payments and credits say', () => {
    const [payments, credits] = [by('Payment', 'invoiceId'), by('CreditNote', 'invoiceId')];
    const statuses: Record<string, string> = {};
    for (const record of of('Invoice')) {
      const { total, dueOn, issuedOn, status } = input(record) as Record<string, string>;
      const paid = (payments.get(`@${record.as}`) ?? []).filter((payment) => payment.status === 'SETTLED');
      const applied = (credits.get(`@${record.as}`) ?? []).filter((credit) => credit.status === 'APPLIED');
      const settled = [...paid, ...applied].reduce((sum, { amount }) => sum + cents(amount), 0n);
      const owes = settled < cents(total!);
      expect(settled <= cents(total!)).toBe(true);
      statuses[status!] ??= '';
      if (status === 'DRAFT') expect([issuedOn! > DEMO_DAY, settled]).toEqual([true, 0n]);
      else if (status === 'VOID') expect(settled).toBe(0n);
      else expect(status).toBe(owes ? (dueOn! < DEMO_DAY ? 'OVERDUE' : 'ISSUED') : 'PAID');
    }
    expect(Object.keys(statuses)).toHaveLength(5);
  });

  test('nothing but a draft lies in the future, and nobody pays before the invoice', () => {
    const issued = new Map(of('Invoice').map((record) => [`@${record.as}`, String(input(record).issuedOn)]));
    for (const record of of('Payment')) {
      const { receivedOn, invoiceId } = input(record) as Record<string, string>;
      expect(receivedOn! >= issued.get(invoiceId!)! && receivedOn! <= DEMO_DAY).toBe(true);
    }
    for (const record of of('UsageRecord')) expect(String(input(record).usedAt).slice(0, 10) <= DEMO_DAY).toBe(true);
  });

  test('has only card numbers that are published for tests, and addresses that nobody can own', () => {
    const published = [
      '4111111111111111',
      '4242424242424242',
      '5555555555554444',
      '378282246310005',
      '6011111111111117',
    ];
    for (const record of of('PaymentMethod')) expect(published).toContain(input(record).number);
    for (const object of ['Person', 'Contact', 'User']) {
      for (const record of of(object)) expect(String(input(record).email)).toMatch(/@example\.(com|org)$/);
    }
  });
});
