import { Client } from 'pg';
import { centsText } from '../../src/billing/exact-amounts';
import { nextInvoice } from '../../src/billing/next-invoice';
import { loadBillingBook } from '../../src/capabilities/approvals/impact/load-billing-book';
import type { TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld } from './approval-world';

let world: ApprovalWorld;
let emea: TestPerson;
let europe: string;
let america: string;
let contract: string;
beforeAll(async () => {
  world = await approvalWorld();
  const { gateway } = world;
  const account = (name: string, region: string) =>
    ({
      verb: 'create',
      object: 'Account',
      input: { name, region, segment: 'ENTERPRISE', currency: 'EUR' },
    }) as const;
  const made = await gateway.install([account('North', 'EMEA'), account('West', 'AMER')]);
  [europe, america] = made.map(({ id }) => id) as [string, string];
  const ids = await gateway.roleIds();
  await gateway.install([
    { verb: 'create', object: 'Role', as: 'role', input: { name: 'emea-checker' } },
    { verb: 'create', object: 'RoleInheritance', input: { roleId: '@role', inheritsId: ids.get('pricing-checker') } },
    { verb: 'create', object: 'SharingGroup', as: 'group', input: { name: 'Europe', access: 'READ' } },
    { verb: 'create', object: 'SharingMember', input: { groupId: '@group', roleId: '@role' } },
    {
      verb: 'create',
      object: 'SharingCondition',
      input: { groupId: '@group', objectName: 'Account', condition: { region: { eq: 'EMEA' } } },
    },
  ]);
  emea = await gateway.person({ name: 'Emre Aydin', audience: 'STAFF', roles: ['emea-checker'] });
  const [agreed] = await gateway.install([
    {
      verb: 'create',
      object: 'Contract',
      input: { accountId: europe, number: 'C-1', status: 'ACTIVE', currency: 'EUR', startsOn: '2026-01-01' },
    },
  ]);
  contract = agreed!.id;
});
afterAll(() => world.close());

const IMPACT = `query ($id: ID!) { pendingChangeImpact(id: $id) {
  kind day subscriptions contracts accounts notTold withheld
  nextInvoices { currency before after delta } hidden { subscriptions nextInvoices { currency delta } }
} }`;

const impact = (who: TestPerson, id: string) => world.as(who, IMPACT, { id });

/** A product of its own with a list price per unit, and who is subscribed to it; gives the price. */
async function soldTo(...subscriptions: readonly Record<string, unknown>[]): Promise<string> {
  const { now } = world.clock;
  world.clock.now = new Date(now.getTime() - 30 * 86_400_000);
  const made = await world.gateway.install([
    { verb: 'create', object: 'Product', as: 'p', input: { name: 'Seat', code: 'SEAT', status: 'ACTIVE' } },
    {
      verb: 'create',
      object: 'Price',
      as: 'price',
      input: { productId: '@p', model: 'PER_UNIT', currency: 'EUR', amount: '10', effectiveFrom: '2026-01-01' },
    },
    ...subscriptions.map((input) => ({
      verb: 'create' as const,
      object: 'Subscription',
      input: { productId: '@p', startsOn: '2026-01-01', ...input },
    })),
  ]);
  world.clock.now = now;
  return made.find(({ object }) => object === 'Price')!.id;
}

interface Subscribed {
  readonly quantity: string;
  readonly contract: {
    readonly rates: { readonly nodes: { amount: string; discountPercent: string | null }[] };
  } | null;
}

/** What is billed next for the subscriptions of a price’s product, by what everybody reads over the API, in whole cents. */
async function billedByHand(price: string): Promise<number> {
  const { product } = await world.as(
    world.checker,
    `query ($id: ID!) { price(id: $id) { product {
      prices { nodes { amount } } subscriptions(where: { status: { eq: ACTIVE } }) { nodes { quantity
        contract { rates { nodes { amount discountPercent } } } } } } } }`,
    { id: price },
  );
  const [list] = product.prices.nodes;
  const subscriptions: Subscribed[] = product.subscriptions.nodes;
  return subscriptions.reduce((sum, { quantity, contract: agreed }) => {
    const rate = agreed?.rates.nodes.at(-1);
    const unit = rate ? Number(rate.amount) * (1 - Number(rate.discountPercent ?? 0) / 100) : Number(list.amount);
    return sum + Math.round(Number(quantity) * unit * 100);
  }, 0);
}

