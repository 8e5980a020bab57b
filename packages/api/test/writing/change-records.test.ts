import { canonicalJson, verifySlots } from '@countersign/crypto';
import { objectOf } from '@countersign/schema';
import { imageText } from '../../src/database/record-image';
import type { ChangeOutcome } from '../../src/records/change';
import { ACCOUNT, INVOICE, type People, peopleIn } from './people';
import { create, createWorld, footprint, imageOf, remove, type StoredTrace, traces, update, type World } from './world';

let world: World;
let people: People;

beforeAll(async () => {
  world = await createWorld();
  people = await peopleIn(world);
});

afterAll(() => world?.close());

const ids = (outcome: ChangeOutcome): string[] => {
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.userErrors));
  return outcome.records.map(({ id }) => id);
};
const clerkCreates = async (object: string, input: Record<string, unknown>) =>
  ids(await world.apply(people.clerk, create(object, input)))[0]!;
let numbers = 0;
const invoice = (more: Record<string, unknown> = {}) => ({
  ...INVOICE,
  accountId: people.emeaAccount,
  number: `N-${++numbers}`,
  ...more,
});

/** The header as RFC 8785 has it, written down here a second time. */
function headerOf(entry: StoredTrace): string {
  return canonicalJson({
    v: 2,
    id: entry.id,
    at: new Date(entry.at).toISOString(),
    action: entry.action,
    object: entry.object_name,
    record: entry.record_id,
    user: entry.user_id,
    person: entry.person_id,
    client: entry.client_id,
    request: entry.request_id,
    policyVersion: entry.policy_version,
    outside: entry.outside,
    reason: entry.reason,
    session: entry.session_id,
    onBehalfOf: entry.on_behalf_of,
    breakGlass: entry.break_glass,
    code: entry.code,
    slots: Object.keys(entry.slots ?? {}).sort(),
  });
}

describe('what is written', () => {
  test('a create stores the values with defaults, the version, the moment and who did it', async () => {
    const id = await clerkCreates('Invoice', invoice({ total: '12.5', notes: 'Grüße 🌍' }));
    expect(await imageOf(world, 'Invoice', id)).toMatchObject({
      account: people.emeaAccount,
      contract: null,
      status: 'DRAFT',
      subtotal: '0.00',
      total: '12.50',
      notes: 'Grüße 🌍',
      version: 1,
      createdAt: '2026-03-01T09:30:00.123Z',
      updatedAt: '2026-03-01T09:30:00.123Z',
      createdBy: people.clerk,
      updatedBy: people.clerk,
    });
  });

  test('the trace of a create holds every value that is not empty, and says who, when, in which request and policy', async () => {
    const id = await clerkCreates('Invoice', invoice());
    const [entry, ...more] = await traces(world, id);
    expect(more).toEqual([]);
    const image = await imageOf(world, 'Invoice', id);
    const filled = Object.entries(image!).filter(([, value]) => value !== null);
    expect(entry!.slots).toEqual(Object.fromEntries(filled.map(([name, value]) => [name, [null, value]])));
    expect(entry).toMatchObject({
      action: 'CREATE',
      object_name: 'Invoice',
      user_id: people.clerk,
      request_id: 'req-1',
      policy_version: 1,
      outside: false,
      reason: null,
    });
    expect(entry!.person_id).not.toBeNull();
    expect(entry!.unsealed).toBe(entry!.id);
  });

  test('an update writes the changed fields only, raises the version and traces old and new values', async () => {
    const id = await clerkCreates('Invoice', invoice());
    world.clock = new Date('2026-03-02T00:00:00.007Z');
    const outcome = await world.apply(
      people.clerk,
      update('Invoice', id, { total: '7', status: 'DRAFT', notes: null }, 1),
    );
    expect(outcome).toMatchObject({ kind: 'applied', records: [{ object: 'Invoice', id, version: 2 }] });
    const [, entry] = await traces(world, id);
    expect(entry).toMatchObject({ action: 'UPDATE' });
    expect(entry!.slots).toEqual({
      total: ['0.00', '7.00'],
      version: [1, 2],
      updatedAt: ['2026-03-01T09:30:00.123Z', '2026-03-02T00:00:00.007Z'],
    });
  });

  test('an update that changes nothing writes nothing and leaves no trace', async () => {
    const id = await clerkCreates('Invoice', invoice({ total: '3.00' }));
    const before = await footprint(world);
    const outcome = await world.apply(people.clerk, update('Invoice', id, { total: '3', notes: null }));
    expect(outcome).toMatchObject({ kind: 'applied', records: [{ version: 1 }] });
    expect(await footprint(world)).toEqual(before);
  });

  test('a delete removes the record and leaves all it held in the trace', async () => {
    const id = await clerkCreates('Invoice', invoice());
    const image = await imageOf(world, 'Invoice', id);
    const outcome = await world.apply(people.clerk, remove('Invoice', id, 1));
    expect(outcome).toMatchObject({ kind: 'applied', records: [{ id, version: null }] });
    expect(await imageOf(world, 'Invoice', id)).toBeNull();
    const entry = (await traces(world, id)).at(-1)!;
    expect(entry.action).toBe('DELETE');
    const filled = Object.entries(image!).filter(([, value]) => value !== null);
    expect(entry.slots).toEqual(Object.fromEntries(filled.map(([name, value]) => [name, [value, null]])));
  });
});

