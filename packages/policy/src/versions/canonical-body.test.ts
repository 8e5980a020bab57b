import * as fc from 'fast-check';
import { casePolicy } from '../cases/case-policy';
import { canonicalBody, policyBodyText } from './canonical-body';
import { parsePolicyBody } from './parse-policy-body';
import type { PermissionLine, PolicyBody } from './policy-body';

const body: PolicyBody = {
  ...casePolicy({ base: [], clerk: ['base'], boss: ['clerk', 'base'] }, [
    'allow clerk see-clear Invoice.*',
    'deny base see-masked Invoice.iban',
    'allow boss export *',
  ]),
  sharing: [
    { object: 'Invoice', sharing: 'open' },
    { object: 'Account', sharing: 'groups-only' },
  ],
  groups: [
    {
      id: 'g2',
      name: 'EMEA',
      access: 'read',
      conditions: [
        { object: 'Invoice', condition: { or: [{ number: { eq: 'b' } }, { number: { eq: 'a' } }] } },
        { object: 'Account', condition: { name: { eq: 'x', ne: 'y' } } },
      ],
    },
    { id: 'g1', name: 'APAC', access: 'read-write', conditions: [] },
  ],
  cellRules: [
    { id: 'r2', role: 'clerk', object: 'Invoice', field: 'amount', condition: { number: { eq: 'x', ne: 'y' } } },
    { id: 'r1', role: 'base', object: 'Invoice', field: 'iban', condition: {} },
  ],
};

const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });

/** The body with its lists in another order and its keys turned round. */
const sameMeaning = fc
  .record({
    roles: shuffled(body.roles),
    lines: shuffled(body.lines),
    sharing: shuffled(body.sharing),
    groups: shuffled(body.groups),
    cellRules: shuffled(body.cellRules),
  })
  .map((lists) => turned({ ...body, ...lists }) as PolicyBody);

test('equal policies have equal canonical texts, in whatever order their lists and keys come', () => {
  const text = policyBodyText(body);
  fc.assert(fc.property(sameMeaning, (other) => policyBodyText(other) === text));
});

test('the canonical text reads back as the same policy', () => {
  const again = parsePolicyBody(policyBodyText(body));
  expect(again).toEqual(canonicalBody(body));
  expect(policyBodyText(again)).toBe(policyBodyText(body));
});

test('the order inside a condition is part of what it says and is kept', () => {
  const condition = canonicalBody(body).groups[1]!.conditions[1]!.condition;
  expect(condition).toEqual({ or: [{ number: { eq: 'b' } }, { number: { eq: 'a' } }] });
});

test('any difference in meaning shows in the text', () => {
  const texts = [
    body,
    { ...body, catalogueRevision: 'other' },
    { ...body, lines: body.lines.slice(1) },
    { ...body, lines: body.lines.map((line) => ({ ...line, effect: 'deny' as const })) },
    { ...body, lines: body.lines.map((line) => ({ ...line, id: `${line.id}!` })) },
    { ...body, roles: body.roles.map((role) => ({ ...role, inherits: [] })) },
    { ...body, sharing: [] },
    { ...body, cellRules: [] },
    { ...body, cellRules: body.cellRules.map((rule) => ({ ...rule, condition: { or: [] } })) },
    { ...body, groups: body.groups.map((group) => ({ ...group, access: 'read' as const })) },
  ].map(policyBodyText);
  expect(new Set(texts).size).toBe(texts.length);
});

test('the canonical body is a frozen copy: nobody can change a policy that is in force', () => {
  const canonical = canonicalBody(body);
  expect(canonical).not.toBe(body);
  expect(Object.isFrozen(canonical.lines[0])).toBe(true);
  expect(Object.isFrozen(canonical.groups[1]!.conditions[0]!.condition)).toBe(true);
  expect(Object.isFrozen(body)).toBe(false);
});

/** Entries that agree in everything but one part, for each part that their order goes by. */
const alike: PolicyBody = {
  ...body,
  roles: [{ name: 'clerk', inherits: ['b', 'a', 'c'] }],
  lines: ['role', 'object', 'field', 'action', 'effect', 'id'].flatMap((part) =>
    ['2', '10', '1'].map((value) => {
      const line = { id: '0', role: '0', object: '0', field: '0', action: '0', effect: '0', [part]: value };
      return line as unknown as PermissionLine;
    }),
  ),
  sharing: [
    { object: 'Invoice', sharing: 'open' },
    { object: 'Invoice', sharing: 'groups-only' },
  ],
  groups: ['b', 'a'].map((name) => ({
    id: 'g',
    name,
    access: 'read',
    conditions: [{ b: 1 }, { a: 2 }, { a: 1 }].map((condition) => ({ object: 'Invoice', condition })),
  })),
  cellRules: ['role', 'object', 'field', 'condition', 'id'].flatMap((part) =>
    ['2', '10', '1'].map((value) => ({ id: '0', role: '0', object: '0', field: '0', condition: '0', [part]: value })),
  ),
};

test('entries that agree in what their order goes by first are ordered by what comes next', () => {
  const { lines, roles, sharing, groups, cellRules } = canonicalBody(alike);
  const inTurn = (entries: readonly object[], parts: readonly string[]) =>
    entries.map((entry) => parts.map((part) => (entry as Record<string, unknown>)[part]).join(' '));
  const sorted = (texts: string[]) => [...texts].sort();
  const ofLines = inTurn(lines, ['role', 'object', 'field', 'action', 'effect', 'id']);
  const ofRules = inTurn(cellRules, ['role', 'object', 'field', 'condition', 'id']);
  expect([ofLines, ofRules]).toEqual([sorted(ofLines), sorted(ofRules)]);
  expect(roles[0]!.inherits).toEqual(['a', 'b', 'c']);
  expect(sharing.map((entry) => entry.sharing)).toEqual(['groups-only', 'open']);
  expect(groups.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(groups[0]!.conditions.map(({ condition }) => condition)).toEqual([{ a: 1 }, { a: 2 }, { b: 1 }]);
});

test('the text of a policy is the same for ever, as the digests of published versions are made over it', () => {
  const { groups, cellRules, sharing } = body;
  const small = { ...casePolicy({ clerk: [] }, ['allow clerk export Invoice']), sharing, cellRules: [cellRules[0]!] };
  expect(policyBodyText({ ...small, groups: [groups[0]!] })).toBe(
    '{"catalogueRevision":"revision-of-the-cases",' +
      '"cellRules":[{"condition":{"number":{"eq":"x","ne":"y"}},"field":"amount","id":"r2","object":"Invoice","role":"clerk"}],' +
      '"groups":[{"access":"read","conditions":[{"condition":{"name":{"eq":"x","ne":"y"}},"object":"Account"},' +
      '{"condition":{"or":[{"number":{"eq":"b"}},{"number":{"eq":"a"}}]},"object":"Invoice"}],"id":"g2","name":"EMEA"}],' +
      '"lines":[{"action":"export","effect":"allow","field":"-","id":"line 1","object":"Invoice","role":"clerk"}],' +
      '"roles":[{"inherits":[],"name":"clerk"}],' +
      '"sharing":[{"object":"Account","sharing":"groups-only"},{"object":"Invoice","sharing":"open"}]}',
  );
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
