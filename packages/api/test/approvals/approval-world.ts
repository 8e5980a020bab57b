import type { GivenChange } from '../../src/records/change';
import { starterPolicy } from '../../src/starter/starter-policy';
import { startTestGateway, type TestGateway, type TestGatewayOptions, type TestPerson } from '../harness/test-gateway';

// biome-ignore lint/suspicious/noExplicitAny: answers are JSON, and each test knows its own
type ReviewAnswer = any;

/** A gateway with the starter policy, its gates closed, a small price book, and the people who change and check it. */
export interface ApprovalWorld {
  readonly gateway: TestGateway;
  readonly maker: TestPerson;
  readonly checker: TestPerson;
  readonly secondChecker: TestPerson;
  readonly director: TestPerson;
  readonly adminOne: TestPerson;
  readonly adminTwo: TestPerson;
  readonly analyst: TestPerson;
  readonly productId: string;
  readonly priceId: string;
  /** The moment that the gateway takes for now, moved by tests. */
  readonly clock: { now: Date };
  /** A price of its own, so that tests do not meet. */
  newPrice(amount?: string): Promise<string>;
  /** The version and amount of a price as the database has it. */
  price(id: string): Promise<{ version: number; amount: string } | undefined>;
  /** Asks as somebody and gives what the first field of `data` holds. Throws with the errors when there are any. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are JSON, and each test knows its own
  as<T = any>(who: TestPerson, query: string, variables?: unknown): Promise<T>;
  /** The code of the first error that asking gives, or null. */
  refusal(who: TestPerson, query: string, variables?: unknown): Promise<string | null>;
  /** Asks for another amount; gives the pending change. */
  askFor(id: string, amount: string, who?: TestPerson): Promise<{ id: string; status: string; waitingFor: string[] }>;
  review(who: TestPerson, id: string): Promise<ReviewAnswer>;
  /** Looks and signs. */
  approve(
    who: TestPerson,
    id: string,
    more?: Record<string, unknown>,
  ): Promise<{ status: string; outcome: string | null }>;
  close(): Promise<void>;
}

const UPDATE = `mutation ($id: ID!, $v: Int!, $input: PriceUpdateInput!) {
  updatePrice(id: $id, expectedVersion: $v, input: $input) {
    price { id version amount } pendingChange { id status waitingFor } userErrors { code field message }
  }
}`;

export const REVIEW = `query ($id: ID!) {
  pendingChangeReview(id: $id) {
    id status objectName maker reason revision digest waitingFor outcome expiresAt effectiveAt
    items { object action recordId fields { name see old proposed current } }
    requirements { rule level needed given complete }
    decisions { kind person onBehalfOf level revision comment }
  }
}`;

export const DECIDE = (verb: 'approveChange' | 'rejectChange') =>
  `mutation ($input: DecideInput!) { ${verb}(input: $input) { id status outcome } }`;

export interface ApprovalWorldOptions extends Pick<TestGatewayOptions, 'settings' | 'log'> {
  readonly rules?: readonly GivenChange[];
  /** The moment at which it begins. */
  readonly now?: Date;
}

export async function approvalWorld({
  rules = [],
  now,
  ...options
}: ApprovalWorldOptions = {}): Promise<ApprovalWorld> {
  const clock = { now: now ?? new Date('2026-05-04T09:00:00.000Z') };
  const gateway = await startTestGateway({ ...options, now: () => clock.now });
  await gateway.install([...starterPolicy(gateway.catalogue), ...rules]);
  const person = (name: string, ...roles: string[]) => gateway.person({ name, audience: 'STAFF', roles });
  const maker = await person('Mara Keller', 'pricing-maker');
  const checker = await person('Cheng Ecker', 'pricing-checker');
  const secondChecker = await person('Sekai Ondo', 'pricing-checker');
  const director = await person('Dirk Ektor', 'finance-director');
  const analyst = await person('Anna Lytis', 'finance-analyst');
  const adminOne = await person('Adina Monk', 'security-admin');
  const adminTwo = await person('Adam Twill', 'security-admin');
  const made = await gateway.install([
    { verb: 'create', object: 'Product', input: { name: 'Line', code: 'LINE', status: 'ACTIVE' } },
  ]);
  const productId = made[0]!.id;

  const raw = (who: TestPerson, query: string, variables?: unknown) => gateway.ask(who.token, query, variables);
  const world: ApprovalWorld = {
    gateway,
    maker,
    checker,
    secondChecker,
    director,
    adminOne,
    adminTwo,
    analyst,
    productId,
    priceId: '',
    clock,
    async newPrice(amount = '100.000000') {
      const input = { productId, model: 'FLAT', currency: 'EUR', amount, effectiveFrom: '2026-01-01' };
      // Made longer ago than any rule looks back: what did not exist then is held whatever its size.
      const { now } = clock;
      clock.now = new Date(now.getTime() - 30 * 86_400_000);
      const [record] = await gateway.install([{ verb: 'create', object: 'Price', input }]);
      clock.now = now;
      return record!.id;
    },
    async price(id) {
      const rows = await gateway.sql(`select version, amount::text as amount from price where id='${id}'`);
      return rows[0] as { version: number; amount: string } | undefined;
    },
    async as(who, query, variables) {
      const { body, text } = await raw(who, query, variables);
      if (body.errors?.length) throw new Error(text);
      return Object.values(body.data ?? {})[0] as never;
    },
    async refusal(who, query, variables) {
      const { body } = await raw(who, query, variables);
      return (body.errors?.[0]?.extensions?.code as string | undefined) ?? null;
    },
    async askFor(id, amount, who = maker) {
      const { version } = (await world.price(id))!;
      const answer = await world.as(who, UPDATE, { id, v: version, input: { amount } });
      if (!answer.pendingChange) throw new Error(JSON.stringify(answer));
      return answer.pendingChange;
    },
    review: (who, id) => world.as(who, REVIEW, { id }),
    async approve(who, id, more = {}) {
      const { digest } = await world.review(who, id);
      return world.as(who, DECIDE('approveChange'), { input: { id, digest, ...more } });
    },
    close: () => gateway.stop(),
  };
  return Object.assign(world, { priceId: await world.newPrice() });
}
