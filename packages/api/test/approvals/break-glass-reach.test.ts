import { type BreakGlassWorld, breakGlassWorld, NEW_ELIGIBILITY } from './break-glass-world';

const OBJECTS = [
  ...['Account', 'Contact', 'Contract', 'Invoice', 'InvoiceLine', 'Payment', 'PaymentMethod', 'CreditNote', 'Price'],
  ...['Person', 'User', 'Role', 'RoleAssignment', 'FieldPermission', 'ApprovalRule', 'PendingChange', 'AuditEntry'],
  ...['BreakGlassEligibility', 'BreakGlassGrant'],
];
/** What the role has that the holder has not. */
const NAMED = [
  ...['createdAt', 'updatedAt', 'version'].map((name) => `Account.${name} see CLEAR`),
  ...['dueOn', 'notes', 'status'].map((name) => `Invoice.${name} change`),
];
const RIGHTS = `{ viewer { roles { name } ${OBJECTS.map((name) => `${name}: fields(object: "${name}") { name see change }`).join(' ')} } }`;
const CAN = `{ viewer { ${['UPDATE', 'APPROVE', 'CREATE', 'DELETE', 'EXPORT']
  .map((action) => `${action}: can(object: "Invoice", action: ${action}) { allowed }`)
  .join(' ')} } }`;
