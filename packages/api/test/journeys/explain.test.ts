import { Client } from 'pg';
import { blank } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

const NOBODY_ID = '01900000-0000-7000-8000-000000000000';
const ALL = `{ verdict code object field action policyVersion decidingRule { id role object field action effect }
  missing { kind object field action } grantingRoles rowScope { kind words sql bound } recordInScope remedy }`;

describe('Why was this refused?', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let mover: TestPerson;
  let accountIds: readonly string[];

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    accountIds = ledger.accountIds;
    await gateway.install(
      gateway.roleRecords('zq-mover', [
        { object: 'Account', field: '*', action: 'SEE_CLEAR' },
        { object: 'Account', field: 'region', action: 'CHANGE' },
        { object: 'Account', action: 'UPDATE' },
      ]),
    );
    const [group] = await gateway.sql(`select id from sharing_group where name = 'EMEA'`);
    mover = await gateway.person({
      name: 'Mo Ver',
      audience: 'STAFF',
      roles: ['zq-mover'],
      groups: [String(group!.id)],
    });
  });
  afterAll(() => gateway.stop());

  const explain = (token: string, input: Record<string, unknown>): Promise<Answer> =>
    gateway.ask(token, `query ($input: ExplainDecisionInput!) { explainDecision(input: $input) ${ALL} }`, { input });
  const explained = async (token: string, input: Record<string, unknown>) => {
    const { body, text } = await explain(token, input);
    if (body.errors) throw new Error(text);
    return body.data.explainDecision;
  };
  const refusalOf = async (token: string | null, document: string) => {
    const { body, text } = await gateway.ask(token, document);
    if (!body.errors?.[0]) throw new Error(`not refused: ${text}`);
    return body.errors[0].extensions;
  };

  describe('A decision id explains the refusal that it came with', () => {
    const REFUSALS: [string, () => TestPerson, string, Record<string, unknown>][] = [
      [
        'a field seen',
        () => ledger.support,
        '{ accounts { nodes { taxId } } }',
        { code: 'FIELD_FORBIDDEN', object: 'Account', field: 'taxId', action: 'SEE' },
      ],
      [
        'a field filtered by',
        () => ledger.support,
        '{ accounts(where: { taxId: { eq: "x" } }) { totalCount } }',
        { code: 'FIELD_FORBIDDEN', object: 'Account', field: 'taxId', action: 'FILTER' },
      ],
      [
        'a masked field sorted by',
        () => ledger.support,
        '{ contacts(orderBy: [{ email: ASC }]) { totalCount } }',
        { code: 'FIELD_FORBIDDEN', object: 'Contact', field: 'email', action: 'SORT' },
      ],
      [
        'a relation to what one may not read',
        () => ledger.analyst,
        '{ accounts { nodes { owner { fullName } } } }',
        { code: 'FORBIDDEN', object: 'Account', field: 'owner', action: 'SEE' },
      ],
      [
        'an object read',
        () => ledger.analyst,
        '{ payments { totalCount } }',
        { code: 'FORBIDDEN', object: 'Payment', field: null, action: 'READ' },
      ],
      [
        'an object stepped to in a filter',
        () => ledger.analyst,
        '{ accounts(where: { owner: { fullName: { eq: "x" } } }) { totalCount } }',
        { code: 'FORBIDDEN', object: 'Person', field: null, action: 'READ' },
      ],
      [
        'a create',
        () => ledger.support,
        `mutation { createAccount(input: { name: "x", currency: "EUR", region: EMEA, segment: ENTERPRISE }) { userErrors { code } } }`,
        { code: 'FORBIDDEN', object: 'Account', field: null, action: 'CREATE' },
      ],
      [
        'an update',
        () => ledger.support,
        `mutation { updateAccount(id: "${NOBODY_ID}", expectedVersion: 1, input: {}) { userErrors { code } } }`,
        { code: 'FORBIDDEN', object: 'Account', field: null, action: 'UPDATE' },
      ],
      [
        'a delete',
        () => ledger.support,
        `mutation { deleteInvoice(id: "${NOBODY_ID}", expectedVersion: 1) { userErrors { code } } }`,
        { code: 'FORBIDDEN', object: 'Invoice', field: null, action: 'DELETE' },
      ],
      [
        'a field changed',
        () => ledger.support,
        `mutation { updateInvoice(id: "${NOBODY_ID}", expectedVersion: 1, input: { total: "1" }) { userErrors { code } } }`,
        { code: 'FIELD_FORBIDDEN', object: 'Invoice', field: 'total', action: 'CHANGE' },
      ],
      [
        'a field that is not there',
        () => ledger.support,
        '{ accounts { nodes { nonsense } } }',
        { code: 'GRAPHQL_VALIDATION_FAILED', object: null, field: null, action: null },
      ],
      [
        'a document that is none',
        () => ledger.support,
        '{ accounts { ',
        { code: 'GRAPHQL_PARSE_FAILED', object: null },
      ],
      [
        'a page that is too large',
        () => ledger.support,
        '{ accounts(first: 100000) { totalCount } }',
        { object: null },
      ],
      [
        'a record that is not there',
        () => ledger.support,
        `mutation { updateInvoice(id: "${NOBODY_ID}", expectedVersion: 1, input: { notes: "x" }) { userErrors { code } } }`,
        { code: 'NOT_FOUND', object: null },
      ],
    ];

    test.each(REFUSALS)('%s', async (_, who, document, expected) => {
      const { token } = who();
      const { decisionId, code } = await refusalOf(token, document);
      const told = await explained(token, { decisionId });
      expect(told).toMatchObject({ verdict: 'DENIED', code, ...expected });
      expect(told.remedy).not.toBe('');
      if (told.object) expect(told).toMatchObject({ policyVersion: expect.any(Number), missing: { kind: null } });
      // The explain right shows the rules of the same refusal.
      const detailed = await explained(ledger.admin.token, { decisionId });
      expect(detailed).toMatchObject({ verdict: 'DENIED', code, ...expected });
      if (told.object) expect(detailed.missing.kind).toMatch(/^(GRANT|DENY)$/);
    });

    test('an own right that one may not change', async () => {
      const [role] = await gateway.sql(`select id from role where name = 'support'`);
      const input = `{ roleId: "${role!.id}", userId: "${ledger.admin.userId}" }`;
      const { decisionId } = await refusalOf(
        ledger.admin.token,
        `mutation { createRoleAssignment(input: ${input}) { userErrors { code } } }`,
      );
      const told = await explained(ledger.admin.token, { decisionId });
      expect(told).toMatchObject({ verdict: 'DENIED', object: 'RoleAssignment', action: 'CREATE' });
      expect(told.remedy).toMatch(/another security admin/);
    });

    test('a record that would leave the records that one may write', async () => {
      const { decisionId } = await refusalOf(
        mover.token,
        `mutation { updateAccount(id: "${accountIds[0]}", expectedVersion: 1, input: { region: APAC }) { userErrors { code } } }`,
      );
      const told = await explained(mover.token, { decisionId });
      expect(told).toMatchObject({ verdict: 'DENIED', code: 'FORBIDDEN' });
      expect(told.remedy).toMatch(/outside the records that you may write/);
    });

    test('a request from nobody is explained to readers of rules only', async () => {
      const { decisionId } = await refusalOf(null, '{ accounts { totalCount } }');
      expect(await explained(ledger.admin.token, { decisionId })).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect((await explain(ledger.support.token, { decisionId })).body.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    });

    test('what `can` answered', async () => {
      const { body } = await gateway.ask(
        ledger.support.token,
        '{ viewer { can(object: "Account", action: UPDATE) { decisionId } } }',
      );
      const told = await explained(ledger.support.token, { decisionId: body.data.viewer.can.decisionId });
      expect(told).toMatchObject({ verdict: 'DENIED', code: null, object: 'Account', action: 'UPDATE' });
    });
  });

  test('decision ids of others, of other places, bent ones and inventions are refused alike', async () => {
    const { decisionId } = await refusalOf(ledger.support.token, '{ accounts { nodes { taxId } } }');
    const { body } = await gateway.ask(ledger.analyst.token, '{ accounts(first: 1) { pageInfo { endCursor } } }');
    const bent = `${decisionId!.slice(0, 40)}${decisionId![40] === 'A' ? 'B' : 'A'}${decisionId!.slice(41)}`;
    const inventions = [decisionId!, bent, decisionId!.slice(1), 'x', '', body.data.accounts.pageInfo.endCursor, 'ü\0'];
    const answers = new Set<string>();
    for (const invention of inventions) {
      const answer = await explain(ledger.analyst.token, { decisionId: invention });
      answers.add(`${answer.status} ${blank(answer.text)}`);
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain('NOT_FOUND');
  });

  test('all decision ids are of one length', async () => {
    const ids = [
      await refusalOf(null, '{ accounts { totalCount } }'),
      await refusalOf(null, '{ nonsense'),
      await refusalOf(ledger.support.token, '{ accounts { nodes { taxId } } }'),
      await refusalOf(ledger.analyst.token, '{ accounts(where: { owner: { fullName: { eq: "x" } } }) { totalCount } }'),
    ];
    expect(new Set(ids.map(({ decisionId }) => decisionId!.length)).size).toBe(1);
  });

  test('a refusal of an earlier policy is explained under that policy, and says so when it cannot be', async () => {
    const { support } = ledger;
    const mine = await gateway.person({ name: 'Ear Lier', audience: 'STAFF', roles: ['zq-mover'] });
    const first = await refusalOf(mine.token, '{ payments { nodes { id } } }');
    const before = await explained(mine.token, { decisionId: first.decisionId });
    await gateway.lines([{ role: 'zq-mover', object: 'Payment', field: 'amount', action: 'SEE_CLEAR' }]);
    expect(await explained(mine.token, { object: 'Payment' })).toMatchObject({ verdict: 'ALLOWED' });
    const after = await explained(mine.token, { decisionId: first.decisionId });
    expect(after).toEqual(before);
    const second = await refusalOf(mine.token, '{ payments { nodes { reference } } }');
    await gateway.lines([{ role: 'zq-mover', object: 'Payment', field: 'reference', action: 'SEE_CLEAR' }]);
    const version = (await explained(support.token, { object: 'Account' })).policyVersion - 1;
    const owner = new Client({ connectionString: gateway.database.adminUrl, options: '-c search_path=countersign' });
    await owner.connect();
    await owner.query(`update policy_version set mac = '\\x00' where n = $1`, [version]);
    await owner.end();
    const unloadable = await explained(mine.token, { decisionId: second.decisionId });
    expect(unloadable).toMatchObject({ verdict: 'DENIED', policyVersion: version, decidingRule: null, rowScope: null });
    expect(unloadable.remedy).toMatch(/cannot be loaded any more/);
  });

  describe('Rules are for those who may read them', () => {
    test('they are told the deciding rule, the roles that would help, and the scope as SQL without its values', async () => {
      const { admin, support, analyst, portal } = ledger;
      const denied = await explained(admin.token, { object: 'Account', field: 'taxId', userId: support.userId });
      expect(denied).toMatchObject({
        verdict: 'DENIED',
        decidingRule: { role: 'support', object: 'Account', field: 'taxId', action: 'SEE_MASKED', effect: 'DENY' },
        missing: { kind: 'DENY' },
        rowScope: {
          words: 'records where region is EMEA',
          sql: 't.region = $1::text',
          bound: ['$1: a value written in the sharing group'],
        },
      });
      const missing = await explained(admin.token, { object: 'Payment', field: 'amount', userId: analyst.userId });
      expect(missing.missing).toEqual({ kind: 'GRANT', object: 'Payment', field: 'amount', action: 'SEE_CLEAR' });
      expect(missing.grantingRoles).toEqual(expect.arrayContaining(['admin', 'support']));
      const scope = (await explained(admin.token, { object: 'Invoice', userId: portal.userId })).rowScope;
      expect(scope.bound).toContainEqual(expect.stringMatching(/^\$\d+: principal\.accountId$/));
      expect(scope.sql).not.toContain(accountIds[0]);
      const masked = await explained(admin.token, { object: 'Contact', field: 'email', userId: support.userId });
      expect(masked).toMatchObject({ verdict: 'MASKED', decidingRule: { effect: 'ALLOW' }, missing: { kind: 'DENY' } });
    });

    test('everybody else may not have the decisions of others explained, whether or not there is such a user', async () => {
      const ask = (userId: string) => explain(ledger.support.token, { object: 'Account', userId });
      const [there, not] = [await ask(ledger.analyst.userId), await ask(NOBODY_ID)];
      expect(there.body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      expect(blank(there.text)).toBe(blank(not.text));
    });

    test('and a look at others or at a record leaves a trace before it is answered', async () => {
      const count = async () =>
        Number((await gateway.sql(`select count(*) from audit_record where reason like 'explained %'`))[0]!.count);
      const before = await count();
      const hidden = await explained(ledger.admin.token, {
        object: 'Account',
        id: accountIds[1],
        userId: ledger.support.userId,
      });
      expect(hidden).toMatchObject({ verdict: 'DENIED', recordInScope: false });
      expect(hidden.remedy).toMatch(/^The record exists, but not among records where region is EMEA/);
      expect(await count()).toBe(before + 1);
      await explained(ledger.support.token, { object: 'Account', id: accountIds[1] });
      expect(await count()).toBe(before + 1);
    });
  });

  test('a record that one may not see is explained as one that does not exist, and no other answer tells of it', async () => {
    const { support, portal, analyst } = ledger;
    const ask = async (id: string) => {
      const texts: string[] = [];
      for (const { token } of [support, portal]) {
        for (const action of ['READ', 'UPDATE', 'DELETE']) {
          texts.push(blank((await explain(token, { object: 'Account', action, id })).text));
        }
        texts.push(blank((await explain(token, { object: 'Account', field: 'name', id })).text));
      }
      return texts;
    };
    const [created] = await gateway.install([
      {
        verb: 'create',
        object: 'Account',
        input: { name: 'Hidden', region: 'APAC', segment: 'ENTERPRISE', currency: 'EUR' },
      },
    ]);
    const whileThere = await ask(created!.id);
    const general = [
      await explain(support.token, { object: 'Account' }),
      await explain(portal.token, { object: 'Account' }),
    ];
    await gateway.install([{ verb: 'delete', object: 'Account', id: created!.id }]);
    expect(await ask(created!.id)).toEqual(whileThere);
    const without = [
      await explain(support.token, { object: 'Account' }),
      await explain(portal.token, { object: 'Account' }),
    ];
    expect(without.map(({ text }) => text)).toEqual(general.map(({ text }) => text));
    // Persons are open, but the analyst may not read them: whether there is one is not told either.
    const person = (id: string) => explain(analyst.token, { object: 'Person', id });
    expect((await person(ledger.support.personId)).text).toBe((await person(NOBODY_ID)).text);
    const seen = await explained(support.token, { object: 'Account', id: accountIds[0] });
    expect(seen).toMatchObject({ verdict: 'ALLOWED', recordInScope: true, remedy: '' });
  });

  test('to a portal, a hidden object or field is explained as one that does not exist, to the byte', async () => {
    const { token } = ledger.portal;
    const pairs: [Record<string, unknown>, Record<string, unknown>][] = [
      [{ object: 'Payment' }, { object: 'Nonsense' }],
      [
        { object: 'Account', field: 'taxId' },
        { object: 'Account', field: 'nonsense' },
      ],
      [
        { object: 'Account', field: 'taxId', action: 'FILTER' },
        { object: 'Account', field: 'nonsense', action: 'FILTER' },
      ],
      [
        { object: 'Account', field: 'owner', action: 'SORT' },
        { object: 'Account', field: 'nonsense', action: 'SORT' },
      ],
      [
        { object: 'Payment', field: 'amount', id: NOBODY_ID },
        { object: 'Nonsense', field: 'amount', id: NOBODY_ID },
      ],
    ];
    for (const [hidden, unknown] of pairs) {
      const [a, b] = [await explain(token, hidden), await explain(token, unknown)];
      expect(a.body.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
      expect(blank(a.text)).toBe(blank(b.text));
    }
    expect((await explained(token, { object: 'Invoice' })).rowScope.sql).toBeNull();
  });

  test('a scope whose condition names a field that the caller does not see is not told in words', async () => {
    const [group] = await gateway.install([
      { verb: 'create', object: 'SharingGroup', as: 'g', input: { name: 'By tax id', access: 'READ' } },
      {
        verb: 'create',
        object: 'SharingCondition',
        input: { groupId: '@g', objectName: 'Account', condition: { taxId: { startsWith: 'ZQ77' } } },
      },
    ]);
    const person = await gateway.person({
      name: 'Tax Less',
      audience: 'STAFF',
      roles: ['support'],
      groups: [group!.id],
    });
    const { text } = await explain(person.token, { object: 'Account' });
    expect(text).toContain('the records that your sharing groups give you');
    expect(text).not.toMatch(/ZQ77|taxId/);
    const told = await explained(ledger.admin.token, { object: 'Account', userId: person.userId });
    expect(told.rowScope.words).toBe('records where taxId starts with ZQ77');
  });

  test('nobody signed in is told to sign in, and one request has at most twenty things explained', async () => {
    const none = await gateway.ask(null, '{ explainDecision(input: { object: "Account" }) { verdict } }');
    expect(none.body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const many = Array.from(
      { length: 21 },
      (_, n) => `e${n}: explainDecision(input: { object: "Account" }) { verdict }`,
    );
    const { body } = await gateway.ask(ledger.support.token, `{ ${many.join(' ')} }`);
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['COST_LIMIT']);
  });
});
