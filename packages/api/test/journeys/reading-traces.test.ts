import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

interface Shown {
  readonly action: string;
  readonly objectName: string;
  readonly recordId: string;
  readonly userId: string | null;
  readonly changes: { field: string; before: unknown; after: unknown; see: string; withheld: boolean }[];
}

let gateway: TestGateway;
let ledger: SampleLedger;

const HEADER = [
  'at',
  'action',
  'objectName',
  'recordId',
  'userId',
  'personId',
  'requestId',
  'reason',
  'code',
  'outside',
];
const NODES =
  'nodes { id at action objectName recordId userId code changes { field before after see withheld } facts }';
const PAGE = `${NODES} endCursor hasNextPage`;

beforeAll(async () => {
  gateway = await startTestGateway();
  ledger = await sampleLedger(gateway);
  // Support reads the log of what it sees; seeing `changes` clear would be the right to read all of it.
  await gateway.lines(HEADER.map((field) => ({ role: 'support', object: 'AuditEntry', field, action: 'SEE_CLEAR' })));
});
afterAll(() => gateway.stop());

async function page(person: TestPerson, root: string, args: string) {
  const { body } = await gateway.ask(person.token, `{ found: ${root}(${args}) { ${PAGE} } }`);
  expect(body.errors).toBeUndefined();
  return body.data.found as { nodes: Shown[]; endCursor: string | null; hasNextPage: boolean };
}
const timeline = async (person: TestPerson, object: string, id: string) =>
  (await page(person, 'auditTimeline', `object: "${object}", id: "${id}"`)).nodes;
const codes = async (person: TestPerson, query: string) =>
  (await gateway.ask(person.token, query)).body.errors?.map(({ extensions }) => extensions.code);
const update = (object: string, id: string, input: Record<string, unknown>) =>
  gateway.install([{ verb: 'update', object, id, input }]);
const idOf = async (sql: string) => String((await gateway.sql(sql))[0]!.id);
const seen = (entry: Shown | undefined, field: string) => entry?.changes.find((change) => change.field === field);

test('a record’s timeline tells each change with its old and new values, newest first', async () => {
  const id = await idOf(`select id from invoice where number = 'N-0-0'`);
  await update('Invoice', id, { notes: 'first' });
  await update('Invoice', id, { notes: 'second' });
  for (const person of [ledger.admin, ledger.support]) {
    const nodes = await timeline(person, 'Invoice', id);
    expect(nodes.map(({ action }) => action)).toEqual(['UPDATE', 'UPDATE', 'CREATE']);
    expect(nodes.slice(0, 2).map((entry) => seen(entry, 'notes'))).toMatchObject([
      { before: 'first', after: 'second', see: 'CLEAR', withheld: false },
      { before: null, after: 'first' },
    ]);
    const history = await page(person, 'auditFieldHistory', `object: "Invoice", id: "${id}", field: "notes"`);
    expect(history.nodes.map(({ changes }) => changes.map(({ field, after }) => [field, after]))).toEqual([
      [['notes', 'second']],
      [['notes', 'first']],
    ]);
  }
});

test('the history of a record that is not the reader’s is that of a record that does not exist', async () => {
  const hidden = await idOf(`select id from invoice where number = 'N-1-0'`);
  const ask = (id: string) =>
    gateway.ask(
      ledger.support.token,
      `{ auditTimeline(object: "Invoice", id: "${id}") { ${PAGE} } auditReaders(object: "Invoice", id: "${id}") { nodes { at } endCursor hasNextPage } }`,
    );
  const answers = await Promise.all([hidden, '01900000-0000-7000-8000-00000000dead', 'no id'].map(ask));
  expect(answers[0]!.body.data.auditTimeline).toEqual({ nodes: [], endCursor: null, hasNextPage: false });
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(await timeline(ledger.admin, 'Invoice', hidden)).toHaveLength(1);
});

test('fields are shown as they are seen in the record: clear, masked, or not at all', async () => {
  const [account] = ledger.accountIds;
  await update('Account', account!, { taxId: 'DE999999999', name: 'Renamed' });
  const [entry] = await timeline(ledger.support, 'Account', account!);
  expect(seen(entry, 'name')).toMatchObject({ before: 'Account 00', after: 'Renamed', see: 'CLEAR' });
  expect(seen(entry, 'taxId')).toBeUndefined();
  expect(seen((await timeline(ledger.admin, 'Account', account!))[0], 'taxId')).toMatchObject({ after: 'DE999999999' });

  const contact = await idOf(
    `select c.id from contact c join account a on a.id = c.account_id where a.id = '${account}'`,
  );
  await update('Contact', contact, { email: 'somebody@example.org' });
  const [changed] = await timeline(ledger.support, 'Contact', contact);
  expect(seen(changed, 'email')).toMatchObject({
    before: 'c•••@example.org',
    after: 's•••@example.org',
    see: 'MASKED',
  });
});