describe('change sets', () => {
  test('later changes refer to new records by name, and everything is there at once', async () => {
    const outcome = await world.apply(
      people.clerk,
      create('Account', { ...ACCOUNT, name: 'Cassini Ltd' }, 'new'),
      create('Contract', { accountId: '@new', number: 'C-1', currency: 'EUR', startsOn: '2026-01-01' }, 'deal'),
      create('Invoice', { ...INVOICE, accountId: '@new', contractId: '@deal' }, 'bill'),
      create('InvoiceLine', { invoiceId: '@bill', description: 'Seats', unitPrice: '5', amount: '5' }),
      update('Account', people.emeaAccount, { parentId: '@new' }),
    );
    const [account, contract, bill, line] = ids(outcome);
    expect(await imageOf(world, 'Invoice', bill!)).toMatchObject({ account, contract });
    expect(await imageOf(world, 'InvoiceLine', line!)).toMatchObject({ invoice: bill });
    expect(await imageOf(world, 'Account', people.emeaAccount)).toMatchObject({ parent: account });
  });

  test('one change that fails takes all others with it, their traces too', async () => {
    const id = await clerkCreates('Invoice', invoice());
    const before = await footprint(world);
    const attempt = world.apply(
      people.clerk,
      create('Invoice', invoice()),
      update('Invoice', id, { total: '9' }, 1),
      create('Account', { ...ACCOUNT, region: 'APAC' }),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await footprint(world)).toEqual(before);
    expect(await imageOf(world, 'Invoice', id)).toMatchObject({ total: '0.00', version: 1 });
  });

  test('a name is known to later changes only, and only as what it was given to', async () => {
    const outcome = await world.apply(
      people.clerk,
      { ...create('Invoice', invoice({ accountId: '@late' })), place: ['changes', '0', 'createInvoice'] },
      { ...create('Account', ACCOUNT, 'late'), place: ['changes', '1', 'createAccount'] },
      { ...create('Invoice', invoice({ contractId: '@late' })), place: ['changes', '2', 'createInvoice'] },
      { ...create('Account', ACCOUNT, 'late'), place: ['changes', '3', 'createAccount'] },
    );
    expect(outcome).toMatchObject({
      kind: 'refused',
      userErrors: [
        { code: 'NOT_FOUND', field: ['changes', '0', 'createInvoice', 'input', 'accountId'] },
        { code: 'NOT_FOUND', field: ['changes', '2', 'createInvoice', 'input', 'contractId'] },
        { code: 'INVALID', field: ['changes', '3', 'createAccount', 'as'] },
      ],
    });
  });

  test('a record appears once in a set', async () => {
    const id = await clerkCreates('Invoice', invoice());
    const outcome = await world.apply(people.clerk, update('Invoice', id, { total: '1' }), remove('Invoice', id));
    expect(outcome).toMatchObject({ kind: 'refused', userErrors: [{ code: 'INVALID', field: ['id'] }] });
  });
});

