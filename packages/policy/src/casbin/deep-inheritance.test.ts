import { DefaultRoleManager } from 'casbin';
import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { casePolicy, chainOfRoles } from '../cases/case-policy';
import { compilePolicy } from '../versions/compile-policy';

const heirOf = (links: number) => ({ roles: [`role-${links}`], scopes: null });

test("Casbin's own role manager loses a role that is 11 links up: the reason for ours", () => {
  const manager = new DefaultRoleManager(10);
  for (let link = 0; link < 11; link += 1) void manager.addLink(`role-${link + 1}`, `role-${link}`);
  expect(manager.syncedHasLink('role-10', 'role-0')).toBe(true);
  expect(manager.syncedHasLink('role-11', 'role-0')).toBe(false);
});

test.each([1, 10, 11, 12, 30])('a deny that is held %i links up is obeyed', async (links) => {
  const body = casePolicy(chainOfRoles(links), [
    `allow role-${links} see-clear Invoice.amount`,
    'deny role-0 see-masked Invoice.amount',
  ]);
  const policy = await compilePolicy(caseCatalogue(), CASE_REVISION, body);
  expect((await policy.tableFor(heirOf(links))).see('Invoice', 'amount')).toBe('none');
  expect((await policy.fullEnforcer(heirOf(links))).see('Invoice', 'amount')).toBe('none');
  const verdict = await policy.explainCell(heirOf(links), 'Invoice', 'amount', 'see-clear');
  expect(verdict).toMatchObject({ allowed: false, line: { role: 'role-0', effect: 'deny' } });
});

test('an allow that is held 30 links up is inherited', async () => {
  const body = casePolicy(chainOfRoles(30), ['allow role-0 see-clear Invoice.amount']);
  const policy = await compilePolicy(caseCatalogue(), CASE_REVISION, body);
  expect((await policy.tableFor(heirOf(30))).see('Invoice', 'amount')).toBe('clear');
});