test('an entry needs the record in scope now and both of its own images', async () => {
  const amer = ledger.accountIds[1]!;
  await update('Account', amer, { name: 'while in AMER' });
  await update('Account', amer, { region: 'EMEA' });
  await update('Account', amer, { name: 'while in EMEA' });
  await update('Account', amer, { segment: 'ENTERPRISE' });
  const fields = (nodes: Shown[]) =>
    nodes.map(({ changes }) => changes.map(({ after }) => after).find((v) => /while|ENTER/.test(String(v))));
  expect(fields(await timeline(ledger.support, 'Account', amer))).toEqual(['ENTERPRISE', 'while in EMEA']);
  expect(await timeline(ledger.admin, 'Account', amer)).toHaveLength(5);
  await update('Account', amer, { region: 'AMER' });
  expect(await timeline(ledger.support, 'Account', amer)).toEqual([]);
  await update('Account', amer, { region: 'EMEA' });
  expect(fields(await timeline(ledger.support, 'Account', amer))).toEqual(['ENTERPRISE', 'while in EMEA']);
});

test('a deleted record’s timeline is visible by its last image', async () => {
  for (const [account, visible] of [
    [ledger.accountIds[4]!, 3],
    [ledger.accountIds[2]!, 0],
  ] as const) {
    const id = await idOf(`select id from contact where account_id = '${account}'`);
    await update('Contact', id, { company: 'Gone Ltd' });
    await gateway.install([{ verb: 'delete', object: 'Contact', id }]);
    const nodes = await timeline(ledger.support, 'Contact', id);
    expect(nodes.map(({ action }) => action)).toEqual(['DELETE', 'UPDATE', 'CREATE'].slice(0, visible));
    expect(await timeline(ledger.admin, 'Contact', id)).toHaveLength(3);
  }
});

test('an old value that refers to a record of others is withheld', async () => {
  const own = ledger.accountIds[8]!;
  const [others, another] = [ledger.accountIds[3]!, ledger.accountIds[4]!];
  await update('Account', own, { parentId: others });
  await update('Account', own, { parentId: another });
  const [second, first] = await timeline(ledger.support, 'Account', own);
  expect(seen(first, 'parent')).toMatchObject({ before: null, after: null, withheld: true });
  expect(seen(second, 'parent')).toMatchObject({ before: null, after: another, withheld: true });
  expect(seen((await timeline(ledger.admin, 'Account', own))[1], 'parent')).toMatchObject({ after: others });
});

test('without the right to all of it, the list of entries is empty: neither values nor how many', async () => {
  const { body } = await gateway.ask(ledger.support.token, '{ auditEntries { totalCount nodes { id recordId } } }');
  expect(body.data.auditEntries).toEqual({ totalCount: 0, nodes: [] });
  expect(await codes(ledger.analyst, '{ auditSearch(input: { object: "Invoice" }) { nodes { id } } }')).toEqual([
    'FORBIDDEN',
  ]);
  expect(await codes(ledger.support, '{ auditSearch(input: {}) { nodes { id } } }')).toEqual(['BAD_USER_INPUT']);
});

test('pages are full although entries of others lie between, and a cursor works for nobody else', async () => {
  for (let i = 0; i < 3; i += 1) {
    for (const number of ['N-0-1', 'N-1-1', 'N-2-1', 'N-4-1']) {
      await update('Invoice', await idOf(`select id from invoice where number = '${number}'`), {
        notes: `${i} ${number}`,
      });
    }
  }
  const all: Shown[] = [];
  let after = '';
  for (;;) {
    const found = await page(
      ledger.support,
      'auditSearch',
      `input: { object: "Invoice", field: "notes", actions: ["UPDATE"] }, first: 2${after}`,
    );
    all.push(...found.nodes);
    if (!found.hasNextPage) break;
    expect(found.nodes).toHaveLength(2);
    after = `, after: "${found.endCursor}"`;
  }
  const notes = all.map((entry) => seen(entry, 'notes')?.after);
  const expected = [2, 1, 0].flatMap((i) => [`${i} N-4-1`, `${i} N-0-1`]);
  // The invoices of the account that moved to EMEA are those of others in every image.
  expect(notes.filter((note) => /N-[04]-1/.test(String(note)))).toEqual(expected);
  expect(notes.filter((note) => /N-2-1/.test(String(note)))).toEqual([]);
  const stolen = `{ auditSearch(input: { object: "Invoice", field: "notes", actions: ["UPDATE"] }, first: 2${after}) { nodes { id } } }`;
  expect(await codes(ledger.support, stolen)).toBeUndefined();
  expect(await codes(ledger.admin, stolen)).toEqual(['BAD_USER_INPUT']);
});