describe('Break-glass lends what was named in advance, and nothing else', () => {
  let world: BreakGlassWorld;

  beforeAll(async () => {
    world = await breakGlassWorld();
  });
  afterEach(async () => {
    world.at(0);
    await world.settle();
  });
  afterAll(() => world?.close());

  test('before it is taken it counts for nothing; then exactly the named role and group count', async () => {
    const before = await world.as(world.holder, RIGHTS);
    expect(await world.seesOther()).toBe(false);
    expect(await world.writeNotes(world.other.invoiceId, 'too early')).toBe('FORBIDDEN');
    await world.open();
    const after = await world.as(world.holder, RIGHTS);
    expect(await world.seesOther()).toBe(true);
    expect(await world.seesOther(world.second)).toBe(true);
    expect(await world.writeNotes(world.other.invoiceId, 'put right')).toBe('put right');
    const gained = OBJECTS.flatMap((name) => differences(name, before[name], after[name]));
    expect(gained.sort()).toEqual(NAMED);
    expect(after.roles).toEqual(before.roles);
    const can: Record<string, { allowed: boolean }> = await world.as(world.holder, CAN);
    expect(Object.entries(can).filter(([, { allowed }]) => allowed)).toEqual([['UPDATE', { allowed: true }]]);
  });

  test('who explains what somebody else may do is told what is lent to them as well', async () => {
    const question = { object: 'Invoice', field: 'notes', action: 'CHANGE', userId: world.holder.userId };
    const ask = 'query ($q: ExplainDecisionInput!) { explainDecision(input: $q) { verdict } }';
    const explained = () => world.as(world.adminOne, ask, { q: question });
    expect(await explained()).toEqual({ verdict: 'DENIED' });
    const { id } = await world.open();
    expect(await explained()).toEqual({ verdict: 'ALLOWED' });
    await world.end(id);
    expect(await explained()).toEqual({ verdict: 'DENIED' });
  });

  test('a change that a rule holds waits under break-glass as well, and nobody signs while rights are lent to them', async () => {
    const { gateway, maker, checker } = world;
    const roles = await gateway.roleIds();
    const lendTo = async (personId: string) => {
      const input = {
        personId,
        roleId: roles.get('billing-emergency'),
        longestMinutes: 5,
        reviewerRoleId: roles.get('finance-director'),
      };
      const [named] = await gateway.install([{ verb: 'create', object: 'BreakGlassEligibility', input }]);
      return { eligibility: named!.id, minutes: 5 };
    };
    await world.open(await lendTo(maker.personId), maker);
    const priceId = await world.newPrice();
    const { id } = await world.askFor(priceId, '105.000000');
    expect(await world.price(priceId)).toMatchObject({ amount: '100.000000' });
    const { id: grant } = await world.open(await lendTo(checker.personId), checker);
    await expect(world.approve(checker, id)).rejects.toThrow('while rights are lent to them');
    await world.end(grant, checker);
    expect(await world.approve(checker, id)).toMatchObject({ status: 'APPLIED' });
    await gateway.sql(`update break_glass_grant set status='OPEN' where false`);
    const [own] = await gateway.sql(`select id from break_glass_grant where person='${maker.personId}'`);
    await world.end(String(own!.id), maker);
  });

  test('what was asked for under lent rights is applied only while they are lent', async () => {
    const gate = await world.gateway.install([
      {
        verb: 'create',
        object: 'ApprovalRule',
        as: 'rule',
        input: { name: 'Invoices', objects: ['Invoice'], actions: ['UPDATE'] },
      },
      {
        verb: 'create',
        object: 'ApprovalLevel',
        input: {
          ruleId: '@rule',
          level: 1,
          approverRoleId: (await world.gateway.roleIds()).get('finance-director'),
          quorum: 1,
        },
      },
    ]);
    const ask = async (input: Record<string, string>): Promise<string> => {
      const [row] = await world.gateway.sql(`select version from invoice where id='${world.other.invoiceId}'`);
      const update = `mutation ($id: ID!, $v: Int!, $input: InvoiceUpdateInput!) {
        updateInvoice(id: $id, expectedVersion: $v, input: $input) { pendingChange { id } } }`;
      const variables = { id: world.other.invoiceId, v: row!.version, input };
      const asked = await world.as(world.holder, update, variables);
      return asked.pendingChange.id;
    };
    const { id } = await world.open();
    const [early, late] = [await ask({ notes: 'while it is open' }), await ask({ dueOn: '2026-06-30' })];
    expect(await world.approve(world.director, early)).toMatchObject({ status: 'APPLIED' });
    await world.end(id);
    expect(await world.approve(world.director, late)).toMatchObject({ status: 'CONFLICTED' });
    const [rule, level] = gate;
    await world.gateway.install([
      { verb: 'delete', object: 'ApprovalLevel', id: level!.id },
      { verb: 'delete', object: 'ApprovalRule', id: rule!.id },
    ]);
  });

  test('a role that reaches system objects or approves anything cannot be named', async () => {
    const { gateway } = world;
    const roles = await gateway.roleIds();
    for (const role of ['staff', 'pricing-checker', 'finance-director', 'security-admin', 'auditor']) {
      const input = {
        personId: world.analyst.personId,
        roleId: roles.get(role),
        longestMinutes: 5,
        reviewerRoleId: roles.get('auditor'),
      };
      const answer = await world.as(world.adminOne, NEW_ELIGIBILITY, { input });
      expect(answer.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'roleId'] }]);
      expect(answer.pendingChange).toBeNull();
    }
  });

  test('what a role comes to reach later is left out when it is lent, in fields, actions and records alike', async () => {
    const { gateway } = world;
    const [whole] = await gateway.sql(`select id from sharing_group where name='Whole history'`);
    const roleId = (await gateway.roleIds()).get('billing-emergency');
    const added = await gateway.install([
      ...['fullName', 'email'].map((fieldName) => ({
        verb: 'create' as const,
        object: 'FieldPermission',
        input: { roleId, objectName: 'Person', fieldName, action: 'SEE_CLEAR', effect: 'ALLOW' },
      })),
      ...['changes', 'action', 'at'].map((fieldName) => ({
        verb: 'create' as const,
        object: 'FieldPermission',
        input: { roleId, objectName: 'AuditEntry', fieldName, action: 'SEE_CLEAR', effect: 'ALLOW' },
      })),
      {
        verb: 'create',
        object: 'FieldPermission',
        input: { roleId, objectName: 'RoleAssignment', fieldName: 'role', action: 'CHANGE', effect: 'ALLOW' },
      },
      {
        verb: 'create',
        object: 'ObjectPermission',
        input: { roleId, objectName: 'Invoice', action: 'APPROVE', effect: 'ALLOW' },
      },
      {
        verb: 'create',
        object: 'ObjectPermission',
        input: { roleId, objectName: 'User', action: 'CREATE', effect: 'ALLOW' },
      },
      { verb: 'create', object: 'SharingMember', input: { groupId: whole!.id, roleId } },
    ]);
    const before = await world.as(world.holder, RIGHTS);
    await world.open();
    const after = await world.as(world.holder, RIGHTS);
    const gained = OBJECTS.flatMap((name) => differences(name, before[name], after[name]));
    expect(gained.sort()).toEqual(NAMED);
    expect((await world.as(world.holder, CAN)).APPROVE.allowed).toBe(false);
    expect(await world.refusal(world.holder, '{ auditEntries(first: 1) { totalCount } }')).toBe('FORBIDDEN');
    expect(await world.refusal(world.holder, '{ auditSearch(input: { object: "Invoice" }) { nodes { id } } }')).toBe(
      'FORBIDDEN',
    );
    await gateway.install([...added].reverse().map(({ object, id }) => ({ verb: 'delete', object, id })));
  });

  test('the audit log shows to whom rights are lent what it shows them anyway', async () => {
    const { gateway, holder } = world;
    await gateway.install([
      ...gateway.roleRecords('log-reader', [
        ...['action', 'at', 'objectName', 'recordId'].map((field) => ({
          object: 'AuditEntry',
          field,
          action: 'SEE_CLEAR',
        })),
      ]),
    ]);
    const roleId = (await gateway.roleIds()).get('log-reader');
    const [given] = await gateway.install([
      { verb: 'create', object: 'RoleAssignment', input: { userId: holder.userId, roleId } },
    ]);
    const timeline = 'query ($id: ID!) { auditTimeline(object: "Invoice", id: $id) { nodes { action } } }';
    const looks = async (id: string) => (await world.as(holder, timeline, { id })).nodes.length;
    expect(await looks(world.other.invoiceId)).toBe(0);
    const own = await looks(world.own.invoiceId);
    await world.open();
    expect(await world.seesOther()).toBe(true);
    expect(await looks(world.other.invoiceId)).toBe(0);
    expect(await looks(world.own.invoiceId)).toBe(own);
    await gateway.install([{ verb: 'delete', object: 'RoleAssignment', id: given!.id }]);
  });

  test('everything done under it is marked in the trace, and found by the mark', async () => {
    const { gateway, holder } = world;
    const known = (await gateway.sql('select id from audit_entry')).map(({ id }) => `'${id}'`).join();
    await world.writeNotes(world.own.invoiceId, 'not under break-glass');
    await world.open();
    await world.writeNotes(world.other.invoiceId, 'under break-glass');
    expect(await world.refusal(holder, '{ users(first: 1) { totalCount } }')).toBe('FORBIDDEN');
    await gateway.core.folded.flush(true);
    const marked = await gateway.sql(`select action, object_name, code from audit_entry
      where break_glass and id not in (${known})`);
    expect(marked).toEqual(
      expect.arrayContaining([
        { action: 'UPDATE', object_name: 'Invoice', code: null },
        { action: 'DENIED', object_name: 'User', code: 'FORBIDDEN' },
      ]),
    );
    const auditor = await gateway.person({ name: 'Audra Log', audience: 'STAFF', roles: ['auditor'] });
    const search = `{ auditSearch(input: { breakGlass: true, personId: "${holder.personId}", object: "Invoice" }) {
      nodes { breakGlass action recordId } } }`;
    const { nodes: entries } = await world.as(auditor, search);
    expect(entries[0]).toEqual({ breakGlass: true, action: 'UPDATE', recordId: world.other.invoiceId });
    expect(new Set(entries.map((entry: { breakGlass: boolean }) => entry.breakGlass))).toEqual(new Set([true]));
    await world.settle();
    const reviews =
      await gateway.sql(`select distinct break_glass from audit_entry e join audit_value v on v.entry_id=e.id
      where object_name='BreakGlassGrant' and v.slots->'status'->>1='REVIEWED'`);
    expect(reviews).toEqual([{ break_glass: false }]);
  });
});

interface FieldRights {
  readonly name: string;
  readonly see: string;
  readonly change: boolean;
}

/** What somebody gained or lost on an object, in words. */
function differences(object: string, before: FieldRights[], after: FieldRights[]): string[] {
  const known = new Map(before.map((one) => [one.name, one]));
  const gone = before
    .filter(({ name }) => !after.some((one) => one.name === name))
    .map(({ name }) => `${object}.${name} lost`);
  return [
    ...gone,
    ...after.flatMap(({ name, see, change }) => [
      ...(see === (known.get(name)?.see ?? 'NONE') ? [] : [`${object}.${name} see ${see}`]),
      ...(change === (known.get(name)?.change ?? false) ? [] : [`${object}.${name} change`]),
    ]),
  ];
}
