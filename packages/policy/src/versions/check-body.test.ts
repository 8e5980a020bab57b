import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { casePolicy, chainOfRoles } from '../cases/case-policy';
import { checkPolicyBody } from './check-body';
import { compilePolicy } from './compile-policy';
import { parsePolicyBody } from './parse-policy-body';
import { type PermissionLine, type PolicyBody, PolicyInvalid } from './policy-body';

const catalogue = caseCatalogue();
const sound = casePolicy({ clerk: [] }, ['allow clerk see-clear Invoice.amount']);
const line = sound.lines[0]!;

/** The sound policy with one line changed, as a database might hold it: types promise nothing there. */
const withLine = (changed: Record<string, unknown>): PolicyBody => ({
  ...sound,
  lines: [{ ...line, ...changed } as unknown as PermissionLine],
});
const withBody = (changed: Record<string, unknown>): PolicyBody => ({ ...sound, ...changed }) as PolicyBody;
const cellRule = { id: 'rule', role: 'clerk', object: 'Invoice', field: 'amount', condition: {} };
const withCellRule = (changed: Record<string, unknown>): PolicyBody =>
  withBody({ cellRules: [{ ...cellRule, ...changed }] });
const withLines = (...lines: string[]): PolicyBody => casePolicy({ clerk: [] }, lines);

/** A ladder of diamonds: twice as many ways up at each rung, which Casbin would walk one by one. */
const ladder = (rungs: number): Record<string, readonly string[]> => ({
  'left-0': [],
  'right-0': [],
  ...Object.fromEntries(
    Array.from({ length: rungs }, (_, at) =>
      ['left', 'right'].map((side) => [`${side}-${at + 1}`, [`left-${at}`, `right-${at}`]]),
    ).flat(),
  ),
});

/** One role right under so many others: as many ways up and the one that stays where it is. */
const fan = (parents: number): Record<string, readonly string[]> => {
  const names = Array.from({ length: parents }, (_, at) => `parent-${at}`);
  return { ...Object.fromEntries(names.map((name) => [name, []])), top: names };
};

