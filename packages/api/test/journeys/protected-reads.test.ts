import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

let gateway: TestGateway;
let ledger: SampleLedger;
let cards: string[];

beforeAll(async () => {
  gateway = await startTestGateway();
  ledger = await sampleLedger(gateway);
  const card = { brand: 'VISA', lastFour: '1111', expiryMonth: 12, expiryYear: 2030, holder: 'Olive Wner' };
  const made = await gateway.install(
    ledger.accountIds.slice(0, 3).map((accountId) => {
      return { verb: 'create', object: 'PaymentMethod', input: { ...card, accountId, number: '4111111111111111' } };
    }),
  );
  cards = made.map(({ id }) => id).sort();
  await gateway.lines([
    { role: 'admin', object: 'PaymentMethod', field: 'number', action: 'SEE_CLEAR' },
    { role: 'admin', object: 'PaymentMethod', field: 'holder', action: 'SEE_MASKED' },
    { role: 'admin', object: 'PaymentMethod', field: 'holder', action: 'CHANGE' },
  ]);
});
afterAll(() => gateway.stop());

interface Trace {
  readonly slots: Record<string, [null, unknown]>;
}

/** What the entries of protected reads say of one request. */
async function traced(query: string, variables?: unknown): Promise<Record<string, unknown>[]> {
  const { headers, body } = await gateway.ask(ledger.admin.token, query, variables);
  expect(body.errors).toBeUndefined();
  const rows = (await gateway.sql(
    `select v.slots from audit_entry e join audit_value v on v.entry_id = e.id
     where e.action = 'READ' and v.slots ? 'records' and e.request_id = '${headers.get('x-request-id')}' order by e.id`,
  )) as unknown as Trace[];
  return rows.map(({ slots }) => {
    const { coordinates, count, records } = slots;
    return { coordinates: coordinates![1], count: count![1], records: [...(records![1] as string[])].sort() };
  });
}
const NUMBER = ['PaymentMethod.number'];

test.each([
  ['in a list', '{ paymentMethods { nodes { number } } }', NUMBER],
  ['in edges', '{ paymentMethods { edges { node { number } cursor } } }', NUMBER],
  ['masked', '{ paymentMethods { nodes { holder } } }', ['PaymentMethod.holder']],
  ['below other records', '{ accounts { nodes { name paymentMethods { nodes { number } } } } }', NUMBER],
  ['twice under aliases', '{ paymentMethods { nodes { a: number b: number } } }', NUMBER],
  ['by a fragment', '{ paymentMethods { nodes { ...f } } } fragment f on PaymentMethod { number }', NUMBER],
])('reading protected fields %s names every record', async (_how, query, coordinates) => {
  expect(await traced(query)).toEqual([{ coordinates, count: 3, records: cards }]);
});

test.each([
  ['filtering', '{ paymentMethods(where: { number: { eq: "4111111111111111" } }) { totalCount } }'],
  [
    'filtering through a relation',
    '{ accounts(where: { paymentMethods: { some: { number: { startsWith: "4" } } } }) { nodes { id } } }',
  ],
  ['sorting', '{ paymentMethods(orderBy: [{ number: ASC }]) { nodes { brand } } }'],
])('%s by a protected field is traced, although none is shown', async (_how, query) => {
  expect(await traced(query)).toEqual([{ coordinates: NUMBER, count: 0, records: [] }]);
});

test('each root field has an entry of its own, and one without protected fields has none', async () => {
  const query = `{ a: paymentMethod(id: "${cards[0]}") { number } b: paymentMethod(id: "${cards[1]}") { number } paymentMethods { nodes { brand } } }`;
  const entries = await traced(query);
  expect(entries.map(({ records }) => records).sort()).toEqual([[cards[0]], [cards[1]]]);
});

