import {
  amountOf,
  basisPoints,
  type Cents,
  centsText,
  type Micros,
  micros,
  microsText,
} from '../billing/exact-amounts';
import { firstOfMonth, plusDays } from './calendar-days';
import type { DemoAccount, DemoRegion } from './demo-accounts';
import { settleInvoice } from './demo-payments';
import type { DemoSet } from './demo-set';
import type { DemoSubscription } from './demo-subscriptions';
import type { SeededChance } from './seeded-chance';

export interface BillingGround {
  readonly set: DemoSet;
  readonly chance: SeededChance;
  readonly today: string;
  /** The first month that the demo bills. */
  readonly from: string;
  /** Numbers invoices through all accounts. */
  readonly nextNumber: () => number;
}

interface Line {
  readonly product: string | null;
  readonly description: string;
  readonly quantity: Micros;
  readonly unitPrice: Micros;
}

/** Tax in hundredths of a percent of the subtotal. */
const TAX: Readonly<Record<DemoRegion, bigint>> = { EMEA: 2_000n, AMER: 825n, APAC: 1_000n, LATAM: 1_700n };

const NOTES = [
  'The customer asked for their purchase order number on the next invoice.',
  'Sent again on request.',
  'Address corrected after a call.',
  'Agreed by telephone to pay in two parts.',
] as const;

/** Bills every month of an account from its first to the demo's day, and drafts the next one. */
export function billAccount(
  ground: BillingGround,
  account: DemoAccount,
  subscriptions: readonly DemoSubscription[],
): void {
  for (let month = ground.from; month <= ground.today; month = firstOfMonth(month, 1)) {
    const running = subscriptions.filter(({ from, until }) => from <= month && (until === null || month < until));
    if (running.length > 0) billMonth(ground, account, running, month);
  }
}

function billMonth(
  ground: BillingGround,
  account: DemoAccount,
  running: readonly DemoSubscription[],
  month: string,
): void {
  const { set, chance, today } = ground;
  // A month is billed on the first day of the next one.
  const issuedOn = firstOfMonth(month, 1);
  const isDraft = issuedOn > today;
  if (isDraft && account.status !== 'ACTIVE') return;
  const lines = running.flatMap((subscription) => linesOf(ground, subscription, month));
  if (chance.percent(12)) lines.push(extraLine(chance, lines));
  const subtotal = lines.reduce((sum, { quantity, unitPrice }) => sum + amountOf(quantity, unitPrice), 0n);
  const tax = basisPoints(subtotal, TAX[account.region]);
  const contract = running[0]!.contract;
  const dueOn = plusDays(issuedOn, contract?.termDays ?? 30);
  const total = subtotal + tax;
  const settled = isDraft
    ? null
    : settleInvoice({ chance, today }, { account, issuedOn, dueOn, total, firstLine: lineAmount(lines[0]!) });
  const number = `INV-${issuedOn.slice(0, 4)}-${String(ground.nextNumber()).padStart(6, '0')}`;
  const invoice = set.add('Invoice', issuedOn, {
    accountId: account.ref,
    contractId: contract?.ref ?? null,
    number,
    status: settled?.status ?? 'DRAFT',
    currency: account.currency,
    issuedOn,
    dueOn,
    notes: chance.percent(6) ? chance.pick(NOTES) : null,
    subtotal: centsText(subtotal),
    tax: centsText(tax),
    total: centsText(total),
  });
  lines.forEach((line, position) => {
    const { product, description, quantity, unitPrice } = line;
    set.add('InvoiceLine', issuedOn, {
      invoiceId: invoice,
      productId: product,
      position,
      description,
      quantity: microsText(quantity),
      unitPrice: microsText(unitPrice),
      amount: centsText(lineAmount(line)),
    });
  });
  settled?.addTo(set, invoice, number);
}

const lineAmount = ({ quantity, unitPrice }: Line): Cents => amountOf(quantity, unitPrice);

function linesOf(ground: BillingGround, subscription: DemoSubscription, month: string): Line[] {
  const { offer, quantity, unitPrice } = subscription;
  const product = offer.kind === 'product' ? offer.ref : null;
  const named = `${offer.name}, ${month.slice(0, 7)}`;
  if (unitPrice !== null) return [{ product, description: named, quantity, unitPrice }];
  const used = addUsage(ground, subscription, month);
  return steps(subscription, used).map((step) => ({ product, description: `${named}${step.words}`, ...step }));
}

/** What a month's usage costs: each step by itself for a tiered price, all of it at one step for a volume price. */
function steps({ offer, tiers }: DemoSubscription, used: Micros) {
  if (offer.model === 'VOLUME') {
    const reached = tiers.find(({ upTo }) => upTo === null || used <= upTo)!;
    return [{ words: '', quantity: used, unitPrice: reached.amount }];
  }
  const parts: { words: string; quantity: Micros; unitPrice: Micros }[] = [];
  let from = 0n;
  for (const { upTo, amount } of tiers) {
    const to = upTo === null || used < upTo ? used : upTo;
    if (to > from) parts.push({ words: `, step ${parts.length + 1}`, quantity: to - from, unitPrice: amount });
    from = to;
  }
  return parts;
}

/** Meters one month: the invoice bills exactly what the records say. */
function addUsage({ set, chance, today }: BillingGround, subscription: DemoSubscription, month: string): Micros {
  const used = basisPoints(subscription.quantity, BigInt(chance.whole(6_000, 14_000)));
  const lastDay = plusDays(firstOfMonth(month, 1), -1);
  const day = lastDay > today ? today : lastDay;
  // In two readings: what is left after the first is the second.
  const early = basisPoints(used, BigInt(chance.whole(3_000, 7_000)));
  const readings = chance.percent(40)
    ? [[early, plusDays(month, 14)] as const, [used - early, day] as const]
    : [[used, day] as const];
  for (const [quantity, on] of readings) {
    set.add('UsageRecord', on, {
      subscriptionId: subscription.ref,
      rateClassId: subscription.offer.rateClass,
      source: 'meter-1',
      quantity: microsText(quantity),
      usedAt: `${on}T${String(chance.whole(0, 23)).padStart(2, '0')}:30:00.000Z`,
    });
  }
  return used;
}

/** Something that is not billed every month; a discount never exceeds what it is taken off. */
function extraLine(chance: SeededChance, lines: readonly Line[]): Line {
  if (chance.percent(50)) {
    return {
      product: null,
      description: 'Help with the set-up',
      quantity: micros(String(chance.whole(1, 4))),
      unitPrice: micros('85.00'),
    };
  }
  const first = lineAmount(lines[0]!);
  const off = basisPoints(first, BigInt(chance.whole(2, 10) * 100));
  return { product: null, description: 'Goodwill', quantity: micros('1'), unitPrice: -off * 10_000n };
}