const refused: readonly [what: string, body: PolicyBody, problem: RegExp][] = [
  ['a misspelt effect', withLine({ effect: 'denny' }), /effect is "denny"; it must be allow or deny/],
  ['an effect in capitals', withLine({ effect: 'DENY' }), /effect is "DENY"/],
  ['a misspelt action', withLine({ action: 'see-clera' }), /"see-clera" is not an action/],
  ['an unknown object', withLine({ object: 'Invoise' }), /"Invoise" is not an object/],
  [
    'an object named like a property of every object',
    withLine({ object: 'constructor' }),
    /"constructor" is not an object/,
  ],
  ['an unknown field', withLine({ field: 'amont' }), /Invoice has no field "amont"/],
  [
    'a field on any object that no covered object has',
    withLine({ object: '*', field: 'amont' }),
    /no object with a field "amont"/,
  ],
  [
    'a field on any object that only cardholder data has',
    withLine({ object: '*', field: 'cardNumber' }),
    /no object with a field "cardNumber"/,
  ],
  ['a field wildcard on a system object', withLine({ object: 'User', field: '*' }), /do not cover system objects/],
  ['a line for a person', withLine({ role: 'user:6f1c' }), /"user:6f1c" is not a declared role; lines name roles only/],
  [
    'a line for a person who is declared as a role',
    { ...casePolicy({ 'user:6f1c': [] }, []) },
    /"user:6f1c" is not a usable name/,
  ],
  ['a line for a client', withLine({ role: 'client:portal' }), /lines name roles only/],
  ['a line with a typed subject', withLine({ role: 'role:clerk' }), /lines name roles only/],
  ['a line for a role that is not declared', withLine({ role: 'clrek' }), /"clrek" is not a declared role/],
  ['a field action on an object as a whole', withLine({ field: '-' }), /see-clear is about a field/],
  ['an object action on a field', withLine({ action: 'export' }), /export is about an object as a whole/],
  [
    'an object action on all fields',
    withLine({ action: 'export', field: '*' }),
    /export is about an object as a whole/,
  ],
  [
    'a change of a to-many relation',
    withLines('allow clerk change Account.invoices'),
    /changed from its other side, Invoice.account/,
  ],
  ['a deny of seeing id', withLines('deny clerk see-clear Invoice.id'), /Invoice.id is seen wherever the record is/],
  ['the same line twice', { ...sound, lines: [line, line] }, /it is there twice/],
  ['a role declared twice', withBody({ roles: [...sound.roles, ...sound.roles] }), /role "clerk" is declared twice/],
  [
    'a role that inherits an undeclared one',
    casePolicy({ clerk: ['boss'] }, []),
    /inherits "boss", which is not declared/,
  ],
  [
    'a role that inherits another twice',
    casePolicy({ base: [], clerk: ['base', 'base'] }, []),
    /inherits a role twice/,
  ],
  ['a role that inherits itself', casePolicy({ clerk: ['clerk'] }, []), /role "clerk" inherits itself/],
  ['a role cycle', casePolicy({ a: ['b'], b: ['c'], c: ['a'] }, []), /inherits itself/],
  ['a chain of 31 links', casePolicy(chainOfRoles(31), []), /role "role-31" inherits over 31 links; at most 30/],
  ['roles with very many ways to their ancestors', casePolicy(ladder(12), []), /in more than 1000 ways/],
  ['a role named with a comma', casePolicy({ 'a,b': [] }, []), /"a,b" is not a usable name/],
  ['a role named with a line break', casePolicy({ 'clerk\n': [] }, []), /"clerk\\n" is not a usable name/],
  ['a role named in capitals', casePolicy({ Clerk: [] }, []), /"Clerk" is not a usable name/],
  ['a line for a role of quotes and commas', withLine({ role: 'clerk", "x\n' }), /lines name roles only/],
  ['an object of quotes and commas', withLine({ object: 'Invoice", "*' }), /is not an object/],
  [
    'sharing of an unknown object',
    withBody({ sharing: [{ object: 'Invoise', sharing: 'open' }] }),
    /"Invoise" is not an object/,
  ],
  [
    'a misspelt sharing',
    withBody({ sharing: [{ object: 'Invoice', sharing: 'opne' }] }),
    /"opne"; it must be open or groups-only/,
  ],
  [
    'sharing set twice',
    withBody({ sharing: ['open', 'groups-only'].map((sharing) => ({ object: 'Invoice', sharing })) }),
    /sharing of "Invoice" is set twice/,
  ],
  [
    'a group with a condition on an unknown object',
    withBody({
      groups: [{ id: 'g', name: 'EMEA', access: 'read', conditions: [{ object: 'Invoise', condition: {} }] }],
    }),
    /group "EMEA": "Invoise" is not an object/,
  ],
  [
    'a misspelt access of a group',
    withBody({ groups: [{ id: 'g', name: 'g', access: 'raed', conditions: [] }] }),
    /"raed"/,
  ],
  [
    'the same group twice',
    withBody({ groups: [1, 2].map(() => ({ id: 'g', name: 'g', access: 'read', conditions: [] })) }),
    /group "g" is there twice/,
  ],
  ['a cell rule for a role that is not declared', withCellRule({ role: 'clrek' }), /"clrek" is not a declared role/],
  ['a cell rule on an unknown object', withCellRule({ object: 'Invoise' }), /"Invoise" is not an object/],
  ['a cell rule on an unknown field', withCellRule({ field: 'amont' }), /Invoice has no field "amont"/],
  ['a cell rule on every field', withCellRule({ field: '*' }), /Invoice has no field "\*"/],
  ['a cell rule on id', withCellRule({ field: 'id' }), /Invoice.id is seen wherever the record is/],
  [
    'a cell rule on a relation to many',
    withCellRule({ object: 'Account', field: 'invoices' }),
    /Account.invoices is withheld from its other side, Invoice.account/,
  ],
  ['a cell rule without a condition', withCellRule({ condition: undefined }), /condition is not a value/],
  ['the same cell rule twice', withBody({ cellRules: [cellRule, cellRule] }), /cell rule "rule": it is there twice/],
  ['a body without cell rules', withBody({ cellRules: undefined }), /cellRules must be a list/],
  ['another catalogue revision', withBody({ catalogueRevision: 'older' }), /written for the catalogue "older"/],
  ['a number for a role', withLine({ role: 7 }), /role must be a text/],
  ['a list for an object', withLine({ object: ['Invoice'] }), /object must be a text/],
  ['nothing for an effect', withLine({ effect: undefined }), /effect is undefined/],
  ['an empty field', withLine({ field: '' }), /field must be a text that is not empty/],
  ['a key that nobody knows', withLine({ efect: 'deny' }), /has the unknown key "efect"/],
  ['a body key that nobody knows', withBody({ denies: [] }), /has the unknown key "denies"/],
  ['lines that are no list', withBody({ lines: { 0: line } }), /lines must be a list/],
];

