import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

describe('Changes over GraphQL', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  const code = ({ body }: Answer) => body.errors?.map(({ extensions }) => extensions.code);

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
  });
  afterAll(() => gateway.stop());

  const UPDATE = `mutation ($id: ID!, $version: Int!, $input: InvoiceUpdateInput!) {
    updateInvoice(id: $id, expectedVersion: $version, input: $input) {
      invoice { id version notes updatedBy } pendingChange { id } userErrors { code field message }
    }
  }`;
  const invoiceOf = async (accountNumber: number) => {
    const query = `{ invoices(first: 1, where: { number: { eq: "N-${accountNumber}-0" } }) { nodes { id version account { region } } } }`;
    return (await gateway.ask(ledger.analyst.token, query)).body.data.invoices.nodes[0] as {
      id: string;
      version: number;
    };
  };

  test('an update raises the version, names who did it, and is shown as policy lets the writer see it', async () => {
    const { id, version } = await invoiceOf(0);
    const { body } = await gateway.ask(ledger.support.token, UPDATE, { id, version, input: { notes: 'called' } });
    expect(body.errors).toBeUndefined();
    expect(body.data.updateInvoice).toEqual({
      invoice: { id, version: version + 1, notes: 'called', updatedBy: ledger.support.userId },
      pendingChange: null,
      userErrors: [],
    });
  });

  test('a stale version is a conflict, and nothing is written', async () => {
    const { id, version } = await invoiceOf(4);
    const stale = await gateway.ask(ledger.support.token, UPDATE, { id, version: version + 7, input: { notes: 'x' } });
    expect(code(stale)).toEqual(['CONFLICT']);
    expect((await invoiceOf(4)).version).toBe(version);
  });

  test('a record outside the write scope answers like one that does not exist', async () => {
    const hidden = await invoiceOf(1);
    const answers = await Promise.all(
      [hidden.id, '01900000-0000-7000-8000-000000000000'].map((id) =>
        gateway.ask(ledger.support.token, UPDATE, { id, version: 1, input: { notes: 'x' } }),
      ),
    );
    const blank = (text: string) => text.replace(/"(requestId|decisionId)":"[^"]*"/g, '');
    expect(code(answers[0]!)).toEqual(['NOT_FOUND']);
    expect(new Set(answers.map(({ text }) => blank(text))).size).toBe(1);
  });

  test('one forbidden field refuses the whole mutation', async () => {
    const { id, version } = await invoiceOf(0);
    const both = await gateway.ask(ledger.support.token, UPDATE, {
      id,
      version,
      input: { notes: 'again', status: 'VOID' },
    });
    expect(code(both)).toEqual(['FIELD_FORBIDDEN']);
    expect(both.body.errors![0]!.extensions.coordinate).toBe('Invoice.status');
    expect((await invoiceOf(0)).version).toBe(version);
  });

  test('every bad value is reported at once, each with its path', async () => {
    const { body } = await gateway.ask(
      ledger.support.token,
      'mutation ($input: ContactCreateInput!) { createContact(input: $input) { contact { id } userErrors { code field } } }',
      {
        input: {
          accountId: ledger.accountIds[1],
          firstName: 'x'.repeat(2_000),
          lastName: 'a\u0000b',
          email: 'ok@example.org',
          externalId: '',
        },
      },
    );
    expect(body.errors).toBeUndefined();
    expect(body.data.createContact.contact).toBeNull();
    const errors = body.data.createContact.userErrors as { code: string; field: string[] }[];
    expect(errors).toEqual(
      expect.arrayContaining([
        { code: 'TOO_LONG', field: ['input', 'firstName'] },
        { code: 'INVALID', field: ['input', 'lastName'] },
      ]),
    );
  });

  test('a masked field that may be changed can be set and comes back masked', async () => {
    const { body } = await gateway.ask(
      ledger.support.token,
      'mutation ($input: ContactCreateInput!) { createContact(input: $input) { contact { email firstName } userErrors { code } } }',
      { input: { accountId: ledger.accountIds[0], firstName: 'Nadia', lastName: 'New', email: 'nadia@example.org' } },
    );
    expect(body.data.createContact).toEqual({
      contact: { email: 'n•••@example.org', firstName: 'Nadia' },
      userErrors: [],
    });
  });

  test('a change set applies together, with names for new records, or not at all', async () => {
    const set = (region: string, total: string) => ({
      changes: [
        {
          createAccount: {
            as: 'new',
            input: {
              name: 'Set Account',
              region,
              segment: 'ENTERPRISE',
              currency: 'EUR',
              status: 'ACTIVE',
              ownerId: null,
            },
          },
        },
        {
          createInvoice: {
            as: 'bill',
            input: {
              accountId: '@new',
              number: 'SET-1',
              status: 'DRAFT',
              currency: 'EUR',
              issuedOn: '2026-01-01',
              dueOn: '2026-02-01',
              subtotal: total,
              tax: '0.00',
              total,
            },
          },
        },
      ],
    });
    const query =
      'mutation ($changes: [ChangeInput!]!) { applyChangeSet(changes: $changes) { records { object id version } userErrors { code field } } }';
    const bad = await gateway.ask(ledger.admin.token, query, set('EMEA', '1.001'));
    expect(bad.body.data.applyChangeSet.records).toEqual([]);
    expect(bad.body.data.applyChangeSet.userErrors[0].field.slice(0, 4)).toEqual([
      'changes',
      '1',
      'createInvoice',
      'input',
    ]);
    const good = await gateway.ask(ledger.admin.token, query, set('EMEA', '10.00'));
    expect(good.body.errors).toBeUndefined();
    expect(good.body.data.applyChangeSet.records.map(({ object }: { object: string }) => object)).toEqual([
      'Account',
      'Invoice',
    ]);
    const found = await gateway.ask(
      ledger.admin.token,
      '{ accounts(where: { name: { eq: "Set Account" } }) { totalCount nodes { invoices { nodes { number total } } } } }',
    );
    expect(found.body.data.accounts).toEqual({
      totalCount: 1,
      nodes: [{ invoices: { nodes: [{ number: 'SET-1', total: '10.00' }] } }],
    });
  });

  test('of two writers with the same version one wins and the other is told', async () => {
    const { id, version } = await invoiceOf(8);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        gateway.ask(ledger.support.token, UPDATE, { id, version, input: { notes: `writer ${i}` } }),
      ),
    );
    const codes = answers.map((answer) => code(answer)?.[0] ?? 'OK').sort();
    expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'OK']);
    expect((await invoiceOf(8)).version).toBe(version + 1);
  });

  test('a portal that may change nothing has no mutations to know of', async () => {
    const { text } = await gateway.get('/schema.graphql', ledger.portal.token);
    expect(text).not.toMatch(/updateInvoice|createInvoice|applyChangeSet/);
  });

  describe('nobody edits their own rights', () => {
    const own = async (query: string) => code(await gateway.ask(ledger.admin.token, query));

    test('not by a line of a role they hold, an assignment, a membership, their user', async () => {
      const roles = await gateway.roleIds();
      const role = roles.get('admin');
      expect(
        await own(
          `mutation { createFieldPermission(input: { roleId: "${role}", objectName: "Account", fieldName: "*", action: CHANGE, effect: ALLOW }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
      expect(
        await own(
          `mutation { createRoleAssignment(input: { roleId: "${roles.get('support')}", userId: "${ledger.admin.userId}" }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
      expect(
        await own(
          `mutation { createRoleInheritance(input: { roleId: "${role}", inheritsId: "${roles.get('support')}" }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
      const [group] = await gateway.sql(`select id from sharing_group where name = 'EMEA'`);
      expect(
        await own(
          `mutation { createSharingMember(input: { groupId: "${group!.id}", userId: "${ledger.admin.userId}" }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
      expect(
        await own(
          `mutation { createSharingMember(input: { groupId: "${group!.id}", roleId: "${role}" }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
      expect(
        await own(
          `mutation { updateUser(id: "${ledger.admin.userId}", expectedVersion: 1, input: { region: EMEA }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
      expect(
        await own(
          `mutation { createUser(input: { personId: "${ledger.admin.personId}", email: "second@example.com", audience: STAFF }) { userErrors { code } } }`,
        ),
      ).toEqual(['FORBIDDEN']);
    });

    test('others they may, and it holds at once', async () => {
      const roles = await gateway.roleIds();
      const query = '{ accounts(first: 1) { nodes { creditLimit } } }';
      expect(code(await gateway.ask(ledger.analyst.token, query))).toEqual(['FIELD_FORBIDDEN']);
      const made = await gateway.ask(
        ledger.admin.token,
        `mutation { createFieldPermission(input: { roleId: "${roles.get('analyst')}", objectName: "Account", fieldName: "creditLimit", action: SEE_CLEAR, effect: ALLOW }) { fieldPermission { id version } userErrors { code message } } }`,
      );
      expect(made.body.data.createFieldPermission.userErrors).toEqual([]);
      expect((await gateway.ask(ledger.analyst.token, query)).body.errors).toBeUndefined();
      const { id } = made.body.data.createFieldPermission.fieldPermission;
      await gateway.ask(
        ledger.admin.token,
        `mutation { deleteFieldPermission(id: "${id}", expectedVersion: 1) { userErrors { code } } }`,
      );
      expect(code(await gateway.ask(ledger.analyst.token, query))).toEqual(['FIELD_FORBIDDEN']);
    });

    test('a policy that makes no sense is refused with its problems, and nothing changes', async () => {
      const roles = await gateway.roleIds();
      const [before] = await gateway.sql('select policy_version from authority_head');
      const { body } = await gateway.ask(
        ledger.admin.token,
        `mutation { createFieldPermission(input: { roleId: "${roles.get('analyst')}", objectName: "Acount", fieldName: "name", action: SEE_CLEAR, effect: ALLOW }) { userErrors { code message } } }`,
      );
      expect(body.data.createFieldPermission.userErrors).toMatchObject([{ code: 'POLICY_INVALID' }]);
      const cycle = `mutation { applyChangeSet(changes: [
        { createRoleInheritance: { input: { roleId: "${roles.get('analyst')}", inheritsId: "${roles.get('support')}" } } },
        { createRoleInheritance: { input: { roleId: "${roles.get('support')}", inheritsId: "${roles.get('analyst')}" } } }
      ]) { userErrors { code message } } }`;
      const refused = await gateway.ask(ledger.admin.token, cycle);
      expect(refused.body.data.applyChangeSet.userErrors).toMatchObject([{ code: 'POLICY_INVALID' }]);
      expect(await gateway.sql('select policy_version from authority_head')).toEqual([before]);
    });
  });
});
