import * as fc from 'fast-check';
import type { ApprovalRule } from '../approvals/approval-rule';
import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { casePolicy } from '../cases/case-policy';
import { canonicalBody, policyBodyText } from './canonical-body';
import { checkPolicyBody } from './check-body';
import { compilePolicy } from './compile-policy';
import { parsePolicyBody } from './parse-policy-body';
import type { PolicyBody } from './policy-body';

const catalogue = caseCatalogue();
const plain = casePolicy({ clerk: [], boss: [] }, []);
const rule: ApprovalRule = {
  id: 'b',
  name: 'Invoices',
  objects: ['Invoice', 'Account'],
  actions: ['update', 'create', 'delete'],
  fields: null,
  trigger: { or: [{ not: {} }, { before: {}, after: {} }] },
  windowHours: 24,
  levels: [
    {
      id: 'l3',
      level: 10,
      approver: { kind: 'path', path: ['z', 'a'] },
      quorum: 'all',
      timeoutHours: 8,
      escalateTo: 'boss',
    },
    { id: 'l2', level: 2, approver: { kind: 'role', role: 'boss' }, quorum: 2, timeoutHours: null, escalateTo: null },
    { id: 'l1', level: 2, approver: { kind: 'person', person: 'p' }, quorum: 1, timeoutHours: null, escalateTo: null },
  ],
};
const other: ApprovalRule = { ...rule, id: 'a', name: 'Others', fields: ['z', 'a'], trigger: null, levels: [] };
const body: PolicyBody = { ...plain, approvalRules: [rule, other] };

const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });

test('the order of rules, and of the objects, actions, fields and levels of a rule, makes no other policy', () => {
  const text = policyBodyText(body);
  const sameMeaning = fc
    .record({
      rules: shuffled([rule, other]),
      objects: shuffled(rule.objects),
      actions: shuffled(rule.actions),
      fields: shuffled(other.fields!),
      levels: shuffled(rule.levels),
    })
    .map(({ rules, objects, actions, fields, levels }) =>
      rules.map((one) => turned({ ...one, objects, actions, ...(one === rule ? { levels } : { fields }) })),
    );
  fc.assert(
    fc.property(sameMeaning, (rules) => policyBodyText({ ...plain, approvalRules: rules as ApprovalRule[] }) === text),
  );
});

