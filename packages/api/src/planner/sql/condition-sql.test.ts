import {
  type Condition,
  type ConditionRecord,
  conditionText,
  type EvaluationContext,
  evaluateCondition,
  groupVoice,
  not,
  type Operand,
  parseCondition,
  rowScopes,
} from '@countersign/policy';
import { type Catalogue, createCatalogue, memberOf, objectOf, storedMembers } from '@countersign/schema';
import fc from 'fast-check';
import { Client } from 'pg';
import { conditionJsonOf, SAMPLE_PRINCIPAL } from '../../../../policy/test/rows/random-condition';
import { SAMPLE_OBJECTS, sampleCatalogue } from '../../../../policy/test/rows/sample-catalogue';
import { chance, relatedIn, sampleId, sampleRecords } from '../../../../policy/test/rows/sample-records';
import { createEmptyTestDatabase, type TestDatabase } from '../../../test/harness';
import { type ConditionPrinting, printCondition, printScope } from './condition-sql';
import { sqlTypeOf } from './statement-params';

const SEED = 20_240_229;
const records = sampleRecords(SEED);
let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createEmptyTestDatabase();
  client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  for (const name of SAMPLE_OBJECTS) await createAndFill(name);
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

async function createAndFill(name: string): Promise<void> {
  const { table, ...object } = objectOf(sampleCatalogue, name);
  const members = storedMembers({ table, ...object });
  const columns = members.map((member) => {
    if (member.kind === 'to-one') return `${member.column} uuid`;
    if (member.type.kind === 'decimal')
      return `${member.column} numeric(${member.type.precision},${member.type.scale})`;
    if (member.type.kind === 'timestamp') return `${member.column} timestamptz(3)`;
    return `${member.column} ${sqlTypeOf(member.type)}${sqlTypeOf(member.type) === 'text' ? ' collate "C"' : ''}`;
  });
  await client.query(`create table ${table} (${columns.join(', ')})`);
  const rows = records[name]!.map((record) =>
    Object.fromEntries(members.map((member) => [member.column, record[member.name]])),
  );
  // The second JSON null of a pair would become SQL null; text has characters that JSON must escape, which it does.
  await client.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
    JSON.stringify(rows),
  ]);
}

/** Collects parameters, and values of principal and request as they would be bound. */
class Bindings {
  readonly values: unknown[] = [];
  private aliases = 0;
  constructor(private readonly slots: readonly unknown[] = []) {}

  readonly bind: ConditionPrinting['bind'] = (operand, type, list) => {
    this.values.push(valueOf(operand, this.slots));
    return `$${this.values.length}::${sqlTypeOf(type)}${list ? '[]' : ''}`;
  };
  readonly freshAlias = () => `s${++this.aliases}`;

  printing(object: string, alias = 't', more: Partial<ConditionPrinting> = {}): ConditionPrinting {
    return { catalogue: sampleCatalogue, object, alias, bind: this.bind, freshAlias: this.freshAlias, ...more };
  }
}

function valueOf(operand: Operand, slots: readonly unknown[]): unknown {
  if (operand.from === 'literal') return operand.value;
  return operand.from === 'principal' ? SAMPLE_PRINCIPAL[operand.name] : slots[operand.slot as number];
}

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
async function idsWhere(object: string, print: (bindings: Bindings) => string, slots: readonly unknown[] = []) {
  const bindings = new Bindings(slots);
  const text = print(bindings);
  // INVARIANT: names and placeholders only, so no value of anyone can change the statement.
  expect(text).not.toMatch(/['"\\;]|--/);
  const { table } = objectOf(sampleCatalogue, object);
  const { rows } = await client.query<{ id: string }>(`select t.id from ${table} t where ${text}`, bindings.values);
  return new Set(rows.map((row) => row.id));
}

function context(object: string, slots: readonly unknown[], related = relatedIn(records)): EvaluationContext {
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

/** Which records exist for the caller, and which cells are withheld: about each fifth cell of `rank`, `email` and keys. */
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

test("a client's condition sees hidden records as missing and withheld cells as null, in PostgreSQL and in memory", async () => {
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
  const view = (object: string, record: ConditionRecord): ConditionRecord | null => {
    if (!holds(scopes.get(object), object, record)) return null;
    const cells = Object.entries(record).map(([name, value]) => [
      name,
      holds(rules.get(`${object}.${name}`), object, record) ? value : null,
    ]);
    return Object.fromEntries(cells);
  };
  const clientPrinting = (object: string, bindings: Bindings) =>
    bindings.printing(object, 't', {
      onStep: (target, alias) => {
        const scope = scopes.get(target);
        return scope ? printCondition(scope, bindings.printing(target, alias)) : null;
      },
      column: (owner, name, alias) => {
        const member = memberOf(objectOf(sampleCatalogue, owner), name);
        if (!member || member.kind === 'to-many') throw new Error(`${owner}.${name} has no column`);
        const rule = rules.get(`${owner}.${name}`);
        const column = `${alias}.${member.column}`;
        return rule ? `case when ${printCondition(rule, bindings.printing(owner, alias))} then ${column} end` : column;
      },
    });

  let pairs = 0;
  let otherwise = 0;
  const differences: string[] = [];
  for (const [object, count] of Object.entries(CONDITIONS)) {
    for (const condition of randomConditions(object, Math.ceil(count / 3))) {
      const yes = await idsWhere(object, (b) => printCondition(condition, clientPrinting(object, b)));
      const no = await idsWhere(object, (b) => printCondition(not(condition), clientPrinting(object, b)));
      for (const record of records[object]!) {
        const inSql = yes.has(record.id as string) ? true : no.has(record.id as string) ? false : null;
        const shown = { ...record, ...view(object, record) };
        const inMemory = evaluateCondition(condition, shown, context(object, [], relatedIn(records, view)));
        pairs++;
        if (inSql !== inMemory)
          differences.push(`${object} ${conditionText(condition)}: ${inSql} in SQL, ${inMemory} in memory`);
        if (inMemory !== evaluateCondition(condition, record, context(object, []))) otherwise++;
      }
    }
  }
  console.info(
    `${pairs} pairs as a client sees them, ${otherwise} differ from what an admin sees, ${differences.length} differences`,
  );
  expect(differences.slice(0, 5)).toEqual([]);
  expect(pairs).toBeGreaterThan(10_000);
  expect(otherwise).toBeGreaterThan(500);
});
