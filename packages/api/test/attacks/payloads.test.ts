import type { GivenChange } from '../../src/records/change';
import { codes } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

/* What comes back from a change is read like anything else: it is no way around what a query would refuse. */
describe('The answer of a change shows no more than a query would', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let linker: TestPerson;
  let contact: { id: string; account_id: string };

  const create = (object: string, input: Record<string, unknown>, as?: string): GivenChange => ({
    verb: 'create',
    object,
    input,
    as,
  });

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    await gateway.install([
      ...gateway.roleRecords('blind', [
        { object: 'Contact', field: 'company', action: 'SEE_CLEAR' },
        { object: 'Contact', field: '*', action: 'CHANGE' },
        ...['CREATE', 'UPDATE'].map((action) => ({ object: 'Contact', action })),
        { object: 'Account', field: 'name', action: 'SEE_CLEAR' },
      ]),
      ...gateway.roleRecords('linker', [
        ...['name', 'inheritances'].map((field) => ({ object: 'Role', field, action: 'SEE_CLEAR' })),
        ...['role', 'inherits'].flatMap((field) =>
          ['SEE_CLEAR', 'CHANGE'].map((action) => ({ object: 'RoleInheritance', field, action })),
        ),
        { object: 'RoleInheritance', action: 'CREATE' },
      ]),
      create('Role', { name: 'board-secret' }, 'secret'),
      create('Role', { name: 'team-a' }, 'a'),
      create('Role', { name: 'team-b' }, 'b'),
      create('RoleInheritance', { roleId: '@secret', inheritsId: '@a' }),
      create('RoleInheritance', { roleId: '@b', inheritsId: '@secret' }),
      create('SharingGroup', { name: 'Teams', access: 'READ_WRITE' }, 'teams'),
      create('SharingCondition', {
        groupId: '@teams',
        objectName: 'Role',
        condition: { name: { startsWith: 'team-' } },
      }),
      create('SharingMember', { groupId: '@teams', roleId: '@linker' }),
    ]);
    linker = await gateway.person({ name: 'Lin Ker', audience: 'STAFF', roles: ['linker'] });
    [contact] = (await gateway.sql(
      `select c.id, c.account_id from contact c join account a on a.id = c.account_id where a.region = 'EMEA' limit 1`,
    )) as [typeof contact];
  });
  afterAll(() => gateway?.stop());

  const FACE = `id email firstName account { id name taxId region owner { fullName }
    contacts { nodes { id email } totalCount } invoices(where: { notes: { isNull: false } }) { nodes { notes } } }
    again: account { tax: taxId }`;

  test('masks, forbidden fields, relations and connections are those of a query, under every alias', async () => {
    const changed = await gateway.ask(
      ledger.support.token,
      `mutation ($id: ID!) { updateContact(id: $id, expectedVersion: 1, input: { phone: "+1" }) { contact { ${FACE} } } }`,
      { id: contact.id },
    );
    const read = await gateway.ask(ledger.support.token, `query ($id: ID!) { contact(id: $id) { ${FACE} } }`, {
      id: contact.id,
    });
    expect(changed.body.data.updateContact.contact).toEqual(read.body.data.contact);
    expect(read.body.data.contact).toMatchObject({ email: 'c•••@example.org', account: { taxId: null, owner: null } });
    const told = (answer: typeof read) =>
      answer.body.errors!.map(({ path, extensions }) => [extensions.code, extensions.coordinate, path!.slice(-2)]);
    expect(told(changed).sort()).toEqual(told(read).sort());
    expect(changed.text).not.toMatch(/DE1234|Olive/);
  });

  test('who writes fields without seeing them gets none of them back', async () => {
    const blind = await gateway.person({ name: 'Bli Nd', audience: 'STAFF', roles: ['blind'] });
    const answer = await gateway.ask(
      blind.token,
      `mutation ($input: ContactCreateInput!) {
        createContact(input: $input) { contact { id company firstName version account { name } } userErrors { message } }
      }`,
      { input: { accountId: contact.account_id, firstName: 'Written', lastName: 'Unseen', company: 'Seen Ltd' } },
    );
    expect(codes(answer).sort()).toEqual(['FIELD_FORBIDDEN', 'FIELD_FORBIDDEN', 'FIELD_FORBIDDEN']);
    expect(answer.body.data.createContact.contact).toMatchObject({
      company: 'Seen Ltd',
      firstName: null,
      account: null,
    });
    expect(answer.text).not.toContain('Written');
    expect(await gateway.sql(`select first_name from contact where company = 'Seen Ltd'`)).toEqual([
      { first_name: 'Written' },
    ]);
  });

  test('a policy that would not be sound is explained to those only who see all of it', async () => {
    const ids = await gateway.roleIds();
    const link = (token: string) =>
      gateway.ask(
        token,
        `mutation ($input: RoleInheritanceCreateInput!) {
          createRoleInheritance(input: $input) { roleInheritance { id } userErrors { code field message } }
        }`,
        { input: { roleId: ids.get('team-a'), inheritsId: ids.get('team-b') } },
      );
    const [byLinker, byAdmin] = [await link(linker.token), await link(ledger.admin.token)];
    expect(byAdmin.body.data.createRoleInheritance.userErrors[0].message).toMatch(/role ".*" inherits itself/);
    expect(byLinker.body.data.createRoleInheritance.userErrors).toEqual([
      { code: 'POLICY_INVALID', field: null, message: 'The policy would not be sound.' },
    ]);
    expect(byLinker.text).not.toContain('board-secret');
  });
});