test('the preview of a price change says what the next invoices come to, and applying it then shows just that', async () => {
  const price = await soldTo(
    { accountId: europe, quantity: '3' },
    { accountId: europe, quantity: '2', status: 'PAUSED' },
    { accountId: america, quantity: '5.5' },
  );
  const held = await world.askFor(price, '11.250000');
  const seen = await impact(world.checker, held.id);
  expect(seen).toMatchObject({
    kind: 'FIGURES',
    day: '2026-05-04',
    subscriptions: 2,
    contracts: 0,
    accounts: 2,
    notTold: 0,
    withheld: [],
    nextInvoices: [{ currency: 'EUR', before: '85.00', after: '95.63', delta: '10.63' }],
  });
  expect(await billedByHand(price)).toBe(8_500);
  expect(await world.approve(world.checker, held.id)).toMatchObject({ status: 'APPLIED' });
  expect(await billedByHand(price)).toBe(9_563);
});

test('a rate that is agreed in a contract counts in the subscriptions under it, and in no others', async () => {
  const price = await soldTo({ accountId: europe, quantity: '4', contractId: contract }, { accountId: europe });
  const { product } = await world.as(world.checker, 'query ($id: ID!) { price(id: $id) { product { id } } }', {
    id: price,
  });
  const input = {
    contractId: contract,
    productId: product.id,
    currency: 'EUR',
    amount: '9.00',
    discountPercent: '10.00',
    effectiveFrom: '2026-05-01',
  };
  const create = `mutation ($input: ContractRateCreateInput!) { createContractRate(input: $input) { pendingChange { id } } }`;
  const { pendingChange: held } = await world.as(world.maker, create, { input });
  expect(await impact(world.checker, held.id)).toMatchObject({
    subscriptions: 1,
    contracts: 1,
    accounts: 1,
    nextInvoices: [{ currency: 'EUR', before: '40.00', after: '32.40', delta: '-7.60' }],
  });
  await world.approve(world.checker, held.id);
  expect(await world.approve(world.director, held.id)).toMatchObject({ status: 'APPLIED' });
  expect(await billedByHand(price)).toBe(4_240);
});

test('a checker sees what is in their own sight; the rest is counted and summed only where every rule says so', async () => {
  const price = await soldTo({ accountId: europe, quantity: '3' }, { accountId: america, quantity: '5' });
  const held = await world.askFor(price, '11.000000');
  const inEurope = {
    subscriptions: 1,
    accounts: 1,
    nextInvoices: [{ before: '30.00', after: '33.00', delta: '3.00' }],
  };
  expect(await impact(emea, held.id)).toMatchObject({ ...inEurope, hidden: null });

  const [rule] = await world.gateway.sql(`select id from approval_rule where name='Price book'`);
  const say = (revealsHiddenTotals: boolean | null) =>
    world.gateway.install([
      { verb: 'update', object: 'ApprovalRule', id: rule!.id as string, input: { revealsHiddenTotals } },
    ]);
  await say(true);
  // What held the change did not say so then; what holds it from now on does.
  expect(await impact(emea, held.id)).toMatchObject({ ...inEurope, hidden: null });
  const later = await world.askFor(price, '11.000000');
  const rest = { subscriptions: 1, nextInvoices: [{ currency: 'EUR', delta: '5.00' }] };
  expect(await impact(emea, later.id)).toMatchObject({ ...inEurope, hidden: rest });
  // The maker is no checker of it.
  expect((await impact(world.maker, later.id)).hidden).toBeNull();
  const large = await world.askFor(price, '20.000000');
  expect((await impact(emea, large.id)).hidden).toBeNull();
  await say(null);
  expect((await impact(emea, later.id)).hidden).toBeNull();
});

test('whoever does not see a field that the sum is made of sees no sum, and is told which field', async () => {
  const { gateway } = world;
  const ids = await gateway.roleIds();
  await gateway.install([
    { verb: 'create', object: 'Role', as: 'role', input: { name: 'blind-checker' } },
    { verb: 'create', object: 'RoleInheritance', input: { roleId: '@role', inheritsId: ids.get('pricing-checker') } },
    {
      verb: 'create',
      object: 'FieldPermission',
      input: {
        roleId: '@role',
        objectName: 'Subscription',
        fieldName: 'quantity',
        action: 'SEE_CLEAR',
        effect: 'DENY',
      },
    },
  ]);
  const blind = await gateway.person({ name: 'Bo Lind', audience: 'STAFF', roles: ['blind-checker'] });
  const held = await world.askFor(await soldTo({ accountId: europe, quantity: '3' }), '11.000000');
  expect(await impact(blind, held.id)).toMatchObject({
    kind: 'FIGURES',
    subscriptions: 1,
    nextInvoices: null,
    withheld: ['Subscription.quantity'],
  });
  const seen = await impact(world.maker, held.id);
  expect(seen).toMatchObject({ subscriptions: null, accounts: null, nextInvoices: null });
  expect(seen.withheld).toContain('Subscription.status');
  expect(await world.refusal(world.analyst, IMPACT, { id: held.id })).toBe('NOT_FOUND');
});

