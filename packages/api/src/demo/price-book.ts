import { basisPoints, type Micros, micros, microsText } from '../billing/exact-amounts';
import { plusDays } from './calendar-days';
import type { DemoSet } from './demo-set';

/** Currencies of the price lists, with their worth in hundredths of a percent of the euro list. */
const CURRENCIES = { EUR: 10_000n, GBP: 8_600n, USD: 10_800n, AUD: 16_300n, BRL: 59_000n } as const;
export type DemoCurrency = keyof typeof CURRENCIES;

/** One step of a tiered or volume price; the last is open. */
export interface DemoTier {
  readonly upTo: Micros | null;
  readonly amount: Micros;
}

export interface DemoPrice {
  readonly ref: string;
  readonly amount: Micros | null;
  readonly tiers: readonly DemoTier[];
}

/** Something that can be subscribed to. */
export interface DemoOffer {
  readonly kind: 'product' | 'package';
  readonly ref: string;
  readonly name: string;
  readonly model: 'FLAT' | 'PER_UNIT' | 'TIERED' | 'VOLUME';
  readonly unit: string | null;
  readonly rateClass: string | null;
  readonly prices: Readonly<Record<DemoCurrency, DemoPrice>>;
}

const RATE_CLASSES = [
  ['calls', 'Domestic calls', 'minute', 'Calls to numbers of the same country.'],
  ['abroad', 'Calls abroad', 'minute', 'Calls to numbers of another country.'],
  ['requests', 'API requests', 'thousand requests', 'Requests that were answered, whatever the answer.'],
  ['storage', 'Storage', 'gigabyte', 'The most that was stored on any day of the month.'],
  ['messages', 'Text messages', 'message', 'Messages handed to a carrier.'],
  ['transfer', 'Data transfer', 'gigabyte', 'Data that left the platform.'],
] as const;

/** code, name, model, price in euros or steps of it, unit, rate class */
type ProductRow = readonly [
  string,
  string,
  DemoOffer['model'],
  string | readonly (readonly [string | null, string])[],
  string | null,
  string | null,
];

const PRODUCTS: readonly ProductRow[] = [
  ['WS-BASIC', 'Workspace Basic', 'FLAT', '49.00', null, null],
  ['WS-PLUS', 'Workspace Plus', 'FLAT', '129.00', null, null],
  ['WS-COMPLETE', 'Workspace Complete', 'FLAT', '389.00', null, null],
  ['SEAT-STD', 'Seat Standard', 'PER_UNIT', '12.50', 'seat', null],
  ['SEAT-ADV', 'Seat Advanced', 'PER_UNIT', '24.90', 'seat', null],
  ['SEAT-READ', 'Seat Read-only', 'PER_UNIT', '4.25', 'seat', null],
  ['DEVICE', 'Device Care', 'PER_UNIT', '3.75', 'device', null],
  ['NUMBER', 'Telephone Number', 'PER_UNIT', '1.90', 'number', null],
  ['SUPPORT-DAY', 'Daytime Support', 'FLAT', '95.00', null, null],
  ['SUPPORT-ALL', 'Round-the-clock Support', 'FLAT', '480.00', null, null],
  ['ARCHIVE', 'Ten-year Archive', 'FLAT', '35.00', null, null],
  ['SANDBOX', 'Second Sandbox', 'FLAT', '60.00', null, null],
  ['CONNECTOR', 'Ledger Connector', 'PER_UNIT', '18.00', 'connector', null],
  [
    'CALLS',
    'Domestic Calls',
    'TIERED',
    [
      ['1000', '0.035'],
      ['5000', '0.029'],
      [null, '0.0215'],
    ],
    'minute',
    'calls',
  ],
  [
    'CALLS-ABROAD',
    'Calls Abroad',
    'TIERED',
    [
      ['200', '0.19'],
      [null, '0.145'],
    ],
    'minute',
    'abroad',
  ],
  [
    'API',
    'API Requests',
    'TIERED',
    [
      ['100', '0.90'],
      ['1000', '0.62'],
      [null, '0.4375'],
    ],
    'thousand requests',
    'requests',
  ],
  [
    'STORAGE',
    'Storage',
    'VOLUME',
    [
      ['100', '0.24'],
      ['1000', '0.19'],
      [null, '0.1325'],
    ],
    'gigabyte',
    'storage',
  ],
  [
    'MESSAGES',
    'Text Messages',
    'VOLUME',
    [
      ['500', '0.08'],
      [null, '0.0625'],
    ],
    'message',
    'messages',
  ],
  [
    'TRANSFER',
    'Data Transfer',
    'TIERED',
    [
      ['50', '0.12'],
      [null, '0.085'],
    ],
    'gigabyte',
    'transfer',
  ],
];