test('the payload of a mutation is a read like any other', async () => {
  const query = `mutation { updatePaymentMethod(id: "${cards[0]}", expectedVersion: 1, input: { holder: "Somebody Else" }) { paymentMethod { number holder } } }`;
  expect(await traced(query)).toEqual([
    { coordinates: ['PaymentMethod.holder', 'PaymentMethod.number'], count: 1, records: [cards[0]] },
  ]);
});

test.each(['auditTimeline', 'auditSearch', 'auditFieldHistory'])(
  'old and new values in the audit log are a read like any other: %s',
  async (verb) => {
    const args = {
      auditTimeline: `object: "PaymentMethod", id: "${cards[0]}"`,
      auditSearch: `input: { object: "PaymentMethod", recordId: "${cards[0]}", field: "number" }`,
      auditFieldHistory: `object: "PaymentMethod", id: "${cards[0]}", field: "number"`,
    }[verb];
    const query = `{ ${verb}(${args}) { nodes { changes { field after } } } }`;
    const entries = await traced(query);
    expect(entries).toMatchObject([{ count: 1, records: [cards[0]] }]);
    expect(entries[0]!.coordinates).toContain('PaymentMethod.number');
    // Nothing protected is shown, so nothing more is traced than the look itself.
    expect(
      await traced(`{ ${verb}(${args!.replace(cards[0]!, cards[1]!.replace(/./g, '0'))}) { nodes { at } } }`),
    ).toEqual([]);
  },
);

test('so are proposed values in the queue of pending changes', async () => {
  await gateway.lines([{ role: 'admin', object: 'PaymentMethod', field: 'number', action: 'CHANGE' }]);
  const card = { accountId: ledger.accountIds[0], brand: 'VISA', lastFour: '2222', expiryMonth: 1, expiryYear: 2031 };
  const { body } = await gateway.ask(
    ledger.admin.token,
    `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
      applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id } userErrors { message } } }`,
    {
      changes: [{ createPaymentMethod: { input: { ...card, holder: 'Someone New', number: '4222222222222222' } } }],
      submission: { effectiveAt: new Date(Date.now() + 86_400_000).toISOString() },
    },
  );
  const { id } = body.data.applyChangeSet.pendingChange;
  const query = `{ pendingChangeReview(id: "${id}") { items { recordId fields { name see proposed } } } }`;
  const [entry] = await traced(query);
  expect(entry).toMatchObject({ coordinates: NUMBER, count: 1 });
  expect((await gateway.ask(ledger.admin.token, query)).text).toContain('4222222222222222');
});

test('figures are made of no protected field; counting by one as a filter is traced', async () => {
  const query = '{ paymentMethodsAggregate(where: { number: { startsWith: "4" } }) { groups { count } } }';
  expect(await traced(query)).toEqual([{ coordinates: NUMBER, count: 0, records: [] }]);
});

test('two hundred readings at once leave fewer entries, and every record of them is named', async () => {
  const reader = ledger.secondAnalyst;
  await gateway.lines([
    { role: 'analyst', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' },
    { role: 'analyst', object: 'PaymentMethod', field: 'brand', action: 'SEE_CLEAR' },
  ]);
  const ask = async (i: number) => {
    const { body } = await gateway.ask(reader.token, `{ paymentMethod(id: "${cards[i % 3]}") { number } }`);
    expect(body.data.paymentMethod).toEqual({ number: '••••1111' });
  };
  for (let i = 0; i < 200; i += 50) await Promise.all(Array.from({ length: 50 }, (_, n) => ask(i + n)));
  const rows = (await gateway.sql(
    `select v.slots from audit_entry e join audit_value v on v.entry_id = e.id where e.action = 'READ' and e.user_id = '${reader.userId}'`,
  )) as unknown as Trace[];
  expect(rows.length).toBeLessThan(140);
  const sum = (name: string) => rows.reduce((all, { slots }) => all + Number(slots[name]?.[1] ?? 1), 0);
  expect([sum('count'), sum('reads')]).toEqual([200, 200]);
  expect(new Set(rows.flatMap(({ slots }) => slots.records![1] as string[]))).toEqual(new Set(cards));
});
