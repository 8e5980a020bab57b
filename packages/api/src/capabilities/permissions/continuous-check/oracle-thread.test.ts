import { canonicalJson } from '@countersign/crypto';
import { builtinCatalogue } from '@countersign/schema';
import { startOracleFromSource } from '../../../../test/harness/oracle-from-source';
import type { RecordImage } from '../../../database/record-image';
import { planChanges } from '../../../records/plan-changes';
import { compileRecords } from '../../../snapshot/load-policy';
import { isPolicyObject, noPolicyRecords, withChanges } from '../../../snapshot/policy-records';
import { answerOf, cellsOf } from '../../../snapshot/table-cell';
import { starterPolicy } from '../../../starter/starter-policy';
import { OracleThread } from './oracle-thread';

const catalogue = builtinCatalogue();
const records = withChanges(
  noPolicyRecords('r'),
  'r',
  planChanges(catalogue, starterPolicy(catalogue), new Date('2026-01-01T00:00:00Z')).changes.flatMap(
    ({ object, id, values }) =>
      isPolicyObject(object.name) ? [{ object: object.name, id, image: { id, ...values } as RecordImage }] : [],
  ),
);
const policy = {
  key: 'starter',
  load: async () => ({ body: canonicalJson(records), objects: [...catalogue.objects.values()] }),
};

describe("Casbin in a thread of its own, over the gateway's published text", () => {
  const oracle = new OracleThread(startOracleFromSource);
  afterAll(() => oracle.close());

  test.each([
    { roles: ['emea-support'], scopes: null },
    { roles: ['auditor', 'emea-support', 'security-admin'], scopes: null },
    { roles: ['finance-analyst'], scopes: ['emea-support'] },
    { roles: ['finance-analyst'], scopes: [] },
    { roles: ['a-role-that-is-gone', 'emea-support'], scopes: null },
    { roles: ['a-role-that-is-gone'], scopes: null },
    { roles: [], scopes: null },
  ])('it answers as the decision table does, for $roles narrowed to $scopes', async (rights) => {
    const table = await (await compileRecords(records, catalogue, 'r')).tableFor(rights);
    const cells = ['Account', 'PaymentMethod', 'Role'].flatMap((name) => cellsOf(catalogue.objects.get(name)!));
    expect(await oracle.ask(policy, rights, cells)).toEqual(cells.map((cell) => answerOf(table, cell)));
  });

  test('a policy that it cannot use gives no answer, and the next one does', async () => {
    const [cell] = cellsOf(catalogue.objects.get('Account')!);
    const rights = { roles: ['finance-analyst'], scopes: null };
    const broken = { key: 'broken', load: async () => ({ ...(await policy.load()), body: '{"records":{}}' }) };
    await expect(oracle.ask(broken, rights, [cell!])).rejects.toThrow('the oracle failed');
    expect(await oracle.ask(policy, rights, [cell!])).toEqual([true]);
  });
});
