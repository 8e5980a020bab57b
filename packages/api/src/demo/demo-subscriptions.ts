import { basisPoints, type Micros, micros, microsText } from '../billing/exact-amounts';
import { firstOfMonth, plusDays } from './calendar-days';
import type { DemoAccount } from './demo-accounts';
import type { DemoSet } from './demo-set';
import type { DemoOffer, DemoTier } from './price-book';
import type { SeededChance } from './seeded-chance';

/** Something that an account is billed for, month after month. */
export interface DemoSubscription {
  readonly ref: string;
  readonly contract: DemoContract | null;
  readonly offer: DemoOffer;
  /** Units a month; for usage, what a month has on average. */
  readonly quantity: Micros;
  readonly unitPrice: Micros | null;
  readonly tiers: readonly DemoTier[];
  readonly from: string;
  /** The first day of the first month that is no longer billed; null while it runs. */
  readonly until: string | null;
}

export interface DemoContract {
  readonly ref: string;
  readonly termDays: number;
}

export interface SubscriptionGround {
  readonly set: DemoSet;
  readonly chance: SeededChance;
  readonly today: string;
  readonly from: string;
  readonly offers: readonly DemoOffer[];
}

/** Contract, agreed rates and subscriptions of one account. */
export function addSubscriptions(ground: SubscriptionGround, account: DemoAccount): DemoSubscription[] {
  const { chance, offers } = ground;
  const contract = account.segment === 'ENTERPRISE' || chance.percent(45) ? addContract(ground, account) : null;
  const fixed = offers.filter(({ model }) => model === 'FLAT' || model === 'PER_UNIT');
  const metered = offers.filter(({ model }) => model === 'TIERED' || model === 'VOLUME');
  const count = account.segment === 'CONSUMER' ? 1 : chance.whole(1, 3);
  const chosen = [...chance.shuffled(fixed).slice(0, count), ...(chance.percent(30) ? [chance.pick(metered)] : [])];
  return chosen.map((offer) => addSubscription(ground, account, contract, offer));
}

function addContract({ set, chance, today }: SubscriptionGround, account: DemoAccount): DemoContract {
  const startsOn = firstOfMonth(account.since, 0);
  const endsOn = chance.percent(60) ? plusDays(firstOfMonth(startsOn, 36), -1) : null;
  const ended = endsOn !== null && endsOn < today;
  const termDays = chance.pick([14, 30, 30, 45]);
  const ref = set.add('Contract', startsOn, {
    accountId: account.ref,
    number: `C-${chance.digits(6)}`,
    name: `Services for ${account.name}`,
    status: account.status === 'CLOSED' ? 'TERMINATED' : ended ? 'EXPIRED' : 'ACTIVE',
    currency: account.currency,
    committedAmount: chance.percent(50) ? `${chance.whole(5, 80)}000.00` : null,
    paymentTermDays: termDays,
    autoRenew: chance.percent(50),
    signedOn: plusDays(startsOn, -chance.whole(3, 40)),
    startsOn,
    endsOn,
  });
  return { ref, termDays };
}

function addSubscription(
  ground: SubscriptionGround,
  account: DemoAccount,
  contract: DemoContract | null,
  offer: DemoOffer,
): DemoSubscription {
  const { set, chance, from, today } = ground;
  // The demo's books begin on a certain day; who came later is billed from the next month on.
  const isNew = account.since > from;
  const startsOn = isNew ? firstOfMonth(account.since, 1) : from;
  const until = account.status === 'CLOSED' ? firstOfMonth(today, -chance.whole(2, 5)) : null;
  const price = offer.prices[account.currency];
  const quantity = quantityOf(chance, offer);
  const agreed = contract && price.amount !== null && offer.kind === 'product' && chance.percent(60);
  const unitPrice = agreed ? agreedRate(ground, account, contract, offer, price.amount!) : price.amount;
  const began = isNew ? startsOn : firstOfMonth(account.since, 1);
  const ended = until !== null && until > began;
  const ref = set.add('Subscription', began, {
    accountId: account.ref,
    contractId: contract?.ref ?? null,
    priceId: price.ref,
    quantity: microsText(quantity),
    [`${offer.kind}Id`]: offer.ref,
    billingPeriod: 'MONTH',
    startsOn: began,
    status: ended ? 'CANCELLED' : account.status === 'SUSPENDED' ? 'PAUSED' : 'ACTIVE',
    endsOn: ended ? plusDays(until, -1) : null,
  });
  return { ref, contract, offer, quantity, unitPrice, tiers: price.tiers, from: startsOn, until };
}

function quantityOf(chance: SeededChance, { model, kind, rateClass }: DemoOffer): Micros {
  if (kind === 'package' || model === 'FLAT') return micros('1');
  if (rateClass === null) return micros(String(chance.whole(2, 60)));
  return micros(`${chance.whole(40, 1800)}.${chance.digits(1)}`);
}

/** The list price less five to twenty percent, written down as a rate of the contract. */
function agreedRate(
  { set, chance }: SubscriptionGround,
  account: DemoAccount,
  contract: DemoContract,
  offer: DemoOffer,
  list: Micros,
): Micros {
  const percent = chance.whole(5, 20);
  const effectiveFrom = firstOfMonth(account.since, 0);
  set.add('ContractRate', effectiveFrom, {
    contractId: contract.ref,
    productId: offer.ref,
    currency: account.currency,
    amount: microsText(list),
    discountPercent: `${percent}.00`,
    effectiveFrom,
  });
  return basisPoints(list, BigInt(10_000 - percent * 100));
}
