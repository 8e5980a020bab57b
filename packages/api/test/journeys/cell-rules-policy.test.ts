import { canonicalJson, sha256 } from '@countersign/crypto';
import { versionMacText } from '../../src/snapshot/load-policy';
import { blank, codes } from '../harness/answers';
import { type CellWorld, cellRule, startCellWorld } from '../harness/cell-world';
import { startTestGateway, type TestPerson } from '../harness/test-gateway';

const LIMITS = '{ accounts(first: 3) { nodes { name creditLimit } } }';
const HERE = { region: { eq: '$principal.region' } };

describe('Cell rules are policy like any other', () => {
  let world: CellWorld;

  beforeAll(async () => {
    world = await startCellWorld({ 'Account.creditLimit': HERE, 'Account.taxId': HERE });
  });
  afterAll(() => world?.gateway.stop());

  const shownTo = async ({ token }: TestPerson) =>
    (await world.gateway.ask(token, LIMITS)).body.data.accounts.nodes.map(
      ({ creditLimit }: { creditLimit: string | null }) => creditLimit,
    );
  const create = (token: string, input: Record<string, unknown>) =>
    world.gateway.ask(
      token,
      `mutation ($input: CellRuleCreateInput!) {
        createCellRule(input: $input) { cellRule { id version role { name } } userErrors { code message } }
      }`,
      { input },
    );

  test('holders of one role share their plans and still see each their own region', async () => {
    const { gateway, limited } = world;
    const elsewhere = await gateway.person({
      audience: 'STAFF',
      name: 'Amer Ican',
      roles: ['limited'],
      region: 'AMER',
    });
    const nowhere = await gateway.person({ audience: 'STAFF', name: 'No Where', roles: ['limited'] });
    expect(await shownTo(limited)).toEqual(['0.00', null, null]);
    expect(await shownTo(elsewhere)).toEqual([null, '1000.00', null]);
    expect(await shownTo(nowhere)).toEqual([null, null, null]);
  });

  test('a second role without a rule does not lift it, and one that inherits has it too', async () => {
    const { gateway } = world;
    const [heir] = await gateway.install([
      ...gateway.roleRecords('heir', []),
      { verb: 'create', object: 'RoleInheritance', input: { roleId: '@heir', inheritsId: world.limitedRole } },
    ]);
    expect(heir).toBeDefined();
    const both = await gateway.person({ audience: 'STAFF', name: 'Bo Th', roles: ['limited', 'free'], region: 'EMEA' });
    const heirs = await gateway.person({ audience: 'STAFF', name: 'He Ir', roles: ['heir', 'free'], region: 'EMEA' });
    expect(await shownTo(both)).toEqual(['0.00', null, null]);
    expect(await shownTo(heirs)).toEqual(['0.00', null, null]);
    expect(await shownTo(world.free)).toEqual(['0.00', '1000.00', '2000.00']);
  });

  test('who has no rule is told of none', async () => {
    const { body } = await world.gateway.ask(world.free.token, LIMITS);
    expect(body.extensions).toBeUndefined();
  });

  test('the notice is the same for no record and for many, and for aliases and several roots', async () => {
    const ask = async (region: string) => {
      const query = `{ all: accounts(where: { region: { in: [${region}] } }) { nodes { limit: creditLimit } } b: accounts(first: 1) { nodes { taxId } } }`;
      return (await world.gateway.ask(world.limited.token, query)).body.extensions;
    };
    expect(await ask('')).toEqual(await ask('EMEA, AMER, APAC, LATAM'));
    expect(await ask('')).toEqual({
      withheld: [
        { coordinate: 'Account.creditLimit', use: 'SELECT', selection: 'all.nodes.limit', path: ['all', 'nodes'] },
        { coordinate: 'Account.taxId', use: 'SELECT', selection: 'b.nodes.taxId', path: ['b', 'nodes'] },
      ],
    });
  });

  test('the mask of a withheld cell is null', async () => {
    const { gateway } = world;
    const [role] = await gateway.install(
      gateway.roleRecords('masked', [
        { object: 'Account', field: 'name', action: 'SEE_CLEAR' },
        { object: 'Account', field: 'taxId', action: 'SEE_MASKED' },
      ]),
    );
    await gateway.install([cellRule(role!.id, 'Account.taxId', HERE)]);
    const person = await gateway.person({ audience: 'STAFF', name: 'Ma Sked', roles: ['masked'], region: 'EMEA' });
    const { body } = await gateway.ask(person.token, '{ accounts(first: 2) { nodes { taxId } } }');
    expect(body.data.accounts.nodes).toEqual([{ taxId: '••••6780' }, { taxId: null }]);
  });

  test('a rule counts from the next statement on, and its removal too', async () => {
    const { gateway, ledger, free } = world;
    const roleId = (await gateway.roleIds()).get('free')!;
    const made = await create(ledger.admin.token, {
      roleId,
      objectName: 'Account',
      fieldName: 'creditLimit',
      condition: { or: [] },
    });
    expect(made.body.data.createCellRule).toMatchObject({ cellRule: { role: { name: 'free' } }, userErrors: [] });
    expect(await shownTo(free)).toEqual([null, null, null]);
    const { id } = made.body.data.createCellRule.cellRule;
    const gone = await gateway.ask(
      ledger.admin.token,
      `mutation { deleteCellRule(id: "${id}", expectedVersion: 1) { userErrors { code } } }`,
    );
    expect(gone.body.data.deleteCellRule.userErrors).toEqual([]);
    expect(await shownTo(free)).toEqual(['0.00', '1000.00', '2000.00']);
  });

  test.each([
    ['an unknown object', { objectName: 'Acount' }, '"Acount" is not an object'],
    ['an unknown field', { fieldName: 'limit' }, 'Account has no field "limit"'],
    ['id', { fieldName: 'id' }, 'Account.id is seen wherever the record is: limit the records instead'],
    ['version', { fieldName: 'version' }, 'Account.version cannot be withheld: every change of the record asks for it'],
    [
      'a relation to many',
      { fieldName: 'invoices' },
      'Account.invoices is withheld from its other side, Invoice.account',
    ],
    ['a condition that does not fit', { condition: { colour: { eq: 'red' } } }, 'colour: Account has no colour'],
  ])('a rule on %s is refused when it is saved', async (_what, changed, problem) => {
    const input = {
      roleId: world.limitedRole,
      objectName: 'Account',
      fieldName: 'creditLimit',
      condition: {},
      ...changed,
    };
    const { body } = await create(world.ledger.admin.token, input);
    const { cellRule: made, userErrors } = body.data.createCellRule;
    expect([made, userErrors.map(({ code }: { code: string }) => code)]).toEqual([null, ['POLICY_INVALID']]);
    expect(userErrors[0].message).toMatch(/^cell rule "…?[^"]*": /);
    expect(userErrors[0].message).toContain(problem);
  });

  test('nobody changes a rule on a role of their own', async () => {
    const { gateway, ledger } = world;
    const roleId = (await gateway.roleIds()).get('admin')!;
    const input = { roleId, objectName: 'Account', fieldName: 'creditLimit', condition: {} };
    const answer = await create(ledger.admin.token, input);
    expect(codes(answer)).toEqual(['FORBIDDEN']);
    expect(answer.body.errors![0]!.extensions.remedy).toBe('Somebody else has to change your rights.');
    const [rule] = await gateway.install([{ verb: 'create', object: 'CellRule', input }]);
    const remove = `mutation { deleteCellRule(id: "${rule!.id}", expectedVersion: 1) { userErrors { code } } }`;
    expect(codes(await gateway.ask(ledger.admin.token, remove))).toEqual(['FORBIDDEN']);
    await gateway.install([{ verb: 'delete', object: 'CellRule', id: rule!.id }]);
  });

  test('explanations name the rule: in words to everybody, with role and SQL to readers of the rules', async () => {
    const { gateway, limited, ledger } = world;
    const [here, there] = ledger.accountIds as [string, string];
    const ask = async (token: string, more: string) => {
      const query = `{ explainDecision(input: { object: "Account", field: "creditLimit" ${more} }) {
        verdict cellShown remedy cellRules { role words sql bound } } }`;
      return (await gateway.ask(token, query)).body.data.explainDecision;
    };
    const words = "records where region is the principal's region";
    const plain = [{ role: null, words, sql: null, bound: [] }];
    expect(await ask(limited.token, '')).toEqual({ verdict: 'ALLOWED', cellShown: null, remedy: '', cellRules: plain });
    expect(await ask(limited.token, `id: "${here}"`)).toMatchObject({ verdict: 'ALLOWED', cellShown: true });
    expect(await ask(limited.token, `id: "${there}"`)).toEqual({
      verdict: 'DENIED',
      cellShown: false,
      remedy: `In this record Account.creditLimit is withheld; it is shown only in ${words}.`,
      cellRules: plain,
    });
    expect((await ask(ledger.admin.token, `userId: "${limited.userId}"`)).cellRules).toEqual([
      { role: 'limited', words, sql: 't.region = $1::text', bound: ['$1: principal.region'] },
    ]);
    expect((await ask(world.free.token, '')).cellRules).toEqual([]);
  });

  test('the manifest of an operation says where each field is shown', async () => {
    const document = '{ accounts(where: { creditLimit: { gt: "1.00" } }) { nodes { name creditLimit } } }';
    const query =
      'query ($d: String!) { explainOperation(input: { document: $d }) { roots { decisions { coordinate use cellRule } } } }';
    const { body } = await world.gateway.ask(world.limited.token, query, { d: document });
    const cellRuleWords = "records where region is the principal's region";
    expect(body.data.explainOperation.roots[0].decisions).toEqual(
      expect.arrayContaining([
        { coordinate: 'Account.creditLimit', use: 'FILTER', cellRule: cellRuleWords },
        { coordinate: 'Account.creditLimit', use: 'SELECT', cellRule: cellRuleWords },
        { coordinate: 'Account.name', use: 'SELECT', cellRule: null },
      ]),
    );
  });

  test('the audit log shows no value under a rule, but to those who may read all of it', async () => {
    const { gateway, limited, limitedRole, ledger } = world;
    const [, there] = ledger.accountIds as [string, string];
    const lines = ['at', 'action', 'objectName', 'recordId'].map((field) => ({
      role: 'limited',
      object: 'AuditEntry',
      field,
      action: 'SEE_CLEAR',
    }));
    await gateway.lines(lines);
    expect(limitedRole).toBeDefined();
    const input = { creditLimit: '31337.00', name: 'Account 01' };
    await gateway.install([{ verb: 'update', object: 'Account', id: there, input }]);
    const find = async (token: string, more = '') =>
      gateway.ask(
        token,
        `{ auditSearch(input: { object: "Account", recordId: "${there}" ${more} }) { nodes { changes { field before after } } } }`,
      );
    const seen = await find(limited.token);
    expect(seen.body.errors).toBeUndefined();
    expect(seen.text).toContain('"field":"region"');
    expect(seen.text).not.toMatch(/creditLimit|31337|taxId/);
    expect((await find(limited.token, ', text: "31337"')).text).not.toContain('"field"');
    expect(codes(await find(limited.token, ', field: "creditLimit"'))).toEqual(['FIELD_FORBIDDEN']);
    expect((await find(ledger.admin.token)).text).toContain('31337.00');
    await gateway.install([{ verb: 'update', object: 'Account', id: there, input: { creditLimit: '1000.00' } }]);
  });

  test('a portal under a rule learns of the fields that it uses and of nothing else', async () => {
    const { gateway, ledger } = world;
    const roleId = (await gateway.roleIds()).get('portal')!;
    await gateway.install([
      cellRule(roleId, 'Invoice.total', { status: { eq: 'PAID' } }),
      cellRule(roleId, 'Invoice.notes', { or: [] }),
      cellRule(roleId, 'InvoiceLine.invoice', { or: [] }),
    ]);
    const query = '{ invoices { nodes { status total lines { totalCount } } } }';
    const { body } = await gateway.ask(ledger.portal.token, query);
    for (const { status, total, lines } of body.data.invoices.nodes) {
      expect([total !== null, lines.totalCount]).toEqual([status === 'PAID', 0]);
    }
    expect(body.extensions!.withheld).toEqual([
      { coordinate: 'Invoice.lines', use: 'SELECT', selection: 'invoices.nodes.lines', path: ['invoices', 'nodes'] },
      { coordinate: 'Invoice.total', use: 'SELECT', selection: 'invoices.nodes.total', path: ['invoices', 'nodes'] },
    ]);
    // A hidden field is unknown as before, rule or not.
    const hidden = await gateway.ask(ledger.portal.token, '{ invoices { nodes { notes } } }');
    const unknown = await gateway.ask(ledger.portal.token, '{ invoices { nodes { nokes } } }');
    expect(blank(hidden.text).replaceAll('notes', 'nokes')).toBe(blank(unknown.text));
  });
});