test('a sound policy is accepted', async () => {
  expect(checkPolicyBody(catalogue, CASE_REVISION, sound)).toEqual([]);
  expect(checkPolicyBody(catalogue, CASE_REVISION, casePolicy(chainOfRoles(30), []))).toEqual([]);
  expect(checkPolicyBody(catalogue, CASE_REVISION, casePolicy(ladder(7), []))).toEqual([]);
});

test.each([
  'allow clerk see-clear *.*',
  'allow clerk export *',
  'deny clerk see-masked *.email',
  'allow clerk see-clear Invoice.*',
  'allow clerk see-clear Invoice.id',
  'deny clerk change Invoice.id',
  'deny clerk see-clear Account.invoices',
  'allow clerk change Invoice.account',
  'allow clerk see-masked User.email',
  'allow clerk approve User',
  'allow clerk see-clear Account.cardNumber',
])('the line "%s" is accepted', (text) => {
  expect(checkPolicyBody(catalogue, CASE_REVISION, withLines(text))).toEqual([]);
});

test.each<[problem: string, body: PolicyBody]>([
  ['line "line 1": export is about an object as a whole: its field is -', withLines('allow clerk export Invoice.*')],
  ['line "line 1": see-clear is about a field: - is none', withLines('allow clerk see-clear Invoice')],
  ['line "line 1": wildcards cover no object with a field "locked"', withLines('allow clerk see-clear *.locked')],
  [
    'line "line 1": wildcards do not cover system objects: name the fields of User',
    withLines('deny clerk change User.*'),
  ],
  [
    'line "line 1": Invoice.id is seen wherever the record is: deny the other fields',
    withLines('deny clerk see-masked Invoice.id'),
  ],
  [
    'cell rule "rule": Invoice.version cannot be withheld: every change of the record asks for it',
    withCellRule({ field: 'version' }),
  ],
  ['cell rule "rule": Invoice has no field "amont"', withCellRule({ field: 'amont' })],
  ['sharing: "Invoise" is not an object', withBody({ sharing: [{ object: 'Invoise', sharing: 'open' }] })],
  ['role "clerk" inherits a role twice', casePolicy({ base: [], clerk: ['base', 'base'] }, [])],
  ['role "a" inherits itself', casePolicy({ a: ['b'], b: ['c'], c: ['a'] }, [])],
  ['role "clerk" inherits "boss", which is not declared', casePolicy({ clerk: ['boss'] }, [])],
  [
    `role "a${'x'.repeat(63)}" is not a usable name (^[a-z][a-z0-9-]{0,62}$)`,
    casePolicy({ [`a${'x'.repeat(63)}`]: [] }, []),
  ],
  ['role "1a" is not a usable name (^[a-z][a-z0-9-]{0,62}$)', casePolicy({ '1a': [] }, [])],
  ['role "top" reaches its ancestors in more than 1000 ways', casePolicy(fan(1000), [])],
])('%s', (problem, body) => {
  expect(checkPolicyBody(catalogue, CASE_REVISION, body)).toEqual([problem]);
});