describe('a preview', () => {
  test('leaves nothing behind, and locks nothing', async () => {
    const price = await soldTo({ accountId: europe, quantity: '3' });
    const held = await world.askFor(price, '11.000000');
    const everything = async () => {
      const counts = await world.gateway.sql(`select (select count(*) from audit_entry
        where action in ('CREATE', 'UPDATE', 'DELETE')) as entries, (select sum(version) from price) as versions,
        (select count(*) from pending_change) as pending, (select count(*) from approval_decision) as decisions`);
      return counts[0];
    };
    const before = await everything();
    for (let n = 0; n < 3; n += 1) await impact(world.checker, held.id);
    expect(await everything()).toEqual(before);
    const idle = await world.gateway.sql(
      `select 1 from pg_locks l join pg_class c on c.oid=l.relation where c.relname in ('price', 'subscription')
        and l.mode<>'AccessShareLock' and l.database=(select oid from pg_database where datname=current_database())`,
    );
    expect(idle).toEqual([]);
  });

  test('gives up on a record that somebody else is changing, while they go on', async () => {
    const price = await soldTo({ accountId: europe, quantity: '3' });
    const held = await world.askFor(price, '11.000000');
    const other = new Client({
      connectionString: world.gateway.database.adminUrl,
      options: '-c search_path=countersign',
    });
    await other.connect();
    await other.query('begin');
    await other.query('select 1 from price where id=$1 for update', [price]);
    expect(await impact(world.checker, held.id)).toMatchObject({ kind: 'NOT_POSSIBLE', nextInvoices: null });
    await other.query('rollback');
    await other.end();
    expect(await impact(world.checker, held.id)).toMatchObject({ kind: 'FIGURES' });
  });

  test('of more subscriptions than one look may compute says so, and gives no figure', async () => {
    const price = await soldTo({ accountId: europe });
    const held = await world.askFor(price, '11.000000');
    await world.gateway.sql(`set session_replication_role=replica; insert into subscription
      select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).* from subscription s,
        generate_series(1, 5001) where s.product_id=(select product_id from price where id='${price}')`);
    expect(await impact(world.checker, held.id)).toMatchObject({ kind: 'TOO_MANY', subscriptions: null });
  });

  test('is one an operation', async () => {
    const held = await world.askFor(await soldTo({ accountId: europe }), '11.000000');
    const twice = `query ($id: ID!) { a: pendingChangeImpact(id: $id) { kind } b: pendingChangeImpact(id: $id) { kind } }`;
    expect(await world.refusal(world.checker, twice, { id: held.id })).toBe('BAD_USER_INPUT');
  });
});

test('a price that begins later is compared on that day, which is told to those only who see when it begins', async () => {
  const { gateway } = world;
  const ids = await gateway.roleIds();
  await gateway.install([
    { verb: 'create', object: 'Role', as: 'role', input: { name: 'dateless-checker' } },
    { verb: 'create', object: 'RoleInheritance', input: { roleId: '@role', inheritsId: ids.get('pricing-checker') } },
    {
      verb: 'create',
      object: 'FieldPermission',
      input: {
        roleId: '@role',
        objectName: 'Price',
        fieldName: 'effectiveFrom',
        action: 'SEE_CLEAR',
        effect: 'DENY',
      },
    },
  ]);
  const dateless = await gateway.person({ name: 'Dara Less', audience: 'STAFF', roles: ['dateless-checker'] });
  const price = await soldTo({ accountId: europe, quantity: '3' });
  const [{ product_id: productId }] = (await gateway.sql(`select product_id from price where id='${price}'`)) as [
    { product_id: string },
  ];
  const input = { productId, model: 'PER_UNIT', currency: 'EUR', amount: '12', effectiveFrom: '2026-09-15' };
  const create = 'mutation ($input: PriceCreateInput!) { createPrice(input: $input) { pendingChange { id } } }';
  const { pendingChange } = await world.as(world.maker, create, { input });
  expect(await impact(world.checker, pendingChange.id)).toMatchObject({
    day: '2026-09-15',
    nextInvoices: [{ before: '30.00', after: '36.00', delta: '6.00' }],
  });
  expect(await impact(dateless, pendingChange.id)).toMatchObject({ day: null, nextInvoices: null });
});

