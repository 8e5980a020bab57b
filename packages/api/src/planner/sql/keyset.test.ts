import type { CatalogueField, FieldType } from '@countersign/schema';
import fc from 'fast-check';
import { Client } from 'pg';
import { createEmptyTestDatabase, type TestDatabase } from '../../../test/harness';
import type { SortKey } from '../read-plan';
import { beyondKey, orderText } from './keyset';

/*
 * Every order over three columns, one of them never null, against the same order in JavaScript: from each record, the
 * records beyond it are exactly those that follow it.
 */
interface Row {
  readonly id: number;
  readonly a: string | null;
  readonly b: number | null;
}

const rows = fc
  .sample(
    fc.record({
      a: fc.option(fc.constantFrom('', 'a', 'A', 'é', '💩'), { freq: 3 }),
      b: fc.option(fc.integer({ min: -1, max: 1 }), { freq: 3 }),
    }),
    { numRuns: 40, seed: 7 },
  )
  .map((row, id): Row => ({ id, ...row }));

const column = (name: keyof Row, type: FieldType, nullable: boolean): CatalogueField => {
  return { kind: 'field', name, column: name, type, nullable, write: 'never', tags: [], description: '' };
};
const FIELDS = {
  a: column('a', { kind: 'text', maxLength: 9 }, true),
  b: column('b', { kind: 'integer' }, true),
  id: column('id', { kind: 'integer' }, false),
};
const SQL_TYPES = { a: 'text', b: 'integer', id: 'integer' } as const;

const key = (name: keyof Row, direction: 'ASC' | 'DESC'): SortKey => ({ field: FIELDS[name], direction });
const DIRECTIONS = ['ASC', 'DESC'] as const;
const ORDERS: SortKey[][] = DIRECTIONS.flatMap((last) => [
  [key('id', last)],
  ...DIRECTIONS.flatMap((first) => [
    [key('a', first), key('id', last)],
    [key('b', first), key('id', last)],
    ...DIRECTIONS.map((second) => [key('a', first), key('b', second), key('id', last)]),
  ]),
]);

/** ASC puts empty values last, DESC first; texts compare by their bytes. */
function compared(one: Row, other: Row, order: readonly SortKey[]): number {
  for (const { field, direction } of order) {
    const [x, y] = [one[field.name as keyof Row], other[field.name as keyof Row]];
    if (x === y) continue;
    const ascending =
      x === null
        ? 1
        : y === null
          ? -1
          : typeof x === 'string'
            ? Buffer.compare(Buffer.from(x), Buffer.from(y as string))
            : x - (y as number);
    return direction === 'ASC' ? ascending : -ascending;
  }
  return 0;
}

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createEmptyTestDatabase();
  client = new Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query('create table t (id integer primary key, a text collate "C", b integer)');
  await client.query('insert into t select * from json_populate_recordset(null::t, $1)', [JSON.stringify(rows)]);
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const nameOf = (order: readonly SortKey[]) =>
  order.map(({ field, direction }) => `${field.name} ${direction}`).join(', ');

test.each(ORDERS.map((order) => [nameOf(order), order] as const))('by %s', async (_name, order) => {
  const sorted = [...rows].sort((one, other) => compared(one, other, order)).map(({ id }) => id);
  const idsOf = async (sql: string, values: unknown[] = []) =>
    (await client.query<{ id: number }>(sql, values)).rows.map(({ id }) => id);
  expect(await idsOf(`select id from t order by ${orderText(order, 't', false)}`)).toEqual(sorted);
  expect(await idsOf(`select id from t order by ${orderText(order, 't', true)}`)).toEqual([...sorted].reverse());

  const placeholders = order.map(({ field }, i) => `$${i + 1}::${SQL_TYPES[field.name as keyof Row]}`);
  for (const row of rows) {
    const values = order.map(({ field }) => row[field.name as keyof Row]);
    const at = sorted.indexOf(row.id);
    for (const [side, expected] of [
      ['after', sorted.slice(at + 1)],
      ['before', sorted.slice(0, at)],
    ] as const) {
      const beyond = beyondKey(order, 't', placeholders, side);
      const found = await idsOf(`select id from t where ${beyond} order by ${orderText(order, 't', false)}`, values);
      expect({ row, side, found }).toEqual({ row, side, found: expected });
    }
  }
});
