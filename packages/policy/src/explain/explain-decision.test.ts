import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { casePolicy } from '../cases/case-policy';
import type { PermissionAction } from '../fields/levels';
import { compilePolicy } from '../versions/compile-policy';
import { describeDecision, explainDecision } from './explain-decision';

const body = casePolicy(
  {
    clerk: [],
    finance: [],
    'finance-lead': ['finance'],
    suspended: [],
    scope: [],
    trainee: ['no-amounts'],
    'no-amounts': [],
  },
  [
    'allow clerk see-clear Invoice.number',
    'allow finance see-clear Invoice.*',
    'deny suspended see-masked Invoice.amount',
    'allow scope see-clear Invoice.number',
    'allow trainee see-clear Invoice.*',
    'deny no-amounts see-clear Invoice.amount',
  ],
);

async function explained(roles: string[], place: string, action: PermissionAction, scopes: string[] | null = null) {
  const policy = await compilePolicy(caseCatalogue(), CASE_REVISION, body);
  const [object = '', field = '-'] = place.split('.');
  return explainDecision(policy, { rights: { roles, scopes }, object, field, action });
}

test('an allowed field is explained by the rule that allows it', async () => {
  expect(await explained(['clerk'], 'Invoice.number', 'see-clear')).toEqual({
    verdict: 'allowed',
    decidingLine: body.lines[0],
    missing: null,
    grantingRoles: [],
    remedy: '',
  });
});

test('a field that no rule speaks about names the roles that would grant it, heirs included', async () => {
  expect(await explained(['clerk'], 'Invoice.amount', 'see-clear')).toEqual({
    verdict: 'denied',
    decidingLine: null,
    missing: { kind: 'grant', object: 'Invoice', field: 'amount', action: 'see-clear' },
    grantingRoles: ['finance', 'finance-lead'],
    remedy: 'Ask for one of the roles finance, finance-lead to see Invoice.amount.',
  });
});

test('a role that brings its own deny along is never offered as a remedy', async () => {
  expect((await explained([], 'Invoice.amount', 'see-clear')).grantingRoles).not.toContain('trainee');
  expect((await explained([], 'Invoice.number', 'see-clear')).grantingRoles).toContain('trainee');
});

test('a denied field names the deny, and no role is offered against it', async () => {
  const answer = await explained(['finance', 'suspended'], 'Invoice.amount', 'see-clear');
  expect(answer).toMatchObject({ verdict: 'denied', decidingLine: body.lines[2], grantingRoles: [] });
  expect(answer.missing).toEqual({ kind: 'deny', line: body.lines[2] });
  expect(answer.remedy).toBe(
    'Rule line 3 of the role suspended denies it, and a deny outweighs every grant: the rule or the role would have to go.',
  );
});

test('a narrowed token is told that the token is what stands in the way', async () => {
  const answer = await explained(['finance'], 'Invoice.amount', 'see-clear', ['scope']);
  expect(answer.missing).toEqual({ kind: 'scope', scopes: ['scope'] });
  expect(answer.remedy).toBe(
    'Your roles allow you to see Invoice.amount, but this token is narrowed below them: use a token with a wider scope.',
  );
  expect((await explained(['finance'], 'Invoice.number', 'see-clear', ['scope'])).verdict).toBe('allowed');
});

test('what no role grants needs a new rule', async () => {
  const answer = await explained(['clerk'], 'Invoice', 'delete');
  expect(answer.grantingRoles).toEqual([]);
  expect(answer.remedy).toBe(
    'No role that could be added lets you delete Invoice records: a rule that allows it must be published.',
  );
});

test('id is explained by a field that makes the record visible', async () => {
  expect(await explained(['clerk'], 'Invoice.id', 'see-clear')).toMatchObject({
    verdict: 'allowed',
    decidingLine: body.lines[0],
  });
  expect(await explained(['suspended'], 'Account.id', 'see-clear')).toMatchObject({ verdict: 'denied' });
});

test('describing a decision is pure: the same verdict is told in the same words', () => {
  const question = {
    rights: { roles: [], scopes: null },
    object: 'Invoice',
    field: 'amount',
    action: 'change',
  } as const;
  const verdict = { allowed: false, line: null, decidedBy: 'roles' } as const;
  const told = describeDecision(question, verdict, ['finance']);
  expect(told).toEqual(describeDecision(question, verdict, ['finance']));
  expect(told.remedy).toBe('Ask for the role finance to change Invoice.amount.');
  const masked = describeDecision({ ...question, action: 'see-masked' }, verdict, ['lead', 'finance']);
  expect(masked.remedy).toBe('Ask for one of the roles finance, lead to see Invoice.amount masked.');
  expect(masked.grantingRoles).toEqual(['finance', 'lead']);
  const denied = describeDecision(question, { ...verdict, line: body.lines[2]! }, ['finance']);
  expect(denied.grantingRoles).toEqual([]);
});