test('a canonical rule is in one order and reads back, its trigger and its paths as they were', () => {
  const { approvalRules } = parsePolicyBody(policyBodyText(body));
  expect(approvalRules).toEqual(canonicalBody(body).approvalRules);
  expect(approvalRules!.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(approvalRules![0]!.fields).toEqual(['a', 'z']);
  expect(approvalRules![1]).toEqual({
    ...rule,
    objects: ['Account', 'Invoice'],
    actions: ['create', 'delete', 'update'],
    levels: [rule.levels[2], rule.levels[1], rule.levels[0]],
  });
});

test('any difference of a rule shows in the text', () => {
  const change = (changed: Partial<ApprovalRule>) => ({ ...body, approvalRules: [{ ...rule, ...changed }, other] });
  const [first, ...rest] = rule.levels;
  const level = (changed: object) => change({ levels: [{ ...first!, ...changed }, ...rest] });
  const texts = [
    body,
    plain,
    { ...body, approvalRules: [rule] },
    change({ id: 'c' }),
    change({ name: 'x' }),
    change({ objects: ['Invoice'] }),
    change({ actions: ['update'] }),
    change({ fields: [] }),
    change({ trigger: { or: [{ before: {}, after: {} }, { not: {} }] } }),
    change({ windowHours: null }),
    level({ id: 'x' }),
    level({ level: 3 }),
    level({ approver: { kind: 'path', path: ['a', 'z'] } }),
    level({ quorum: 1 }),
    level({ timeoutHours: 9 }),
    level({ escalateTo: null }),
  ].map(policyBodyText);
  expect(new Set(texts).size).toBe(texts.length);
});

test('a policy from before there were approval rules keeps its text, and none is the same as an empty list', () => {
  expect(policyBodyText(plain)).not.toContain('approvalRules');
  expect(policyBodyText({ ...plain, approvalRules: [] })).toBe(policyBodyText(plain));
  expect(parsePolicyBody(policyBodyText(plain)).approvalRules).toBeUndefined();
  expect(checkPolicyBody(catalogue, CASE_REVISION, plain)).toEqual([]);
});

const sound: ApprovalRule = { ...rule, levels: [{ ...rule.levels[1]!, level: 1 }] };
const [soundLevel] = sound.levels;
const withRule = (changed: object) =>
  ({ ...plain, approvalRules: [{ ...sound, ...changed }] }) as unknown as PolicyBody;
const withLevel = (changed: object) => withRule({ levels: [{ ...soundLevel, ...changed }] });
const RULE = 'policy.approvalRules[0]';
const LEVEL = `${RULE}.levels[0]`;

const refused: readonly [problem: string, body: PolicyBody][] = [
  ['policy.approvalRules must be a list', { ...plain, approvalRules: null } as unknown as PolicyBody],
  [`${RULE} must be an object`, { ...plain, approvalRules: [7] } as unknown as PolicyBody],
  [`${RULE} has the unknown key "priority"`, withRule({ priority: 1 })],
  [`${RULE}.id must be a text that is not empty`, withRule({ id: '' })],
  [`${RULE}.name must be a text that is not empty`, withRule({ name: null })],
  [`${RULE}.objects must be a list`, withRule({ objects: 'Invoice' })],
  [`${RULE}.objects[0] must be a text that is not empty`, withRule({ objects: [1] })],
  [`${RULE}.actions[0] is "updaet"; it must be create or update or delete`, withRule({ actions: ['updaet'] })],
  [`${RULE}.fields must be a list`, withRule({ fields: undefined })],
  [`${RULE}.fields[0] must be a text that is not empty`, withRule({ fields: [''] })],
  [`${RULE}.trigger is not a value that JSON can hold`, withRule({ trigger: undefined })],
  [`${RULE}.windowHours must be a whole number`, withRule({ windowHours: 1.5 })],
  [`${RULE}.levels must be a list`, withRule({ levels: null })],
  [`${LEVEL}.level must be a whole number`, withLevel({ level: '1' })],
  [`${LEVEL}.quorum must be a whole number`, withLevel({ quorum: 'most' })],
  [`${LEVEL}.timeoutHours must be a whole number`, withLevel({ timeoutHours: undefined })],
  [`${LEVEL}.escalateTo must be a text that is not empty`, withLevel({ escalateTo: '' })],
  [`${LEVEL}.approver must be an object`, withLevel({ approver: 'boss' })],
  [`${LEVEL}.approver.kind is "group"; it must be role or person or path`, withLevel({ approver: { kind: 'group' } })],
  [`${LEVEL}.approver.role must be a text that is not empty`, withLevel({ approver: { kind: 'role' } })],
  [`${LEVEL}.approver.person must be a text that is not empty`, withLevel({ approver: { kind: 'person' } })],
  [`${LEVEL}.approver.path must be a list`, withLevel({ approver: { kind: 'path' } })],
  [
    `${LEVEL}.approver has the unknown key "role"`,
    withLevel({ approver: { kind: 'person', person: 'p', role: 'boss' } }),
  ],
  // Beyond its shape: what the rule says must make sense as well.
  ['approval rule "Invoices": "Invoise" is not an object', withRule({ objects: ['Invoise'] })],
  [
    'approval rule "Invoices": level 1: "clrek" is not a declared role',
    withLevel({ approver: { kind: 'role', role: 'clrek' } }),
  ],
];

test.each(refused)('a policy is neither saved nor loaded when %s', async (problem, wrong) => {
  expect(checkPolicyBody(catalogue, CASE_REVISION, wrong)).toEqual([problem]);
  await expect(compilePolicy(catalogue, CASE_REVISION, wrong)).rejects.toThrow(problem);
});

test('a compiled policy holds its rules, frozen', async () => {
  const { body: compiled } = await compilePolicy(catalogue, CASE_REVISION, { ...plain, approvalRules: [sound] });
  expect(compiled.approvalRules).toHaveLength(1);
  expect(Object.isFrozen(compiled.approvalRules![0]!.levels[0]!.approver)).toBe(true);
});

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  );
}

test('who may comment and whether totals are told is part of the text, and its absence is not: older digests stay', () => {
  const more: ApprovalRule = {
    ...other,
    levels: rule.levels.slice(1, 2),
    reviewers: 'clerk',
    revealsHiddenTotals: true,
  };
  const widened = { ...plain, approvalRules: [more] };
  expect(parsePolicyBody(policyBodyText(widened)).approvalRules).toEqual([
    expect.objectContaining({ reviewers: 'clerk', revealsHiddenTotals: true }),
  ]);
  expect(policyBodyText(body)).not.toMatch(/reviewers|revealsHiddenTotals/);
});

test.each([
  ['its reviewers are a role that nobody declared', { reviewers: 'nobody' }, /reviewers are "nobody"/],
  ['its reviewers are no text', { reviewers: 3 }, /reviewers must be a text/],
  ['it says something else than yes about totals', { revealsHiddenTotals: false }, /revealsHiddenTotals must be true/],
])('a policy with a rule is refused when %s', (_why, changed, problem) => {
  const rules = [
    { ...rule, objects: ['Account'], fields: null, trigger: null, levels: rule.levels.slice(1, 2), ...changed },
  ];
  const problems = checkPolicyBody(catalogue, CASE_REVISION, { ...plain, approvalRules: rules as never });
  expect(problems.join('\n')).toMatch(problem);
});