describe('A database from before cell rules', () => {
  test('opens, shuts nobody out, and takes rules from then on', async () => {
    const { gateway, ledger, limitedRole, limited } = await startCellWorld({});
    try {
      const [row] = await gateway.sql(
        'select v.n, v.body from policy_version v join authority_head h on h.policy_version=v.n',
      );
      const stored = JSON.parse(String(row!.body));
      delete stored.records.CellRule;
      // What no catalogue of that time had, no line could name.
      const before = (lines: Record<string, { objectName: string; fieldName?: string }>) =>
        Object.fromEntries(
          Object.entries(lines).filter(
            ([, { objectName, fieldName }]) => objectName !== 'CellRule' && fieldName !== 'cellRules',
          ),
        );
      for (const name of ['FieldPermission', 'ObjectPermission', 'ObjectSetting']) {
        stored.records[name] = before(stored.records[name]);
      }
      const body = canonicalJson({ ...stored, catalogueRevision: 'of an older program' });
      const mac = gateway.core.macKeys.policy.mac(versionMacText(Number(row!.n), body));
      await gateway.sql(`alter table policy_version disable trigger all;
        update policy_version set body=$t$${body}$t$, sha256='\\x${sha256(body).toString('hex')}', mac='\\x${mac.toString('hex')}' where n=${row!.n}`);
      const upgraded = await startTestGateway({ database: gateway.database, root: gateway });
      try {
        const seen = await upgraded.ask(limited.token, LIMITS);
        expect(seen.body.data.accounts.nodes[1].creditLimit).toBe('1000.00');
        // Who may read all the rules of that time is still told them.
        const asked = `{ explainDecision(input: { object: "Account", field: "creditLimit", userId: "${limited.userId}" }) { decidingRule { role } cellRules { role } } }`;
        expect((await upgraded.ask(ledger.admin.token, asked)).body.data.explainDecision).toEqual({
          decidingRule: { role: 'limited' },
          cellRules: [],
        });
        await upgraded.install([cellRule(limitedRole, 'Account.creditLimit', { or: [] })]);
        const now = await upgraded.ask(limited.token, LIMITS);
        expect(now.body.data.accounts.nodes[1].creditLimit).toBeNull();
      } finally {
        await upgraded.stop();
      }
    } finally {
      await gateway.stop();
    }
  });
});
