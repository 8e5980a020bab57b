import fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import { conditionJsonOf } from '../../test/rows/random-condition';
import { SAMPLE_OBJECTS, sampleCatalogue } from '../../test/rows/sample-catalogue';
import { sampleId } from '../../test/rows/sample-records';
import { buildCondition, CONDITION_LIMITS, ConditionInvalid } from './build-condition';
import { conditionText } from './combine';
import type { Condition } from './condition';
import { conditionJson } from './condition-json';
import { conditionProblems, parseCondition } from './parse-condition';

const admin = { allowPrincipal: true };
const parse = (object: string, json: unknown, mode = admin) => parseCondition(sampleCatalogue, object, json, mode);

const problemsOf = (object: string, json: unknown, mode = admin) =>
  conditionProblems(sampleCatalogue, object, json, mode);

const literal = (value: unknown) => ({ from: 'literal', value });

test('a condition that was parsed, printed as JSON and parsed again is the same condition', () => {
  let steps = 0;
  for (const object of SAMPLE_OBJECTS) {
    for (const json of fc.sample(conditionJsonOf(object), { numRuns: propertyRuns(300), seed: 7 })) {
      const once = parse(object, json);
      expect(parse(object, conditionJson(once))).toEqual(once);
      if (conditionText(once).includes('one(')) steps++;
    }
  }
  expect(steps).toBeGreaterThan(meetings(100));
});

test('several keys must all hold, steps lead to the target, and isNull under a relation asks for the parent', () => {
  const json = {
    status: { in: ['PAID', 'OVERDUE'] },
    account: { isNull: false, region: { eq: 'EMEA' }, contacts: { none: { email: { isNull: true } } } },
  };
  expect(conditionText(parse('Invoice', json))).toBe(
    'all(status in literal ["PAID","OVERDUE"],account isNull literal false,' +
      'account one(all(region eq literal "EMEA",contacts none(email isNull literal true))))',
  );
});

test('an empty condition holds for every record, and an empty choice for none', () => {
  expect(parse('Account', {})).toEqual({ kind: 'constant', value: true });
  expect(parse('Account', { and: [] })).toEqual({ kind: 'constant', value: true });
  expect(parse('Account', { or: [] })).toEqual({ kind: 'constant', value: false });
  expect(parse('Account', { region: { in: [] } })).toMatchObject({ operator: 'in', operand: literal([]) });
});

describe('literals', () => {
  const operand = (object: string, field: string, operator: string, raw: unknown) => {
    const condition = parse(object, { [field]: { [operator]: raw } }) as Condition & { kind: 'compare' };
    return (condition.operand as { value: unknown }).value;
  };

  test.each([
    ['decimal', 'Account', 'creditLimit', '10', '10.00'],
    ['decimal', 'Account', 'creditLimit', 10, '10.00'],
    ['decimal', 'Account', 'creditLimit', '-007.5', '-7.50'],
    ['decimal zero', 'Account', 'creditLimit', '-0.0', '0.00'],
    ['uuid', 'Account', 'id', sampleId('Account', 1).toUpperCase(), sampleId('Account', 1)],
    ['leap day', 'Account', 'since', '2024-02-29', '2024-02-29'],
    ['timestamp', 'Account', 'seenAt', '2024-01-01T01:30:00+01:30', '2024-01-01T00:00:00.000Z'],
    ['text that looks like SQL', 'Account', 'region', "'; drop table x --", "'; drop table x --"],
    ['smallest integer', 'Account', 'rank', -2147483648, -2147483648],
  ])('%s is brought into one form', (_kind, object, field, raw, expected) => {
    expect(operand(object, field, 'eq', raw)).toBe(expected);
  });

  test.each([
    ['creditLimit', 10.5, 'written as a string'],
    ['creditLimit', '1.005', 'at most 2 decimal places'],
    ['creditLimit', '1e3', 'written as a string'],
    ['creditLimit', '١', 'written as a string'],
    ['creditLimit', '12345678901234', 'written as a string'],
    ['creditLimit', 'NaN', 'written as a string'],
    ['rank', 2147483648, '32 bits'],
    ['rank', '1', '32 bits'],
    ['rank', 1.5, '32 bits'],
    ['since', '2023-02-29', 'YYYY-MM-DD'],
    ['since', '0000-01-01', 'YYYY-MM-DD'],
    ['since', '1900-02-29', 'YYYY-MM-DD'],
    ['seenAt', '2024-01-01', 'offset'],
    ['seenAt', '2024-01-01T00:00:00', 'offset'],
    ['seenAt', '2024-01-01T24:00:00Z', 'offset'],
    ['seenAt', '2024-01-01T00:00:60Z', 'offset'],
    ['seenAt', '2024-02-30T00:00:00Z', 'offset'],
    ['seenAt', '0001-01-01T00:00:00+14:00', 'offset'],
    ['seenAt', '2024-01-01T00:00:00.0001Z', 'offset'],
    ['id', 'not-a-uuid', 'UUID'],
    ['segment', 'smb', 'one of ENTERPRISE'],
    ['active', 'true', 'true or false'],
    ['region', 'a\0b', 'character'],
    ['region', '\uD800', 'character'],
    ['region', 5, 'a text'],
    ['region', null, 'isNull'],
    ['region', { from: 'literal' }, 'a text'],
  ])('%s refuses %j', (field, raw, hint) => {
    expect(problemsOf('Account', { [field]: { eq: raw } })).toEqual([expect.stringContaining(hint)]);
  });
});

