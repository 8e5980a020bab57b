import type { GivenChange } from '../../src/records/change';
import { blank } from '../harness/answers';
import { sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const CALLERS = 200;
const SECONDS = 60;

const DOCUMENTS: readonly [query: string, variables: unknown][] = [
  ['{ viewer { id name email roles { name } sharingGroups { name } } }', {}],
  ['{ accounts { totalCount nodes { id name } } }', {}],
  ['{ accounts(first: 4) { nodes { name taxId creditLimit } } }', {}],
  ['{ contacts(first: 5) { nodes { email firstName account { name taxId } } } }', {}],
  [
    '{ accounts(first: 3) { nodes { name invoices(first: 2) { totalCount nodes { number status total notes } } } } }',
    {},
  ],
  ['{ invoices(orderBy: [{ number: DESC }], first: 5) { edges { cursor node { number account { name } } } } }', {}],
  ['query ($w: InvoiceWhere) { invoices(where: $w) { totalCount } }', { w: { status: { eq: 'DRAFT' } } }],
  [
    'query ($w: InvoiceWhere) { invoices(where: $w) { totalCount } }',
    { w: { account: { name: { eq: 'Account 01' } } } },
  ],
  ['query ($w: AccountWhere) { accounts(where: $w) { totalCount } }', { w: { taxId: { startsWith: 'DE' } } }],
  ['{ invoicesAggregate(groupBy: [{ status: true }]) { groups { key { status } count sum { total } } } }', {}],
  ['{ __type(name: "Account") { fields { name } } }', {}],
  ['{ viewer { can(object: "Invoice", action: UPDATE) { allowed } fields(object: "Account") { name see } } }', {}],
];

interface Caller {
  readonly name: string;
  readonly token: string | null;
}

/*
 * Plans, statements, documents, schemas, users and tokens are all remembered between requests. Two gateways on one
 * database: one answers every caller alone, each document as one that it has never seen; the other answers all at once.
 */
describe(`${CALLERS} callers of every kind at once on the same documents`, () => {
  let alone: TestGateway;
  let together: TestGateway;
  const callers: Caller[] = [];
  const expected: string[][] = [];

  beforeAll(async () => {
    together = await startTestGateway();
    const ledger = await sampleLedger(together);
    const roles = await together.roleIds();
    const groups = await together.sql('select id, name from sharing_group');
    const group = (name: string) => groups.find((row) => row.name === name)!.id as string;
    const kinds: { audience: string; roles: string[]; groups: string[] }[] = [
      { audience: 'STAFF', roles: ['analyst'], groups: [] },
      { audience: 'STAFF', roles: ['analyst'], groups: ['EMEA'] },
      { audience: 'STAFF', roles: ['support'], groups: ['EMEA'] },
      { audience: 'STAFF', roles: ['support'], groups: [] },
      { audience: 'STAFF', roles: ['analyst', 'support'], groups: ['EMEA'] },
      { audience: 'STAFF', roles: ['admin'], groups: [] },
      { audience: 'STAFF', roles: [], groups: [] },
      { audience: 'PORTAL', roles: ['portal'], groups: ['Own account'] },
      { audience: 'PORTAL', roles: ['portal'], groups: [] },
      { audience: 'PORTAL', roles: ['portal', 'analyst'], groups: ['Own account'] },
      { audience: 'PORTAL', roles: [], groups: ['Own account'] },
    ];
    const changes: GivenChange[] = [];
    const create = (object: string, input: Record<string, unknown>, as?: string) =>
      changes.push({ verb: 'create', object, input, as });
    for (let index = 0; index < CALLERS - 10; index += 1) {
      const kind = kinds[index % kinds.length]!;
      const [email, accountId] = [`caller.${index}@example.com`, ledger.accountIds[index % 12]];
      create('Person', { fullName: `Caller ${index}`, email }, `person-${index}`);
      const at = kind.audience === 'PORTAL' ? { accountId } : {};
      create('User', { personId: `@person-${index}`, email, audience: kind.audience, ...at }, `user-${index}`);
      for (const role of kind.roles) create('RoleAssignment', { roleId: roles.get(role), userId: `@user-${index}` });
      for (const name of kind.groups) create('SharingMember', { groupId: group(name), userId: `@user-${index}` });
    }
    const users = (await together.install(changes)).filter(({ object }) => object === 'User');
    for (const [index, { id }] of users.entries())
      callers.push({ name: `${index}`, token: await together.tokenOf(id) });
    while (callers.length < CALLERS) callers.push({ name: 'anonymous', token: null });
    alone = await startTestGateway({ database: together.database, root: together });
  });
  afterAll(async () => {
    await alone.stop();
    await together.stop();
  });

  test('each answer is the one that its caller gets alone, to the byte', async () => {
    for (const [index, { token }] of callers.entries()) {
      const answers: string[] = [];
      for (const [query, variables] of DOCUMENTS) {
        // A comment makes another document, for which nothing is remembered.
        answers.push(blank((await alone.ask(token, `# alone ${index}\n${query}`, variables)).text));
      }
      expected.push(answers);
    }
    const different = new Set(expected.flat()).size;

    const wrong: string[] = [];
    let answered = 0;
    const end = Date.now() + SECONDS * 1_000;
    const run = async (index: number): Promise<void> => {
      for (let turn = index; Date.now() < end; turn += 5) {
        const asked = turn % DOCUMENTS.length;
        const [query, variables] = DOCUMENTS[asked]!;
        const text = blank((await together.ask(callers[index]!.token, `# together\n${query}`, variables)).text);
        answered += 1;
        const right = expected[index]![asked]!;
        if (text !== right && wrong.length < 10)
          wrong.push(`${callers[index]!.name} ${query}: ${text} instead of ${right}`);
      }
    };
    await Promise.all(callers.map((_, index) => run(index)));
    console.info(`${answered} answers to ${CALLERS} callers, ${different} different ones; ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    // They differ, so that an answer in the wrong place would be seen.
    expect(different).toBeGreaterThan(300);
    expect(answered).toBeGreaterThan(CALLERS * 5);
  });
});