test('a role may reach its ancestors in 1000 ways and be named with 63 characters', () => {
  expect(checkPolicyBody(catalogue, CASE_REVISION, casePolicy(fan(999), []))).toEqual([]);
  expect(checkPolicyBody(catalogue, CASE_REVISION, casePolicy({ [`a${'x'.repeat(62)}`]: [] }, []))).toEqual([]);
});

test.each(refused)('%s is refused on save', async (_, body, problem) => {
  const saving = compilePolicy(catalogue, CASE_REVISION, body);
  await expect(saving).rejects.toThrow(PolicyInvalid);
  await expect(saving).rejects.toThrow(problem);
});

test.each(refused)('%s is refused on load', async (_, body) => {
  const loading = async () => compilePolicy(catalogue, CASE_REVISION, parsePolicyBody(JSON.stringify(body)));
  await expect(loading()).rejects.toThrow(PolicyInvalid);
});

test('text that is no policy is refused on load', () => {
  for (const text of ['', '{', 'null', '[]', '"policy"', '{"__proto__":{}}']) {
    expect(() => parsePolicyBody(text)).toThrow(PolicyInvalid);
  }
});

test('a policy that must not be used says so with all that is wrong with it', () => {
  expect(String(new PolicyInvalid(['one', 'two']))).toBe('PolicyInvalid: The policy is invalid:\n- one\n- two');
  expect(() => parsePolicyBody('{')).toThrow('policy is not JSON');
});

test('all problems are named at once', () => {
  const body = { ...withLine({ field: 'amont', role: 'clrek' }), catalogueRevision: 'older' };
  expect(checkPolicyBody(catalogue, CASE_REVISION, body)).toHaveLength(3);
});

test('the conditions of sharing groups are handed to the check that was given', () => {
  const conditions = [{ object: 'Invoice', condition: { amount: { gt: '1' } } }];
  const body = withBody({ groups: [{ id: 'g', name: 'EMEA', access: 'read', conditions }] });
  const seen: unknown[] = [];
  const problems = checkPolicyBody(catalogue, CASE_REVISION, body, (object, condition) => {
    seen.push([object, condition]);
    return ['it compares in vain'];
  });
  expect(seen).toEqual([['Invoice', { amount: { gt: '1' } }]]);
  expect(problems).toEqual(['group "EMEA": it compares in vain']);
});

test('the conditions of cell rules are handed to the check that was given', () => {
  const body = withBody({ cellRules: [cellRule] });
  expect(checkPolicyBody(catalogue, CASE_REVISION, body, () => ['it compares in vain'])).toEqual([
    'cell rule "rule": it compares in vain',
  ]);
});

test('a condition that JSON cannot hold is refused on save', () => {
  for (const condition of [
    undefined,
    () => true,
    Number.NaN,
    new Date(0),
    new Map(),
    { deep: { deeper: undefined } },
  ]) {
    const groups = [{ id: 'g', name: 'g', access: 'read', conditions: [{ object: 'Invoice', condition }] }];
    expect(checkPolicyBody(catalogue, CASE_REVISION, withBody({ groups }))).not.toEqual([]);
  }
});

test('quotes, commas and line breaks in the id of a record are carried to the explanation as they are', async () => {
  const id = 'a","b\n, p, role:clerk, *, *, see-clear, allow\n"';
  const policy = await compilePolicy(catalogue, CASE_REVISION, withLine({ id }));
  const rights = { roles: ['clerk'], scopes: null };
  const verdict = await policy.explainCell(rights, 'Invoice', 'amount', 'see-clear');
  expect(verdict.line).toEqual({ ...line, id });
  expect((await policy.tableFor(rights)).see('Invoice', 'number')).toBe('none');
  expect(parsePolicyBody(JSON.stringify(withLine({ id }))).lines[0]!.id).toBe(id);
});
