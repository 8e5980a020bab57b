import {
  type Condition,
  type ConditionRecord,
  conditionText,
  type EvaluationContext,
  evaluateCondition,
  not,
  parseCondition,
  type RowScope,
  rowScopes,
  scopeAdmits,
  scopeText,
} from '@countersign/policy';
import { objectOf } from '@countersign/schema';
import fc from 'fast-check';
import { Client } from 'pg';
import { conditionJsonOf, SAMPLE_PRINCIPAL } from '../../../../policy/test/rows/random-condition';
import { randomPolicy } from '../../../../policy/test/rows/random-policy';
import { SAMPLE_OBJECTS, sampleCatalogue } from '../../../../policy/test/rows/sample-catalogue';
import { chance, relatedIn, sampleId, sampleRecords } from '../../../../policy/test/rows/sample-records';
import { createEmptyTestDatabase, type TestDatabase } from '../../../test/harness';
import { Bindings, fillSampleTables } from '../../../test/planner/sample-tables';
import { printCondition, printScope } from './condition-sql';
import { RowsAsSeen } from './rows-as-seen';

const SEED = 20_240_229;
const records = sampleRecords(SEED);
const everything = relatedIn(records);
let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createEmptyTestDatabase();
  client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  await fillSampleTables(client, records);
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

/** Moves about half of the literals into request slots, and some of them become null there. */
function withSlots(condition: Condition, slots: unknown[], random: (below: number) => number): Condition {
  const inner = (part: Condition) => withSlots(part, slots, random);
  switch (condition.kind) {
    case 'constant':
      return condition;
    case 'all':
    case 'any':
      return { ...condition, of: condition.of.map(inner) };
    case 'not':
    case 'step':
      return { ...condition, of: inner(condition.of) };
    case 'compare':
    case 'isNull': {
      if (condition.operand.from !== 'literal' || random(2) === 0) return condition;
      const { value } = condition.operand;
      const list = Array.isArray(value);
      slots.push(random(6) > 0 ? value : list && random(2) === 0 ? [...value, null] : null);
      return { ...condition, operand: { from: 'request', slot: slots.length - 1 } };
    }
  }
}

/** Which ids the database says yes to. */
function idsWhere(object: string, print: (bindings: Bindings) => string, slots: readonly unknown[] = []) {
  const { table } = objectOf(sampleCatalogue, object);
  return idsOf((bindings) => `${table} t where ${print(bindings)}`, slots);
}