describe('what is refused', () => {
  test('every problem is named by its path', () => {
    const json = {
      colour: { eq: 'x' },
      amount: { contains: '1', gt: 1.5 },
      account: { segment: { in: ['SMB', 'MID', 'HUGE'] }, extra: { eq: 1 }, invoices: { any: {} } },
      or: [{}, { lines: { some: { quantity: { eq: null } } } }],
      not: null,
      isNull: true,
    };
    expect(problemsOf('Invoice', json)).toEqual([
      'colour: Invoice has no colour',
      'amount.contains: a field of type decimal knows eq, ne, in, lt, lte, gt, gte, isNull',
      'amount.gt: expected a decimal with at most 2 decimal places, written as a string',
      'account.segment.in[2]: expected one of ENTERPRISE, MID, SMB',
      'account.extra.eq: a field of type json knows isNull',
      'account.invoices.any: a relation to many knows some and none',
      'or[1].lines.some.quantity.eq: null cannot be compared with; use isNull',
      'not: null is not a condition; use isNull',
      'isNull: isNull stands directly under a field or a relation',
    ]);
  });

  test.each([
    [null],
    ['region'],
    [[]],
    [5],
    [{ region: null }],
    [{ region: 'EMEA' }],
    [{ and: {} }],
    [{ or: null }],
    [{ region: { in: 'EMEA' } }],
    [{ region: { in: [['EMEA']] } }],
    [{ owner: null }],
    [{ owner: [] }],
    [{ owner: { isNull: null } }],
    [{ region: { isNull: 'yes' } }],
    [{ contacts: { email: { eq: 'x' } } }],
    [JSON.parse('{"__proto__": {"eq": 1}}')],
    [{ constructor: { eq: 'x' } }],
    [{ region: { constructor: 'x' } }],
  ])('%j is not a condition', (json) => {
    expect(problemsOf('Account', json)).not.toEqual([]);
  });

  test('a condition over 20 levels, over 200 parts or with lists over 1000 values', () => {
    const nested = (levels: number): unknown => (levels === 1 ? {} : { not: nested(levels - 1) });
    expect(problemsOf('Account', nested(20))).toEqual([]);
    expect(problemsOf('Account', nested(21))).toEqual([expect.stringContaining('at most 20 levels')]);
    expect(problemsOf('Account', nested(5_000))).toHaveLength(1);

    const wide = (parts: number) => ({ and: Array.from({ length: parts }, () => ({})) });
    expect(problemsOf('Account', wide(199))).toEqual([]);
    expect(problemsOf('Account', wide(200))).toEqual([expect.stringContaining('at most 200 parts')]);
    expect(problemsOf('Account', wide(1_000_000))).toHaveLength(1);
    const steps = (count: number): unknown =>
      count === 0 ? {} : { owner: { isNull: false, ...(steps(count - 1) as object) } };
    expect(problemsOf('Account', steps(19))).toEqual([]);

    const list = (length: number) => ({ rank: { in: Array.from({ length }, (_, i) => i) } });
    expect(problemsOf('Account', list(1000))).toEqual([]);
    expect(problemsOf('Account', list(1001))).toEqual(['rank.in: a list holds at most 1000 values']);
    const limits = { ...CONDITION_LIMITS, depth: 2 };
    expect(() => parseCondition(sampleCatalogue, 'Account', nested(3), { ...admin, limits })).toThrow(
      'at most 2 levels',
    );
  });

  test.each<[json: unknown, problems: string[]]>([
    [{ and: {} }, ['and: expected a list of conditions']],
    [{ or: 'EMEA' }, ['or: expected a list of conditions']],
    [{ region: {} }, ['region: nothing is compared; leave the field out, or give it an operator']],
    [{ contacts: {} }, ['contacts: a relation to many takes some or none']],
    [{ region: { eq: null } }, ['region.eq: null cannot be compared with; use isNull']],
    [{ region: { in: null } }, ['region.in: null cannot be compared with; use isNull']],
    [{ region: { in: 'x'.repeat(1001) } }, ['region.in: expected a list']],
    [{ region: { eq: Array.from({ length: 1001 }, () => 'x') } }, ['region.eq: expected a text']],
    [{ owner: { isNull: null } }, ['owner.isNull: null cannot be compared with; use isNull']],
    [[], ['expected an object']],
  ])('what is wrong with it is said in words', (json, problems) => {
    expect(problemsOf('Account', json)).toEqual(problems);
  });

  test('levels count through lists, parents and children alike', () => {
    const lists = (levels: number): unknown =>
      levels === 1 ? {} : { [levels % 2 ? 'and' : 'or']: [lists(levels - 1)] };
    const parents = (levels: number): unknown => (levels === 1 ? {} : { owner: parents(levels - 1) });
    const children = (levels: number): unknown =>
      levels === 1 ? {} : { subsidiaries: { some: children(levels - 1) } };
    for (const nest of [lists, parents, children]) {
      expect(problemsOf('Account', nest(20))).toEqual([]);
      expect(problemsOf('Account', nest(21))).toEqual([expect.stringMatching(/: a condition has at most 20 levels$/)]);
    }
  });

  test('a condition that is too large is not looked at any further', () => {
    const nested = (levels: number): unknown => (levels === 1 ? {} : { not: nested(levels - 1) });
    const wide = Array.from({ length: 200 }, () => ({}));
    const wrong = { colour: { eq: 1 } };
    expect(problemsOf('Account', { and: [nested(21), wrong] })).toEqual([expect.stringMatching(/20 levels$/)]);
    expect(problemsOf('Account', { and: wide, or: [wrong] })).toEqual(['and: a condition has at most 200 parts']);
    expect(problemsOf('Account', { and: [wrong, { and: wide }] })).toEqual([
      'and[0].colour: Account has no colour',
      'and[1].and: a condition has at most 200 parts',
    ]);
  });

  test('a condition that is refused says so with all its problems', () => {
    expect(() => parse('Account', { colour: 1, rank: 2 })).toThrow(
      'The condition is invalid:\n- colour: Account has no colour\n- rank: expected an object',
    );
    expect(new ConditionInvalid([]).name).toBe('ConditionInvalid');
  });

  test('a hostile condition gets a short answer', () => {
    const wrong = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`wrong${i}`, 1]));
    expect(problemsOf('Account', wrong)).toHaveLength(20);
  });
});

