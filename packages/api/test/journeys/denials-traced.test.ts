import { verifySlots } from '@countersign/crypto';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

let gateway: TestGateway;
let ledger: SampleLedger;

beforeAll(async () => {
  gateway = await startTestGateway();
  ledger = await sampleLedger(gateway);
});
afterAll(() => gateway.stop());

const code = ({ body }: Answer) => body.errors?.map(({ extensions }) => extensions.code);

async function denials(where: string): Promise<Record<string, unknown>[]> {
  await gateway.core.folded.flush();
  return gateway.sql(
    `select e.code, e.object_name, e.record_id, e.user_id, e.request_id, e.policy_version, v.slots, v.salts, e.commitments
     from audit_entry e join audit_value v on v.entry_id = e.id where e.action = 'DENIED' and ${where} order by e.at, e.id`,
  );
}

test('a forbidden field, object, action and record leave their denial: who, what, with which code', async () => {
  const { body } = await gateway.ask(ledger.support.token, '{ invoices { nodes { id } } users { nodes { id } } }');
  expect(body.errors).toHaveLength(1);
  const [user] = await denials(`e.object_name = 'User'`);
  expect(user).toMatchObject({ code: 'FORBIDDEN', user_id: ledger.support.userId });
  expect(user!.slots).toMatchObject({ coordinate: [null, 'User'], action: [null, 'READ'] });
  expect(verifySlots(user!.slots as never, user!.salts as Buffer, user!.commitments as Buffer)).toBe(true);

  const account = await gateway.ask(ledger.support.token, '{ accounts { nodes { id taxId } } }');
  expect(code(account)).toEqual(['FIELD_FORBIDDEN']);
  const [field] = await denials(`e.request_id = '${account.headers.get('x-request-id')}'`);
  expect(field).toMatchObject({ code: 'FIELD_FORBIDDEN', object_name: 'Account' });
  expect(field!.slots).toMatchObject({ coordinate: [null, 'Account.taxId'], action: [null, 'SEE'] });

  const nowhere = '01900000-0000-7000-8000-00000000dead';
  const update = `mutation { updateInvoice(id: "${nowhere}", expectedVersion: 1, input: { notes: "x" }) { invoice { id } } }`;
  expect(code(await gateway.ask(ledger.support.token, update))).toEqual(['NOT_FOUND']);
  expect(await denials(`e.record_id = '${nowhere}'`)).toMatchObject([{ code: 'NOT_FOUND', object_name: 'Invoice' }]);
});

test('nobody’s token and nobody’s question are denials of their network address', async () => {
  expect(code(await gateway.ask('no token', '{ viewer { id } }'))).toEqual(['UNAUTHENTICATED']);
  expect(code(await gateway.ask(null, '{ invoices { nodes { id } } }'))).toEqual(['UNAUTHENTICATED']);
  const found = await denials(`e.code = 'UNAUTHENTICATED'`);
  expect(found.length).toBeGreaterThanOrEqual(2);
  for (const { slots } of found) expect(slots).toMatchObject({ source: [null, expect.stringMatching(/127|::1/)] });
});

test('a failed sign-in is no second denial, and repeated ones are counted', async () => {
  const before = (await denials('true')).length;
  for (let i = 0; i < 4; i += 1)
    expect(code(await gateway.signIn('nobody@example.com', 'wrong'))).toEqual(['UNAUTHENTICATED']);
  expect((await denials('true')).length).toBe(before);
  await gateway.core.folded.flush(true);
  const rows = await gateway.sql(
    `select v.slots->'count'->>1 as n from audit_entry e join audit_value v on v.entry_id = e.id where action = 'SIGN_IN_FAILED' order by e.at, e.id`,
  );
  // Should a minute have ended meanwhile, its repetitions have an entry of their own.
  expect(rows.reduce((sum, { n }) => sum + Number(n ?? 1), 0)).toBe(4);
  expect(rows.length).toBeLessThan(4);
});

test('two hundred times the same denial are two entries, and changes are traced beside them', async () => {
  const query = '{ accounts(where: { taxId: { eq: "x" } }) { nodes { id } } }';
  const before = Number((await gateway.sql('select count(*) from audit_entry'))[0]!.count);
  for (let i = 0; i < 200; i += 20) {
    await Promise.all(Array.from({ length: 20 }, () => gateway.ask(ledger.support.token, query)));
  }
  await gateway.core.folded.flush(true);
  const after = Number((await gateway.sql('select count(*) from audit_entry'))[0]!.count);
  expect(after - before).toBeLessThanOrEqual(4);
  expect(gateway.core.folded.lost).toBe(0);
});

test('a look at the audit log is in the audit log', async () => {
  const { body, headers } = await gateway.ask(ledger.admin.token, '{ auditEntries(first: 1) { totalCount } }');
  expect(body.errors).toBeUndefined();
  await gateway.core.folded.flush();
  const rows = await gateway.sql(
    `select action, object_name, user_id from audit_entry where request_id = '${headers.get('x-request-id')}'`,
  );
  expect(rows).toEqual([{ action: 'READ', object_name: 'AuditEntry', user_id: ledger.admin.userId }]);
});
