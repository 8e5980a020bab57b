import { type CatalogueMember, type CatalogueObject, inputName, storedMembers } from '@countersign/schema';
import { getIntrospectionQuery } from 'graphql';
import { blank, ErrorWatch } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

/*
 * Whatever a portal asks about something that is hidden from it is asked again about something that does not exist, of
 * the same length. The two answers have to be equal to the byte, once the names and the random ids are taken out.
 */
describe('To a portal, what is hidden and what does not exist are the same', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let portal: string;
  let agent: TestPerson;
  let watch: ErrorWatch;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    const create = (object: string, input: Record<string, unknown>, as?: string) =>
      ({ verb: 'create', object, input, as }) as const;
    const records = await gateway.install([
      create('SharingGroup', { name: 'Own account, writing', access: 'READ_WRITE' }, 'group'),
      create('SharingCondition', {
        groupId: '@group',
        objectName: 'Account',
        condition: { id: { eq: '$principal.accountId' } },
      }),
      ...gateway.roleRecords('agent', [
        ...['name', 'contacts', 'paymentMethods'].map((field) => ({ object: 'Account', field, action: 'SEE_CLEAR' })),
        ...['firstName', 'city', 'account', 'version'].map((field) => ({
          object: 'Contact',
          field,
          action: 'SEE_CLEAR',
        })),
        { object: 'Contact', field: 'email', action: 'SEE_MASKED' },
        ...['account', 'firstName', 'lastName', 'city'].map((field) => ({
          object: 'Contact',
          field,
          action: 'CHANGE',
        })),
        { object: 'Contact', action: 'CREATE' },
        { object: 'Contact', action: 'UPDATE' },
      ]),
    ]);
    portal = ledger.portal.token;
    agent = await gateway.person({
      name: 'Agnes Ent',
      audience: 'PORTAL',
      roles: ['agent'],
      groups: [records[0]!.id],
      accountId: ledger.accountIds[0]!,
    });
    watch = new ErrorWatch(gateway);
  });
  afterAll(() => gateway.stop());

  /** Asks about the hidden names, then about as many unknown ones; gives the first answer. */
  async function alike(token: string, query: string, hidden: string | string[], variables?: unknown): Promise<string> {
    const names = [hidden].flat();
    const ask = async (name: (hidden: string, index: number) => string) => {
      const put = (text: string) => names.reduce((done, name_, i) => done.replaceAll(`<${i}>`, name(name_, i)), text);
      const answer = await gateway.ask(token, put(query), JSON.parse(put(JSON.stringify(variables ?? {}))));
      const text = names.reduce((done, name_, i) => done.replaceAll(name(name_, i), `<${i}>`), blank(answer.text));
      return `${answer.status} ${text}`;
    };
    // Different unknown names of one length: a letter each.
    const letter = (index: number) => String.fromCharCode('f'.charCodeAt(0) + index);
    const real = await ask((name) => name);
    expect(real).toBe(await ask((name, index) => `Q${letter(index).repeat(name.length - 1)}`));
    return real;
  }

  describe('each by itself', () => {
    test.each([
      ['an object', '{ <0> { nodes { id } } }', 'contracts'],
      ['one record of an object', '{ <0>(id: "x") { id } }', 'contract'],
      ['a field', '{ accounts { nodes { <0> } } }', 'taxId'],
      ['a field with a selection that it cannot have', '{ accounts { nodes { <0> { id } } } }', 'taxId'],
      ['a field with arguments that it has', '{ accounts { nodes { <0>(first: 1) { nodes { id } } } } }', 'contracts'],
      ['a field with arguments that it lacks', '{ accounts { nodes { <0>(nonsense: 1) } } }', 'taxId'],
      ['a relation', '{ invoices { nodes { <0> { id } } } }', 'contract'],
      ['a relation to many', '{ accounts { nodes { <0> { totalCount } } } }', 'contacts'],
      ['a field under an alias', '{ accounts { nodes { name: <0> } } }', 'taxId'],
      ['a field in a fragment', '{ accounts { nodes { ...F } } } fragment F on Account { <0> }', 'taxId'],
      ['a field that is skipped', '{ accounts { nodes { id <0> @skip(if: true) } } }', 'taxId'],
      ['a field in a fragment that nothing uses', '{ __typename } fragment F on Account { <0> }', 'taxId'],
      ['a filter', '{ accounts(where: { <0>: { eq: "x" } }) { totalCount } }', 'taxId'],
      ['a filter of the wrong type', '{ accounts(where: { <0>: 5 }) { totalCount } }', 'taxId'],
      ['a filter deep inside', '{ accounts(where: { not: { or: [{ <0>: {} }] } }) { totalCount } }', 'taxId'],
      ['a filter through a relation', '{ invoices(where: { account: { <0>: {} } }) { totalCount } }', 'taxId'],
      ['a filter step', '{ accounts(where: { <0>: { some: {} } }) { totalCount } }', 'contacts'],
      ['a sort', '{ accounts(orderBy: [{ <0>: ASC }]) { totalCount } }', 'taxId'],
      ['a type in a fragment', '{ accounts { nodes { ... on <0> { id } } } }', 'Contract'],
      ['a type of a fragment', '{ __typename } fragment F on <0> { id }', 'Contract'],
      ['an input type of a variable', 'query ($w: <0>) { __typename }', 'ContractWhere'],
      ['an enum of a variable', 'query ($w: <0>) { __typename }', 'Segment'],
      ['an enum of a variable with a default', 'query ($w: <0> = ENTERPRISE) { __typename }', 'Segment'],
      ['a mutation', 'mutation { <0>(input: {}) { userErrors { code } } }', 'createInvoice'],
      [
        'a mutation with the right arguments',
        'mutation { <0>(id: "x", expectedVersion: 1) { userErrors { code } } }',
        'deleteAccount',
      ],
      ['a type that is asked for by name', '{ __type(name: "<0>") { name } }', 'Contract'],
      ['an enum that is asked for by name', '{ __type(name: "<0>") { enumValues { name } } }', 'Segment'],
      [
        'an object in what one may do',
        '{ viewer { can(object: "<0>", action: READ) { allowed reason decisionId } fields(object: "<0>") { name } } }',
        'Contract',
      ],
      [
        'a record in what one may do',
        '{ viewer { can(object: "<0>", action: UPDATE, id: "x") { allowed reason decisionId } } }',
        'Contract',
      ],
    ])('%s', async (_name, query, hidden) => {
      await alike(portal, query, hidden);
    });

    test.each([
      ['a filter', 'query ($v: AccountWhere) { accounts(where: $v) { totalCount } }', { '<0>': { eq: 'x' } }],
      [
        'a filter deep inside',
        'query ($v: AccountWhere) { accounts(where: $v) { totalCount } }',
        { or: [{ not: { '<0>': 1 } }] },
      ],
      ['a sort', 'query ($v: [AccountOrderBy!]) { accounts(orderBy: $v) { totalCount } }', [{ '<0>': 'ASC' }]],
      [
        'a sort of the wrong type',
        'query ($v: [AccountOrderBy!]) { accounts(orderBy: $v) { totalCount } }',
        [{ '<0>': 7 }],
      ],
      [
        'a filter beside one that is wrong',
        'query ($v: AccountWhere) { accounts(where: $v) { totalCount } }',
        { '<0>': { eq: 'x' }, name: { eq: 5 } },
      ],
    ])('%s in variables', async (_name, query, v) => {
      const answer = await alike(portal, query, 'taxId', { v });
      expect(answer).toContain('BAD_USER_INPUT');
    });

    test('a filter by a field that is only shown masked', async () => {
      await alike(agent.token, '{ contacts(where: { <0>: { eq: "x" } }) { totalCount } }', 'email');
      await alike(agent.token, '{ contacts(orderBy: { <0>: ASC }) { totalCount } }', 'email');
    });

    test('a relation that one may see, to an object that one may not', async () => {
      await alike(agent.token, '{ accounts { nodes { <0> { totalCount } } } }', 'paymentMethods');
      const { body } = await gateway.ask(agent.token, '{ viewer { fields(object: "Account") { name } } }');
      expect(body.data.viewer.fields.map(({ name }: { name: string }) => name)).toEqual(['id', 'name', 'contacts']);
    });

    test('a field of a payload, a field of an input, and a change in a change set', async () => {
      const input = '{ accountId: "x", firstName: "a", lastName: "b" }';
      await alike(agent.token, `mutation { createContact(input: ${input}) { contact { <0> } } }`, 'phone');
      const update =
        'mutation { updateContact(id: "x", expectedVersion: 1, input: { <0>: "x" }) { userErrors { code } } }';
      await alike(agent.token, update, 'phone');
      const variable =
        'mutation ($i: ContactUpdateInput!) { updateContact(id: "x", expectedVersion: 1, input: $i) { userErrors { code } } }';
      await alike(agent.token, variable, 'phone', { i: { '<0>': 'x' } });
      const changes = 'mutation ($c: [ChangeInput!]!) { applyChangeSet(changes: $c) { userErrors { code } } }';
      await alike(agent.token, changes, 'deleteContact', { c: [{ '<0>': { id: 'x', expectedVersion: 1 } }] });
    });

    test('somebody who has not signed in learns nothing but that', async () => {
      const real = await gateway.ask(null, '{ contracts { nodes { id } } }');
      const invented = await gateway.ask(null, '{ nonsense { nodes { id } } }');
      expect(real.status).toBe(401);
      expect(blank(real.text)).toBe(blank(invented.text));
    });
  });

  describe('all of them: every member of every object, in every position', () => {
    const VISIBLE: Record<string, string[]> = {
      Account: ['id', 'name', 'invoices'],
      Invoice: ['id', 'number', 'status', 'total', 'currency', 'issuedOn', 'account', 'lines'],
      InvoiceLine: ['id', 'description', 'amount', 'invoice'],
    };
    const hiddenMembers = (object: CatalogueObject) =>
      object.members.filter(({ name }) => !VISIBLE[object.name]!.includes(name));
    const bodyOf = (member: CatalogueMember, name: string) => {
      if (member.kind === 'field') return name;
      return `${name} { ${member.kind === 'to-one' ? 'id' : 'totalCount'} }`;
    };

    test.each(Object.keys(VISIBLE))('%s', async (objectName) => {
      const object = gateway.catalogue.objects.get(objectName)!;
      const hidden = hiddenMembers(object);
      expect(hidden.length).toBeGreaterThan(4);
      for (let from = 0; from < hidden.length; from += 9) {
        const part = hidden.slice(from, from + 9);
        const names = part.map(({ name }) => name);
        const each = (text: (member: CatalogueMember, name: string) => string) =>
          part.map((member, i) => text(member, `<${i}>`)).join(' ');
        await alike(portal, `{ ${object.plural} { nodes { ${each(bodyOf)} } } }`, names);
        await alike(portal, `{ ${object.singular}(id: "x") { ${each(bodyOf)} } }`, names);
        const where = each(
          (member, name) => `{ ${name}: { ${member.kind === 'to-many' ? 'some: {}' : 'isNull: true'} } }`,
        );
        await alike(portal, `{ ${object.plural}(where: { or: [${where}] }) { totalCount } }`, names);
        await alike(
          portal,
          `{ ${object.plural}(orderBy: [${each((_, name) => `{ ${name}: ASC }`)}]) { totalCount } }`,
          names,
        );
      }
    });

    test('every object that is hidden, its mutations and its types', async () => {
      const hidden = [...gateway.catalogue.objects.values()].filter(({ name }) => !(name in VISIBLE));
      expect(hidden.length).toBeGreaterThan(20);
      for (const object of hidden) {
        const { name, singular, plural } = object;
        await alike(portal, '{ <0> { totalCount } <1>(id: "x") { id } }', [plural, singular]);
        const variables = '$a: <0> $b: <1> $c: <2> $d: <3>';
        const types = [`${name}Where`, `${name}OrderBy`, `${name}CreateInput`, `${name}UpdateInput`];
        await alike(portal, `query (${variables}) { __typename }`, types);
        const verbs = object.verbs.map((verb) => `${verb}${name}`);
        const input = storedMembers(object).map((member) => `${inputName(member)}: null`);
        if (verbs.length > 0) {
          await alike(
            portal,
            `mutation { ${verbs.map((_, i) => `<${i}>(input: { ${input} }) { __typename }`)} }`,
            verbs,
          );
        }
      }
    });
  });

  describe('the schema that a portal is served', () => {
    test('names nothing but what it may see', async () => {
      const { text } = await gateway.get('/schema.graphql', portal);
      for (const name of [
        'taxId',
        'Contract',
        'Segment',
        'notes',
        'pendingChange',
        'setPassword',
        'approveChange',
        'Person',
        'createInvoice',
      ]) {
        expect(text).not.toMatch(new RegExp(`\\b${name}\\b`));
      }
      const introspected = await gateway.ask(portal, getIntrospectionQuery());
      const names = introspected.body.data.__schema.types.map(({ name }: { name: string }) => name);
      expect(names).toEqual(expect.arrayContaining(['Account', 'Invoice', 'InvoiceWhere']));
      expect(names).not.toEqual(expect.arrayContaining(['Contract']));
      expect(introspected.text).not.toMatch(/taxId|pendingChange|createInvoice/);
    });
  });

  test('no error said anything of the inside, and all had their ids', () => {
    expect(watch.problems()).toEqual([]);
    expect(watch.size).toBeGreaterThan(50);
  });
});
