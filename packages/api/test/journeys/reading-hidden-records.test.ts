import { blank, codes, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Support sees EMEA only. There is a family over the border: an EMEA account whose parent is hidden, and an EMEA parent
 * with one child that may be seen and one that may not.
 */
const MISSING = '01900000-0000-7000-8000-000000000000';

describe('A hidden record answers as a missing one', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let support: string;
  let portal: string;
  let watch: ErrorWatch;
  const family = { visibleChild: '', hiddenChild: '', childOfHidden: '', parent: '', hiddenParent: '' };
  const hidden = { account: '', invoice: '', line: '', contact: '', draft: '' };

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    support = ledger.support.token;
    portal = ledger.portal.token;
    const [parent, hiddenParent] = ledger.accountIds as [string, string];
    const account = (name: string, region: string, parentId: string) => {
      const input = { name, region, parentId, segment: 'CONSUMER', currency: 'EUR', status: 'ACTIVE', taxId: '' };
      return { verb: 'create', object: 'Account', input } as const;
    };
    const made = await gateway.install([
      account('visible child', 'EMEA', parent),
      account('hidden child', 'AMER', parent),
      account('child of a hidden parent', 'EMEA', hiddenParent),
    ]);
    const [visibleChild, hiddenChild, childOfHidden] = made.map(({ id }) => id) as [string, string, string];
    Object.assign(family, { visibleChild, hiddenChild, childOfHidden, parent, hiddenParent });
    const query = `{ account(id: "${hiddenParent}") { invoices(first: 1) { nodes { id lines(first: 1) { nodes { id } } } } contacts { nodes { id } } }
      drafts: invoices(where: { status: { eq: DRAFT }, account: { id: { eq: "${parent}" } } }) { nodes { id } } }`;
    const { data } = (await gateway.ask(ledger.admin.token, query)).body;
    const [invoice] = data.account.invoices.nodes;
    Object.assign(hidden, {
      account: hiddenParent,
      invoice: invoice.id,
      line: invoice.lines.nodes[0].id,
      contact: data.account.contacts.nodes[0].id,
      draft: data.drafts.nodes[0].id,
    });
    watch = new ErrorWatch(gateway);
  });
  afterAll(() => gateway.stop());

  const flat = ({ status, text }: Answer, id: string) => `${status} ${blank(text).replaceAll(id, 'ID')}`;

  async function alike(token: string, id: string, query: string): Promise<string> {
    const real = flat(await gateway.ask(token, query.replaceAll('ID', id)), id);
    expect(real).toBe(flat(await gateway.ask(token, query.replaceAll('ID', MISSING)), MISSING));
    return real;
  }

  describe('asked for by its id', () => {
    const ROADS: [keyof typeof hidden, string][] = [
      ['account', '{ account(id: "ID") { id name invoices { totalCount nodes { id } } } }'],
      ['account', '{ account(id: "ID") { taxId } }'],
      [
        'account',
        '{ accounts(where: { id: { eq: "ID" } }) { totalCount nodes { id } pageInfo { endCursor hasNextPage } } }',
      ],
      ['account', '{ accounts(where: { id: { in: ["ID"] } }) { edges { cursor } } }'],
      ['account', '{ accounts(where: { id: { ne: "ID" } }) { totalCount } }'],
      ['account', '{ accounts(where: { not: { id: { eq: "ID" } } }) { totalCount nodes { id } } }'],
      ['account', '{ invoices(where: { account: { id: { eq: "ID" } } }) { totalCount } }'],
      ['account', '{ invoices(where: { not: { account: { id: { eq: "ID" } } } }) { totalCount } }'],
      ['account', '{ accounts(where: { parent: { id: { eq: "ID" } } }) { totalCount nodes { name } } }'],
      ['account', '{ accounts(where: { parent: { not: { id: { eq: "ID" } } } }) { totalCount } }'],
      ['account', '{ accounts(where: { children: { some: { id: { eq: "ID" } } } }) { totalCount } }'],
      ['account', '{ accounts(where: { children: { none: { id: { eq: "ID" } } } }) { totalCount } }'],
      ['account', '{ invoiceLines(where: { invoice: { account: { parent: { id: { eq: "ID" } } } } }) { totalCount } }'],
      ['invoice', '{ invoice(id: "ID") { number account { name } lines { nodes { id } } } }'],
      ['invoice', '{ invoiceLines(where: { invoice: { id: { eq: "ID" } } }) { totalCount } }'],
      ['invoice', '{ accounts(where: { invoices: { some: { id: { eq: "ID" } } } }) { totalCount } }'],
      ['invoice', '{ accounts(where: { invoices: { none: { id: { eq: "ID" } } } }) { totalCount } }'],
      ['line', '{ invoiceLine(id: "ID") { amount invoice { id } } }'],
      ['line', '{ accounts(where: { invoices: { some: { lines: { some: { id: { eq: "ID" } } } } } }) { totalCount } }'],
      ['contact', '{ contact(id: "ID") { email } }'],
      ['account', '{ viewer { can(object: "Account", action: READ, id: "ID") { allowed reason decisionId } } }'],
      ['account', '{ viewer { can(object: "Account", action: UPDATE, id: "ID") { allowed reason decisionId } } }'],
      ['invoice', '{ viewer { can(object: "Invoice", action: UPDATE, id: "ID") { allowed reason decisionId } } }'],
      ['contact', '{ viewer { can(object: "Contact", action: DELETE, id: "ID") { allowed reason decisionId } } }'],
      [
        'invoice',
        'mutation { updateInvoice(id: "ID", expectedVersion: 1, input: { notes: "x" }) { invoice { id } userErrors { code field message } } }',
      ],
      [
        'contact',
        'mutation { updateContact(id: "ID", expectedVersion: 9, input: { city: "x" }) { contact { id } userErrors { code field message } } }',
      ],
      [
        'contact',
        'mutation { deleteContact(id: "ID", expectedVersion: 1) { contact { id } userErrors { code field message } } }',
      ],
      [
        'account',
        'mutation { createContact(input: { accountId: "ID", firstName: "a", lastName: "b" }) { contact { id } userErrors { code field message } } }',
      ],
    ];
    test.each(ROADS)('%s: %s', async (which, query) => {
      const answer = await alike(support, hidden[which], query);
      expect(answer).not.toMatch(/INTERNAL|VALIDATION/);
    });

    test("by a portal: another account's invoice, and a draft of its own account", async () => {
      for (const id of [hidden.invoice, hidden.draft]) {
        await alike(portal, id, '{ invoice(id: "ID") { number } }');
        await alike(portal, id, '{ invoices(where: { id: { eq: "ID" } }) { totalCount } }');
        await alike(portal, id, '{ accounts(where: { invoices: { some: { id: { eq: "ID" } } } }) { totalCount } }');
        await alike(portal, id, '{ invoiceLines(where: { invoice: { id: { eq: "ID" } } }) { totalCount } }');
        await alike(
          portal,
          id,
          '{ viewer { can(object: "Invoice", action: READ, id: "ID") { allowed reason decisionId } } }',
        );
      }
    });

    test('what is no id at all is no record either', async () => {
      for (const id of ['', 'x', '0', `${MISSING} `, `{${MISSING}}`, "' or 1=1 --", '\u0000', MISSING.toUpperCase()]) {
        const { body } = await gateway.ask(support, 'query ($id: ID!) { account(id: $id) { id } }', { id });
        expect(body).toEqual({ data: { account: null } });
      }
    });
  });

  describe('met on the way', () => {
    test('a hidden parent is null without an error', async () => {
      const query = `{ account(id: "${family.childOfHidden}") { name parent { id name invoices { totalCount } } } }`;
      const { body } = await gateway.ask(support, query);
      expect(body).toEqual({ data: { account: { name: 'child of a hidden parent', parent: null } } });
    });

    test('hidden children are neither listed nor counted, and do not take places on a page', async () => {
      const query = `{ account(id: "${family.parent}") { children(first: 1) { totalCount nodes { id } pageInfo { hasNextPage } } } }`;
      const { body } = await gateway.ask(support, query);
      expect(body.data.account.children).toEqual({
        totalCount: 1,
        nodes: [{ id: family.visibleChild }],
        pageInfo: { hasNextPage: false },
      });
      const whole = await gateway.ask(ledger.admin.token, query);
      expect(whole.body.data.account.children.totalCount).toBe(2);
    });

    const names = async (where: unknown): Promise<string[]> => {
      const query =
        'query ($where: AccountWhere) { accounts(where: $where, orderBy: { name: ASC }) { totalCount nodes { name } } }';
      const { body } = await gateway.ask(support, query, { where });
      expect(body.errors).toBeUndefined();
      expect(body.data.accounts.totalCount).toBe(body.data.accounts.nodes.length);
      return body.data.accounts.nodes.map(({ name }: { name: string }) => name);
    };
    const EMEA = ['Account 00', 'Account 04', 'Account 08', 'child of a hidden parent', 'visible child'];

    test('a filter takes a hidden parent for none', async () => {
      expect(await names({})).toEqual(EMEA);
      expect(await names({ parent: { isNull: true } })).toEqual(EMEA.slice(0, 4));
      expect(await names({ parent: { isNull: false } })).toEqual(['visible child']);
      expect(await names({ parent: { name: { startsWith: 'Account' } } })).toEqual(['visible child']);
      expect(await names({ parent: { region: { ne: 'EMEA' } } })).toEqual([]);
      expect(await names({ not: { parent: { region: { eq: 'EMEA' } } } })).toEqual([]);
      expect(await names({ parent: {} })).toEqual(['visible child']);
    });

    test('a filter does not find hidden children', async () => {
      expect(await names({ children: { some: { name: { eq: 'hidden child' } } } })).toEqual([]);
      expect(await names({ children: { some: { region: { eq: 'AMER' } } } })).toEqual([]);
      expect(await names({ children: { none: { region: { eq: 'AMER' } } } })).toEqual(EMEA);
      expect(await names({ children: { some: {} } })).toEqual(['Account 00']);
      expect(await names({ not: { children: { none: {} } } })).toEqual(['Account 00']);
    });

    test('a filter does not reach visible records through hidden ones', async () => {
      expect(await names({ parent: { children: { some: { name: { eq: 'child of a hidden parent' } } } } })).toEqual([]);
      expect(await names({ parent: { parent: { isNull: true } } })).toEqual(['visible child']);
    });

    test('whoever sees all parents finds them all', async () => {
      const query =
        '{ present: invoices(where: { account: { isNull: false } }) { totalCount } absent: invoices(where: { account: { isNull: true } }) { totalCount } }';
      const { body } = await gateway.ask(ledger.analyst.token, query);
      expect(body.data).toEqual({ present: { totalCount: 48 }, absent: { totalCount: 0 } });
    });
  });

  test('cursors made under a wider view open no door under a narrower one', async () => {
    const query =
      'query ($after: String) { accounts(first: 1, after: $after) { pageInfo { endCursor } nodes { id } } }';
    const wide = await gateway.ask(ledger.admin.token, query);
    const after = wide.body.data.accounts.pageInfo.endCursor;
    expect(codes(await gateway.ask(support, query, { after }))).toEqual(['BAD_USER_INPUT']);
  });

  test('no filter can make a hidden record raise an error, whatever it holds', async () => {
    const FILTERS = [
      ...['eq', 'ne', 'lt', 'lte', 'gt', 'gte'].flatMap((operator) => [
        { creditLimit: { [operator]: '9999999999999999.99' } },
        { creditLimit: { [operator]: '-9999999999999999.99' } },
        { createdAt: { [operator]: '0001-01-01T00:00:00Z' } },
        { createdAt: { [operator]: '9999-12-31T23:59:59.999Z' } },
        { name: { [operator]: '\u0001%_\\' } },
        { version: { [operator]: 2_147_483_647 } },
        { invoices: { some: { issuedOn: { [operator]: '9999-12-31' }, total: { [operator]: '0' } } } },
      ]),
      { name: { contains: '\\' } },
      { name: { startsWith: '%' } },
      { name: { contains: '' } },
      { creditLimit: { in: ['0', '0.10'] } },
    ];
    const query =
      'query ($where: AccountWhere) { accounts(where: $where, orderBy: { createdAt: ASC }) { totalCount edges { cursor node { name } } } }';
    const answers = () =>
      Promise.all(FILTERS.map(async (where) => blank((await gateway.ask(support, query, { where })).text)));
    const before = await answers();
    for (const text of before) expect(text).not.toContain('errors');
    await gateway.sql(`update account set name = E'\\x01"\\\\%_\\U0001F4A9{"a":1}', credit_limit = 9999999999999999.99, version = 2147483647,
      created_at = '9999-12-31 23:59:59.999+00', updated_at = '0001-01-01 00:00:00+00', tax_id = '' where region <> 'EMEA'`);
    await gateway.sql(
      `update invoice set issued_on = '9999-12-31', due_on = '9999-12-31', total = 9999999999999999.99, notes = E'\\x01' where account_id = '${hidden.account}'`,
    );
    expect(await answers()).toEqual(before);
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
  });
});