describe('Whatever changes, the preview shows what applying it leaves:', () => {
  const USED = '2026-04-10T00:00:00.000Z';
  const records = [
    { object: 'RateClass', as: 'class', input: { name: 'Calls', unit: 'minute' } },
    { object: 'Product', as: 'calls', input: { name: 'Calls', code: 'CALLS', status: 'ACTIVE' } },
    { object: 'Product', as: 'seat', input: { name: 'Seat', code: 'SEAT-P', status: 'ACTIVE' } },
    { object: 'Package', as: 'bundle', input: { name: 'Bundle', code: 'B', status: 'ACTIVE' } },
    { object: 'PackageItem', as: 'item', input: { packageId: '@bundle', productId: '@seat', quantity: '4' } },
    {
      object: 'Price',
      as: 'metered',
      input: { productId: '@calls', rateClassId: '@class', model: 'TIERED', tiers: steps('0.5', '0.25') },
    },
    { object: 'Price', as: 'unit', input: { productId: '@seat', model: 'PER_UNIT', amount: '7' } },
  ];
  function steps(first: string, rest: string) {
    return [
      { upTo: '100', amount: first },
      { upTo: null, amount: rest },
    ];
  }

  let ids: Map<string, string>;
  let subscriptions: Set<string>;
  beforeAll(async () => {
    const prices = { currency: 'EUR', effectiveFrom: '2026-01-01' };
    const sold = [
      { as: 's1', input: { accountId: europe, contractId: contract, productId: '@calls', quantity: '1' } },
      { as: 's2', input: { accountId: america, productId: '@calls', quantity: '1' } },
      { as: 's3', input: { accountId: america, packageId: '@bundle', quantity: '2' } },
      { as: 's4', input: { accountId: europe, contractId: contract, productId: '@seat', quantity: '3' } },
    ];
    const given = [
      ...records.map(({ object, as, input }) => ({
        object,
        as,
        input: object === 'Price' ? { ...prices, ...input } : input,
      })),
      ...sold.map(({ as, input }) => ({ object: 'Subscription', as, input: { ...input, startsOn: '2026-01-01' } })),
      {
        object: 'ContractRate',
        as: 'rate',
        input: { ...prices, contractId: contract, productId: '@seat', amount: '6', discountPercent: '5.00' },
      },
      ...['@s1', '@s2'].map((subscriptionId, n) => ({
        object: 'UsageRecord',
        as: `u${n}`,
        input: { subscriptionId, rateClassId: '@class', quantity: String(90 + 40 * n), usedAt: USED },
      })),
    ];
    const made = await world.gateway.install(given.map((record) => ({ verb: 'create' as const, ...record })));
    ids = new Map(given.map(({ as }, index) => [as, made[index]!.id]));
    subscriptions = new Set(sold.map(({ as }) => ids.get(as)!));
  });

  /** What is billed next for all of them, from the tables as they are. */
  async function billedNow(): Promise<bigint> {
    const { core } = world.gateway;
    const book = await loadBillingBook(
      core.writes.dataSource.manager,
      world.gateway.catalogue,
      subscriptions,
      '2026-05-04',
    );
    return [...subscriptions].reduce((sum, id) => sum + (nextInvoice(book, id, '2026-05-04')?.amount ?? 0n), 0n);
  }

  test.each<[string, string, Record<string, unknown>, string]>([
    ['the steps of a price', 'Price metered', { tiers: steps('0.6', '0.2') }, '17.50'],
    ['the model of a price', 'Price metered', { model: 'VOLUME' }, '-40.00'],
    ['the last day of a price', 'Price unit', { effectiveTo: '2026-03-31' }, '-56.00'],
    ['how many a package contains', 'PackageItem item', { quantity: '5' }, '0.00'],
    ['the discount of a rate', 'ContractRate rate', { discountPercent: '50.00' }, '-8.10'],
    ['nothing that is billed', 'Package bundle', { description: 'The same' }, '0.00'],
  ])('%s', async (_what, record, input, delta) => {
    const [object, as] = record.split(' ') as [string, string];
    const change = { [`update${object}`]: { id: ids.get(as), expectedVersion: await versionOf(object, as), input } };
    const set = `mutation ($changes: [ChangeInput!]!) {
      applyChangeSet(changes: $changes) { pendingChange { id } userErrors { message } } }`;
    const { pendingChange, userErrors } = await world.as(world.maker, set, { changes: [change] });
    expect(userErrors).toEqual([]);
    const before = await billedNow();
    const seen = await impact(world.checker, pendingChange.id);
    const shown = seen.nextInvoices.map((one: { delta: string }) => one.delta);
    expect(shown).toEqual([delta]);
    for (const who of [world.checker, world.director]) {
      await world.approve(who, pendingChange.id).catch(() => undefined);
    }
    const [{ status }] = (await world.gateway.sql(
      `select status from pending_change where id='${pendingChange.id}'`,
    )) as [{ status: string }];
    expect(status).toBe('APPLIED');
    expect(centsText((await billedNow()) - before)).toBe(delta);
  });

  async function versionOf(object: string, as: string): Promise<number> {
    const { table } = world.gateway.catalogue.objects.get(object)!;
    return Number((await world.gateway.sql(`select version from ${table} where id='${ids.get(as)}'`))[0]!.version);
  }
});