/** code, name, price in euros, codes of the products with quantities */
const PACKAGES = [
  ['START', 'Starter Bundle', '89.00', { 'WS-BASIC': '1', 'SEAT-STD': '3', ARCHIVE: '1' }],
  ['TEAM', 'Team Bundle', '239.00', { 'WS-PLUS': '1', 'SEAT-STD': '10', 'SUPPORT-DAY': '1' }],
  ['HOUSE', 'House Bundle', '799.00', { 'WS-COMPLETE': '1', 'SEAT-ADV': '20', 'SUPPORT-ALL': '1', ARCHIVE: '1' }],
  ['FIELD', 'Field Bundle', '149.00', { 'WS-BASIC': '1', DEVICE: '15', NUMBER: '10' }],
  ['LEDGER', 'Ledger Bundle', '185.00', { 'WS-PLUS': '1', CONNECTOR: '2', 'SEAT-READ': '5' }],
] as const;

/** Everything that can be sold, with list prices in every currency. Old list prices stay beside today's. */
export function addPriceBook(set: DemoSet, from: string, raisedOn: string): DemoOffer[] {
  const classes = new Map(
    RATE_CLASSES.map(([key, name, unit, description]) => [
      key as string,
      set.add('RateClass', from, { name, unit, description }),
    ]),
  );
  const products = PRODUCTS.map((row): DemoOffer => addProduct(set, row, classes, from, raisedOn));
  const byCode = new Map(PRODUCTS.map(([code], index) => [code, products[index]!.ref]));
  const packages = PACKAGES.map(([code, name, euros, items]): DemoOffer => {
    const ref = set.add('Package', from, { name, code, description: `${name}, billed each month.`, status: 'ACTIVE' });
    Object.entries(items).forEach(([product, quantity], position) => {
      set.add('PackageItem', from, { packageId: ref, productId: byCode.get(product), quantity, position });
    });
    const prices = addPrices(set, { packageId: ref }, 'FLAT', euros, { from, raisedOn });
    return { kind: 'package', ref, name, model: 'FLAT', unit: null, rateClass: null, prices };
  });
  set.add('Product', from, {
    name: 'Voice Assistant',
    code: 'VOICE',
    status: 'DRAFT',
    description: 'Not on sale yet.',
  });
  set.add('Product', from, { name: 'Fax Gateway', code: 'FAX', status: 'RETIRED', description: 'No longer sold.' });
  return [...products, ...packages];
}

function addProduct(
  set: DemoSet,
  row: ProductRow,
  classes: Map<string, string>,
  from: string,
  raisedOn: string,
): DemoOffer {
  const [code, name, model, cost, unit, rateKey] = row;
  const description = unit ? `${name}, charged by the ${unit}.` : `${name}, one price a month.`;
  const ref = set.add('Product', from, { name, code, description, unit, status: 'ACTIVE', externalId: `sku-${code}` });
  const rateClass = rateKey === null ? null : classes.get(rateKey)!;
  const prices = addPrices(set, { productId: ref, rateClassId: rateClass }, model, cost, { from, raisedOn });
  return { kind: 'product', ref, name, model, unit, rateClass, prices };
}

function addPrices(
  set: DemoSet,
  of: Readonly<Record<string, string | null>>,
  model: DemoOffer['model'],
  cost: ProductRow[3],
  when: { readonly from: string; readonly raisedOn: string },
): Record<DemoCurrency, DemoPrice> {
  const entries = Object.entries(CURRENCIES).map(([currency, worth]) => {
    const amount = typeof cost === 'string' ? listAmount(cost, worth, 10_000n) : null;
    const tiers = typeof cost === 'string' ? [] : tiersOf(cost, worth);
    const price = (effectiveFrom: string, effectiveTo: string | null, flat: Micros | null) =>
      set.add('Price', effectiveFrom, {
        ...of,
        model,
        currency,
        effectiveFrom,
        effectiveTo,
        ...(flat === null ? { tiers: tiersJson(tiers) } : { amount: microsText(flat) }),
      });
    if (typeof cost !== 'string') return [currency, { ref: price(when.from, null, null), amount, tiers }];
    // Before it was raised, the price was 4 % lower.
    price(when.from, plusDays(when.raisedOn, -1), listAmount(cost, worth, 9_600n));
    return [currency, { ref: price(when.raisedOn, null, amount), amount, tiers }];
  });
  return Object.fromEntries(entries) as Record<DemoCurrency, DemoPrice>;
}

function tiersOf(steps: readonly (readonly [string | null, string])[], worth: bigint): DemoTier[] {
  return steps.map(([upTo, amount]) => ({
    upTo: upTo === null ? null : micros(upTo),
    amount: basisPoints(micros(amount), worth),
  }));
}

function tiersJson(tiers: readonly DemoTier[]): unknown {
  return tiers.map(({ upTo, amount }) => {
    return { ...(upTo === null ? {} : { upTo: microsText(upTo) }), amount: microsText(amount) };
  });
}

/** A list price in whole hundredths of its currency. */
function listAmount(euros: string, worth: bigint, share: bigint): Micros {
  const exact = basisPoints(basisPoints(micros(euros), worth), share);
  return ((exact + 5_000n) / 10_000n) * 10_000n;
}
