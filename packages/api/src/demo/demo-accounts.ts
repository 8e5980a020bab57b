import { plusDays } from './calendar-days';
import type { DemoSet } from './demo-set';
import { inventCompanies, inventEmail, inventPerson, inventPhone, inventStreet, inventTown } from './invented-names';
import type { DemoCurrency } from './price-book';
import type { SeededChance } from './seeded-chance';

export type DemoRegion = 'EMEA' | 'AMER' | 'APAC' | 'LATAM';

export interface DemoAccount {
  readonly ref: string;
  readonly name: string;
  readonly region: DemoRegion;
  readonly segment: string;
  readonly currency: DemoCurrency;
  readonly status: 'ACTIVE' | 'SUSPENDED' | 'CLOSED';
  /** The day on which they became a customer. */
  readonly since: string;
  readonly parent: DemoAccount | null;
  /** The card that they pay with, if they pay by card. */
  readonly card: string | null;
}

/** How many accounts a region has, and where they are: currency and country. */
const REGIONS: readonly (readonly [DemoRegion, number, readonly (readonly [DemoCurrency, string])[]])[] = [
  [
    'EMEA',
    84,
    [
      ['EUR', 'DE'],
      ['EUR', 'FR'],
      ['EUR', 'NL'],
      ['GBP', 'GB'],
    ],
  ],
  ['AMER', 72, [['USD', 'US']]],
  ['APAC', 38, [['AUD', 'AU']]],
  ['LATAM', 30, [['BRL', 'BR']]],
];

/** Numbers that payment providers publish for tests; no bank ever issued them. */
const TEST_CARDS = [
  ['Visa', '4111111111111111'],
  ['Visa', '4242424242424242'],
  ['Mastercard', '5555555555554444'],
  ['American Express', '378282246310005'],
  ['Discover', '6011111111111117'],
] as const;

const SEGMENTS = ['ENTERPRISE', 'MID_MARKET', 'MID_MARKET', 'SMALL_BUSINESS', 'SMALL_BUSINESS', 'CONSUMER'] as const;
const CREDIT_LIMITS = { ENTERPRISE: 250_000, MID_MARKET: 50_000, SMALL_BUSINESS: 10_000 } as const;

export interface AccountGround {
  readonly set: DemoSet;
  readonly chance: SeededChance;
  /** The day that the demo stands on, and the first day that it bills. */
  readonly today: string;
  readonly from: string;
  /** Persons who answer for accounts. */
  readonly owners: readonly string[];
}

/** All accounts with their contacts and cards. Some belong to another one of the same region. */
export function addAccounts(ground: AccountGround): DemoAccount[] {
  const names = inventCompanies(
    ground.chance,
    REGIONS.reduce((sum, [, count]) => sum + count, 0),
  );
  const accounts: DemoAccount[] = [];
  for (const [region, count, places] of REGIONS) {
    const own: DemoAccount[] = [];
    for (let i = 0; i < count; i++) {
      // Every fifth of a region is the head of a group, and two after it may belong to it.
      const head = i % 5 === 0 ? null : (own[i - (i % 5)] ?? null);
      const parent = head && i % 5 < 3 && ground.chance.percent(70) ? head : null;
      const [currency, country] = parent
        ? places.find(([known]) => known === parent.currency)!
        : ground.chance.pick(places);
      const number = accounts.length + own.length;
      own.push(
        addAccount(ground, { name: names[number]!, number, region, currency, country, parent, isHead: i % 5 === 0 }),
      );
    }
    accounts.push(...own);
  }
  return accounts;
}

interface AccountPlan {
  readonly name: string;
  readonly number: number;
  readonly region: DemoRegion;
  readonly currency: DemoCurrency;
  readonly country: string;
  readonly parent: DemoAccount | null;
  readonly isHead: boolean;
}

function addAccount(ground: AccountGround, plan: AccountPlan): DemoAccount {
  const { set, chance, today, from, owners } = ground;
  const { region, currency, parent } = plan;
  const segment = plan.isHead ? 'ENTERPRISE' : parent ? 'MID_MARKET' : chance.pick(SEGMENTS);
  const person = inventPerson(chance);
  const name = segment === 'CONSUMER' ? `${person.firstName} ${person.lastName}` : plan.name;
  // Seven of ten were there when the demo's books begin; the others came since.
  const since = chance.percent(70) ? plusDays(from, -chance.whole(1, 700)) : plusDays(from, chance.whole(1, 560));
  // Heads of groups stay: portal users of the demo belong to them.
  const fate = plan.isHead ? 99 : chance.whole(0, 99);
  const status = fate < 3 ? 'CLOSED' : fate < 7 ? 'SUSPENDED' : 'ACTIVE';
  const number = 10_001 + plan.number;
  const limit = segment === 'CONSUMER' ? null : `${CREDIT_LIMITS[segment] * chance.whole(1, 4)}.00`;
  const ref = set.add('Account', since, {
    name,
    number: `A-${number}`,
    region,
    segment,
    currency,
    status,
    externalId: `crm-${number}`,
    parentId: parent?.ref ?? null,
    ownerId: chance.percent(95) ? chance.pick(owners) : null,
    creditLimit: limit,
    taxId: segment === 'CONSUMER' ? null : `XT-${chance.digits(9)}`,
  });
  const contacts = chance.whole(1, 3);
  for (let i = 0; i < contacts; i++) {
    const { firstName, lastName } = i === 0 ? person : inventPerson(chance);
    set.add('Contact', since, {
      accountId: ref,
      firstName,
      lastName,
      email: inventEmail(firstName, lastName, String(number)),
      phone: chance.percent(80) ? inventPhone(chance) : null,
      street: inventStreet(chance),
      city: inventTown(chance),
      postalCode: chance.digits(5),
      country: plan.country,
    });
  }
  const card = addCards(set, chance, { ref, since, today, holder: `${person.firstName} ${person.lastName}` });
  return { ref, name, region, segment, currency, status, since, parent, card };
}

function addCards(
  set: DemoSet,
  chance: SeededChance,
  { ref, since, today, holder }: { ref: string; since: string; today: string; holder: string },
): string | null {
  const count = chance.percent(30) ? 0 : chance.percent(20) ? 2 : 1;
  let preferred: string | null = null;
  for (let i = 0; i < count; i++) {
    const [brand, number] = chance.pick(TEST_CARDS);
    const method = set.add('PaymentMethod', since, {
      accountId: ref,
      brand,
      number,
      lastFour: number.slice(-4),
      holder,
      preferred: i === 0,
      expiryMonth: chance.whole(1, 12),
      expiryYear: Number(today.slice(0, 4)) + chance.whole(1, 4),
    });
    preferred ??= method;
  }
  return preferred;
}