describe('what policy refuses', () => {
  test('one forbidden field refuses the whole set, and nothing is written', async () => {
    const before = await footprint(world);
    const attempt = world.apply(
      people.clerk,
      create('Invoice', invoice()),
      update('Account', people.emeaAccount, { name: 'Renamed', creditLimit: '100' }),
    );
    await expect(attempt).rejects.toMatchObject({
      code: 'FIELD_FORBIDDEN',
      detail: { coordinate: 'Account.creditLimit' },
    });
    expect(await footprint(world)).toEqual(before);
  });

  test('a forbidden field is refused even when it is set to null or to nonsense', async () => {
    for (const creditLimit of [null, 'nonsense']) {
      const attempt = world.apply(people.clerk, create('Account', { ...ACCOUNT, creditLimit }));
      await expect(attempt).rejects.toMatchObject({ code: 'FIELD_FORBIDDEN' });
    }
  });

  test('defaults need no right', async () => {
    await clerkCreates('Account', ACCOUNT);
  });

  test.each([
    ['create', () => create('Payment', {})],
    ['update', () => update('Person', people.adminPerson, {})],
    ['delete', () => remove('User', people.admin)],
  ])('an object that the caller has no right to %s is refused as a whole', async (_, change) => {
    await expect(world.apply(people.clerk, change())).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('row scopes', () => {
  const answer = (promise: Promise<unknown>) =>
    promise.then(
      (value) => value,
      // Which record it was is for the trace alone.
      ({ code, message, detail: { record: _record, ...told } }) => ({ code, message, told }),
    );

  test('a record outside the write scope and one that does not exist answer alike', async () => {
    const missing = '00000000-0000-7000-8000-000000000000';
    for (const change of [
      (id: string) => update('Account', id, { name: 'Mine' }, 1),
      (id: string) => remove('Account', id, 1),
      (id: string) => update('Account', id, { name: 'Mine' }, 99),
    ]) {
      const hidden = await answer(world.apply(people.clerk, change(people.amerAccount)));
      expect(hidden).toMatchObject({ code: 'NOT_FOUND' });
      expect(hidden).toEqual(await answer(world.apply(people.clerk, change(missing))));
    }
  });

  test('a reference to a hidden record and one to a missing record answer alike', async () => {
    const refused = (accountId: string) => world.apply(people.clerk, create('Invoice', { ...INVOICE, accountId }));
    const hidden = await refused(people.amerAccount);
    expect(hidden).toMatchObject({
      kind: 'refused',
      userErrors: [{ code: 'NOT_FOUND', field: ['input', 'accountId'] }],
    });
    expect(hidden).toEqual(await refused('00000000-0000-7000-8000-000000000000'));
  });

  test('a reference to an object that the caller may not read at all is as good as missing', async () => {
    const outcome = await world.apply(people.clerk, create('Account', { ...ACCOUNT, ownerId: people.adminPerson }));
    expect(outcome).toMatchObject({
      kind: 'refused',
      userErrors: [{ code: 'NOT_FOUND', field: ['input', 'ownerId'] }],
    });
  });

  test('nobody creates a record that would lie outside their own scope', async () => {
    const before = await footprint(world);
    await expect(world.apply(people.clerk, create('Account', { ...ACCOUNT, region: 'AMER' }))).rejects.toMatchObject({
      code: 'FORBIDDEN',
      detail: {},
    });
    expect(await footprint(world)).toEqual(before);
  });

  test('nobody moves a record out of their own scope', async () => {
    await expect(
      world.apply(people.clerk, update('Account', people.emeaAccount, { region: 'AMER' })),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await imageOf(world, 'Account', people.emeaAccount)).toMatchObject({ region: 'EMEA' });
  });

  test('an invoice is judged by where its account stands after the whole set', async () => {
    const account = await clerkCreates('Account', ACCOUNT);
    const attempt = world.apply(
      people.clerk,
      create('Invoice', invoice({ accountId: account })),
      update('Account', account, { region: 'AMER' }),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('versions', () => {
  test('an update that saw an older version is refused with CONFLICT', async () => {
    const id = await clerkCreates('Invoice', invoice());
    await world.apply(people.clerk, update('Invoice', id, { total: '1' }, 1));
    await expect(world.apply(people.clerk, update('Invoice', id, { total: '2' }, 1))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(world.apply(people.clerk, remove('Invoice', id, 1))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await imageOf(world, 'Invoice', id)).toMatchObject({ total: '1.00', version: 2 });
  });

  test('of two updates at the same time one is applied and the other gets CONFLICT', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await clerkCreates('Invoice', invoice());
      const attempts = ['1', '2'].map((total) => world.apply(people.clerk, update('Invoice', id, { total }, 1)));
      const settled = await Promise.allSettled(attempts);
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
      expect(await imageOf(world, 'Invoice', id)).toMatchObject({ version: 2 });
    }
  });

  test('sets that name the same records in opposite order wait for one another', async () => {
    const [a, b] = [await clerkCreates('Invoice', invoice()), await clerkCreates('Invoice', invoice())];
    const write = (order: string[], total: string) =>
      world.apply(people.clerk, ...order.map((id) => update('Invoice', id, { total })));
    const rounds = Array.from({ length: 6 }, (_, i) => write(i % 2 ? [a, b] : [b, a], String(i + 1)));
    expect((await Promise.all(rounds)).map(({ kind }) => kind)).toEqual(Array(6).fill('applied'));
    expect(await imageOf(world, 'Invoice', a)).toMatchObject({ version: 7 });
  });
});

describe('the log as a whole', () => {
  test('every entry recomputes: its header from its columns, its commitments from values and salts', async () => {
    const entries = await traces(world);
    expect(entries.length).toBeGreaterThan(300);
    for (const entry of entries) {
      expect(entry.header).toBe(headerOf(entry));
      expect(verifySlots(entry.slots!, entry.salts!, entry.commitments)).toBe(true);
    }
  });

  test('the last trace values of every record add up to the record as it stands, in every object', async () => {
    const states = new Map<string, Record<string, unknown>>();
    for (const { record_id, slots } of await traces(world)) {
      if (record_id === null) continue;
      const after = Object.fromEntries(Object.entries(slots!).map(([name, [, value]]) => [name, value]));
      states.set(record_id, { ...states.get(record_id), ...after });
    }
    let compared = 0;
    for (const { name, table } of world.catalogue.objects.values()) {
      if (table === 'audit_record') continue;
      const { rows } = await world.pool.query(
        `select ${imageText(objectOf(world.catalogue, name), 't')} as image from ${table} t`,
      );
      for (const { image } of rows) {
        const stored = JSON.parse(image);
        const filled = Object.entries(stored).filter(([, value]) => value !== null);
        const traced = Object.entries(states.get(stored.id)!).filter(([, value]) => value !== null);
        expect(Object.fromEntries(traced)).toEqual(Object.fromEntries(filled));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(300);
  });
});