describe('values of the principal', () => {
  test('stand wherever a scalar is expected, in lists too', () => {
    expect(conditionText(parse('Account', { id: { eq: '$principal.accountId' } }))).toBe('id eq principal accountId');
    expect(conditionText(parse('Account', { region: { in: ['APAC', '$principal.region'] } }))).toBe(
      'any(region in literal ["APAC"],region eq principal region)',
    );
    expect(conditionText(parse('Account', { region: { in: ['$principal.region'] } }))).toBe(
      'region eq principal region',
    );
  });

  test('are refused where they are unknown or of another type', () => {
    expect(problemsOf('Account', { region: { eq: '$principal.password' } })).toEqual([
      expect.stringContaining('has no password'),
    ]);
    expect(problemsOf('Account', { id: { eq: '$principal.region' } })).toEqual([
      expect.stringContaining('cannot be compared'),
    ]);
    expect(problemsOf('Account', { rank: { eq: '$principal.accountId' } })).toEqual([
      expect.stringContaining('cannot be compared'),
    ]);
  });

  test('are plain texts in conditions of clients', () => {
    const client = { allowPrincipal: false };
    expect(parse('Account', { region: { eq: '$principal.region' } }, client)).toMatchObject({
      operand: literal('$principal.region'),
    });
    expect(problemsOf('Account', { id: { eq: '$principal.accountId' } }, client)).toEqual(['id.eq: expected a UUID']);
  });
});

test('the walker leaves the leaves to its caller, whole lists included', () => {
  const seen: unknown[] = [];
  const tree = { region: { in: 'slot 1' }, owner: { rank: { gt: 'slot 2' }, isNull: 'slot 3' }, segment: undefined };
  const condition = buildCondition(sampleCatalogue, 'Account', tree, (type, raw, path, list) => {
    seen.push([type.kind, path, list]);
    return { from: 'request', slot: raw };
  });
  expect(seen).toEqual([
    ['text', 'region.in', true],
    ['boolean', 'owner.isNull', false],
    ['integer', 'owner.rank.gt', false],
  ]);
  expect(conditionText(condition)).toBe(
    'all(region in request "slot 1",owner isNull request "slot 3",owner one(rank gt request "slot 2"))',
  );
});