test('search finds by person, outcome, request and text, and text only in what is shown clear', async () => {
  const { headers } = await gateway.ask(ledger.support.token, '{ users { nodes { id } } }');
  await gateway.core.folded.flush();
  const refused = await page(
    ledger.admin,
    'auditSearch',
    `input: { outcome: REFUSED, personId: "${ledger.support.personId}", requestId: "${headers.get('x-request-id')}" }`,
  );
  expect(refused.nodes).toMatchObject([{ action: 'DENIED', code: 'FORBIDDEN', objectName: 'User' }]);
  const by = async (person: TestPerson, text: string) =>
    (await page(person, 'auditSearch', `input: { object: "Account", text: "${text}" }`)).nodes.length;
  expect([await by(ledger.admin, 'de999'), await by(ledger.support, 'de999')]).toEqual([1, 0]);
  expect([await by(ledger.admin, 'RENAMED'), await by(ledger.support, 'RENAMED')]).toEqual([1, 1]);
  expect(
    await codes(ledger.support, '{ auditSearch(input: { object: "Account", field: "taxId" }) { nodes { id } } }'),
  ).toEqual(['FIELD_FORBIDDEN']);
  const none = await page(ledger.admin, 'auditSearch', 'input: { until: "2020-01-01T00:00:00Z" }');
  expect(none.nodes).toEqual([]);
});

test('who read a record: each reading with its fields, and nothing of the other records', async () => {
  const card = (accountId: string) => ({
    verb: 'create' as const,
    object: 'PaymentMethod',
    input: {
      accountId,
      brand: 'VISA',
      lastFour: '1111',
      expiryMonth: 12,
      expiryYear: 2030,
      holder: 'Olive Wner',
      number: '4111111111111111',
    },
  });
  const [own, hidden] = await gateway.install([card(ledger.accountIds[0]!), card(ledger.accountIds[2]!)]);
  await gateway.lines([{ role: 'admin', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' }]);
  const read = '{ paymentMethods { nodes { id number } } }';
  const { headers } = await gateway.ask(ledger.admin.token, read);
  const readers = async (person: TestPerson, id: string) =>
    (
      await gateway.ask(
        person.token,
        `{ auditReaders(object: "PaymentMethod", id: "${id}") { nodes { userId requestId fields } } }`,
      )
    ).body.data.auditReaders.nodes;
  const reading = { userId: ledger.admin.userId, requestId: headers.get('x-request-id'), fields: ['number'] };
  expect(await readers(ledger.admin, own!.id)).toEqual([reading]);
  expect(await readers(ledger.admin, hidden!.id)).toEqual([reading]);
  // Support sees neither the number nor that it was read, until it sees it masked.
  expect(await readers(ledger.support, own!.id)).toEqual([]);
  await gateway.lines([{ role: 'support', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' }]);
  expect(await readers(ledger.support, own!.id)).toEqual([reading]);
  expect(await readers(ledger.support, hidden!.id)).toEqual([]);
  // The right to all entries does not reach card numbers.
  const [made] = await timeline(ledger.admin, 'PaymentMethod', own!.id);
  expect(seen(made, 'number')).toMatchObject({ after: '••••1111', see: 'MASKED' });
  expect(seen(made, 'holder')).toBeUndefined();
  const { text } = await gateway.ask(
    ledger.admin.token,
    `{ auditEntries(where: { objectName: { eq: "PaymentMethod" } }) { nodes { changes } } }`,
  );
  expect(text).toContain('lastFour');
  expect(text).not.toContain('4111111111111111');
});

test('reading the audit log is in the audit log', async () => {
  await gateway.core.folded.flush();
  const [row] = await gateway.sql(
    `select e.object_name, v.slots from audit_entry e join audit_value v on v.entry_id = e.id
     where e.action = 'READ' and e.user_id = '${ledger.support.userId}' and v.slots ? 'about' order by e.at, e.id limit 1`,
  );
  expect(row).toMatchObject({ object_name: 'AuditEntry', slots: { about: [null, { object: 'Invoice' }] } });
});