async function idsOf(print: (bindings: Bindings) => string, slots: readonly unknown[] = []) {
  const bindings = new Bindings(slots);
  const text = print(bindings);
  // INVARIANT: names and placeholders only, so no value of anyone can change the statement.
  expect(text).not.toMatch(/['"\\;]|--/);
  const { rows } = await client.query<{ id: string }>(`select t.id from ${text}`, bindings.values);
  return new Set(rows.map((row) => row.id));
}

function context(object: string, slots: readonly unknown[], related = everything): EvaluationContext {
  return {
    catalogue: sampleCatalogue,
    object,
    principal: SAMPLE_PRINCIPAL,
    request: (slot) => slots[slot as number],
    related,
  };
}

const CONDITIONS: Readonly<Record<string, number>> = {
  Account: 450,
  Invoice: 200,
  InvoiceLine: 120,
  Contact: 120,
  Branch: 60,
  Office: 60,
};

function randomConditions(object: string, count: number): Condition[] {
  return fc
    .sample(conditionJsonOf(object), { numRuns: count, seed: SEED })
    .map((json) => parseCondition(sampleCatalogue, object, json, { allowPrincipal: true }));
}

test('PostgreSQL and memory give the same three-valued answer to random conditions on random records', async () => {
  const random = chance(SEED);
  const answers = { true: 0, false: 0, null: 0 };
  const differences: string[] = [];
  for (const [object, count] of Object.entries(CONDITIONS)) {
    for (const drawn of randomConditions(object, count)) {
      const slots: unknown[] = [];
      const condition = withSlots(drawn, slots, random);
      const yes = await idsWhere(object, (b) => printCondition(condition, b.printing(object)), slots);
      const no = await idsWhere(object, (b) => printCondition(not(condition), b.printing(object)), slots);
      for (const record of records[object]!) {
        const inSql = yes.has(record.id as string) ? true : no.has(record.id as string) ? false : null;
        const inMemory = evaluateCondition(condition, record, context(object, slots));
        answers[`${inMemory}`]++;
        if (inSql !== inMemory)
          differences.push(`${object} ${conditionText(condition)}: ${inSql} in SQL, ${inMemory} in memory`);
      }
    }
  }
  const pairs = answers.true + answers.false + answers.null;
  console.info(`${pairs} pairs: ${JSON.stringify(answers)}, ${differences.length} differences`);
  expect(differences.slice(0, 5)).toEqual([]);
  expect(pairs).toBeGreaterThan(50_000);
  // A test that hardly ever sees an unknown would not test three-valued logic.
  expect(Math.min(answers.true, answers.false, answers.null)).toBeGreaterThan(pairs / 20);
});

/** Which records exist for the caller, and which cells are withheld. */
const SCOPES: Readonly<Record<string, unknown>> = {
  Account: { or: [{ region: { in: ['EMEA', 'emea', 'é', ''] } }, { active: { eq: true } }] },
  Invoice: { not: { status: { eq: 'DRAFT' } } },
  Contact: { email: { isNull: false } },
  Office: { or: [] },
};
const CELL_RULES: Readonly<Record<string, unknown>> = {
  'Account.rank': { segment: { ne: 'SMB' } },
  'Account.owner': { active: { eq: true } },
  'Invoice.account': { amount: { gt: '0.00' } },
  'Contact.email': { id: { ne: sampleId('Contact', 3) } },
};

test("a client's condition sees hidden records as missing and withheld cells as null, in both", async () => {
  const parsed = (from: Readonly<Record<string, unknown>>) =>
    new Map(
      Object.entries(from).map(([key, json]) => [
        key,
        parseCondition(sampleCatalogue, key.split('.')[0]!, json, { allowPrincipal: true }),
      ]),
    );
  const scopes = parsed(SCOPES);
  const rules = parsed(CELL_RULES);
  const holds = (condition: Condition | undefined, object: string, record: ConditionRecord) =>
    !condition || evaluateCondition(condition, record, context(object, [])) === true;
  const withheld = (object: string, record: ConditionRecord): ConditionRecord => {
    const cells = Object.entries(record).map(([name, value]) => {
      return [name, holds(rules.get(`${object}.${name}`), object, record) ? value : null];
    });
    return Object.fromEntries(cells);
  };
  const view = (object: string, record: ConditionRecord): ConditionRecord | null =>
    holds(scopes.get(object), object, record) ? withheld(object, record) : null;
  const cells = new Map<string, Map<string, Condition>>();
  for (const [key, condition] of rules) {
    const [object, member] = key.split('.') as [string, string];
    cells.set(object, (cells.get(object) ?? new Map<string, Condition>()).set(member, condition));
  }
  const stepScopes = new Map<string, RowScope>(SAMPLE_OBJECTS.map((object) => [object, { kind: 'always' }]));
  for (const [object, condition] of scopes) stepScopes.set(object, { kind: 'only-where', condition });
  /** The statement as it is printed for a client; the records asked for are not scoped themselves. */
  const clientIds = (object: string, condition: Condition) =>
    idsOf((bindings) => {
      const { bind, freshAlias } = bindings.printing(object);
      const seen = new RowsAsSeen(sampleCatalogue, { operand: bind }, cells, freshAlias);
      const { from } = seen.of(object, { kind: 'always' }, 't');
      return `${from} where ${seen.condition(object, condition, stepScopes, 't')}`;
    });

  const asSeen = relatedIn(records, view);

  let pairs = 0;
  let otherwise = 0;
  const differences: string[] = [];
  for (const [object, count] of Object.entries(CONDITIONS)) {
    for (const condition of randomConditions(object, Math.ceil(count / 3))) {
      const yes = await clientIds(object, condition);
      const no = await clientIds(object, not(condition));
      for (const record of records[object]!) {
        const inSql = yes.has(record.id as string) ? true : no.has(record.id as string) ? false : null;
        const shown = withheld(object, record);
        const inMemory = evaluateCondition(condition, shown, context(object, [], asSeen));
        pairs++;
        if (inSql !== inMemory)
          differences.push(`${object} ${conditionText(condition)}: ${inSql} in SQL, ${inMemory} in memory`);
        if (inMemory !== evaluateCondition(condition, record, context(object, []))) otherwise++;
      }
    }
  }
  console.info(
    `${pairs} pairs as a client sees them (${otherwise} unlike an admin's), ${differences.length} differences`,
  );
  expect(differences.slice(0, 5)).toEqual([]);
  expect(pairs).toBeGreaterThan(10_000);
  expect(otherwise).toBeGreaterThan(500);
});

test('row scopes let PostgreSQL and memory through to the same records', async () => {
  let pairs = 0;
  let passed = 0;
  const differences: string[] = [];
  const policies = fc.sample(randomPolicy(), { numRuns: 120, seed: SEED });
  for (const policy of policies) {
    for (const access of ['read', 'read-write'] as const) {
      const scopeOf = rowScopes(sampleCatalogue, policy, { groupIds: ['a', 'b', 'c'] }, 'staff', access);
      for (const object of SAMPLE_OBJECTS) {
        const scope = scopeOf(object);
        const inSql = await idsWhere(object, (b) => printScope(scope, b.printing(object)));
        for (const record of records[object]!) {
          const inMemory = scopeAdmits(scope, record, context(object, []));
          pairs++;
          if (inMemory) passed++;
          if (inSql.has(record.id as string) !== inMemory) differences.push(`${object} ${scopeText(scope)}`);
        }
      }
    }
  }
  console.info(`${pairs} pairs of scope and record, ${passed} let through, ${differences.length} differences`);
  expect(differences.slice(0, 5)).toEqual([]);
  expect(passed).toBeGreaterThan(pairs / 20);
});
