import type { SeeLevel } from '@countersign/policy';
import type { CatalogueField, FieldType, MaskForm } from '@countersign/schema';
import { Client } from 'pg';
import { createEmptyTestDatabase, type TestDatabase } from '../../../test/harness';
import { connectionConfig } from '../../database/connection';
import { sqlTypeOf } from './statement-params';
import { cursorKeyText, valueText } from './value-text';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createEmptyTestDatabase();
  client = new Client(connectionConfig({ url: database.ownerUrl, applicationName: 'test' }));
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const field = (type: FieldType, more: Partial<CatalogueField> = {}): CatalogueField => ({
  kind: 'field',
  name: 'value',
  column: 'value',
  type,
  nullable: true,
  write: 'always',
  tags: [],
  description: '',
  ...more,
});

/** What PostgreSQL prints for values of one column, in the column type that the migrations would use. */
async function printed(expression: string, columnType: string, values: readonly unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(
    `select ${expression} as text from unnest($1::text[]) with ordinality as given(text, n)
     cross join lateral (select given.text::${columnType} as value) t order by n`,
    [values],
  );
  return rows.map(({ text }) => text);
}

describe('Each type has one text form', () => {
  const decimal = (precision: number, scale: number): FieldType => ({ kind: 'decimal', precision, scale });
  const CASES: [FieldType, string, [stored: string | null, json: string][]][] = [
    [
      { kind: 'text', maxLength: 100 },
      'text collate "C"',
      [
        ['', '""'],
        ['plain', '"plain"'],
        ['a"b\\c/d', '"a\\"b\\\\c/d"'],
        ['\u0001\u001f\n\t', '"\\u0001\\u001f\\n\\t"'],
        ['\u2028é💩', '"\u2028é💩"'],
        [null, 'null'],
      ],
    ],
    [
      { kind: 'uuid' },
      'uuid',
      [
        ['01900000-0000-7000-8000-000000000000', '"01900000-0000-7000-8000-000000000000"'],
        ['ABCDEF00-0000-7000-8000-000000000000', '"abcdef00-0000-7000-8000-000000000000"'],
        [null, 'null'],
      ],
    ],
    [
      { kind: 'integer' },
      'integer',
      [
        ['0', '0'],
        ['-2147483648', '-2147483648'],
        ['2147483647', '2147483647'],
        [null, 'null'],
      ],
    ],
    [
      { kind: 'boolean' },
      'boolean',
      [
        ['t', 'true'],
        ['f', 'false'],
        [null, 'null'],
      ],
    ],
    [
      decimal(18, 2),
      'numeric(18,2)',
      [
        ['0', '"0.00"'],
        ['-0', '"0.00"'],
        ['1.5', '"1.50"'],
        ['-1.5', '"-1.50"'],
        ['9999999999999999.99', '"9999999999999999.99"'],
        ['-9999999999999999.99', '"-9999999999999999.99"'],
        ['0.005', '"0.01"'],
        [null, 'null'],
      ],
    ],
    [
      decimal(18, 6),
      'numeric(18,6)',
      [
        ['0.000001', '"0.000001"'],
        ['-0.000001', '"-0.000001"'],
        ['100000000000', '"100000000000.000000"'],
      ],
    ],
    [decimal(5, 0), 'numeric(5,0)', [['12', '"12"']]],
    [
      { kind: 'date' },
      'date',
      [
        ['0001-01-01', '"0001-01-01"'],
        ['2024-02-29', '"2024-02-29"'],
        ['9999-12-31', '"9999-12-31"'],
        ['infinity', 'null'],
        ['-infinity', 'null'],
        [null, 'null'],
      ],
    ],
    [
      { kind: 'timestamp' },
      'timestamptz(3)',
      [
        ['2024-02-29T12:00:00Z', '"2024-02-29T12:00:00.000Z"'],
        ['2024-02-29T12:00:00.5+05:30', '"2024-02-29T06:30:00.500Z"'],
        ['2024-02-29T23:59:59.9994Z', '"2024-02-29T23:59:59.999Z"'],
        ['0001-01-01T00:00:00Z', '"0001-01-01T00:00:00.000Z"'],
        ['9999-12-31T23:59:59.999Z', '"9999-12-31T23:59:59.999Z"'],
        ['infinity', 'null'],
        [null, 'null'],
      ],
    ],
    [
      { kind: 'enum', name: 'Status', values: ['DRAFT'] },
      'text',
      [
        ['DRAFT', '"DRAFT"'],
        [null, 'null'],
      ],
    ],
    [
      { kind: 'json' },
      'jsonb',
      [
        ['{"a":[1,null,{"b":"\\u0001"}]}', '{"a": [1, null, {"b": "\\u0001"}]}'],
        ['"text"', '"text"'],
        ['null', 'null'],
        [null, 'null'],
      ],
    ],
  ];

  test.each(CASES)('%j in a column of type %s', async (type, columnType, values) => {
    const stored = values.map(([value]) => value);
    const nullable = await printed(valueText(field(type), 't.value', 'clear'), columnType, stored);
    expect(nullable).toEqual(values.map(([, json]) => json));
    for (const text of nullable) expect(() => JSON.parse(text)).not.toThrow();
    // Without NULL in sight the expression for columns that hold none gives the same.
    const present = stored.filter((value) => value !== null);
    const whole = await printed(valueText(field(type, { nullable: false }), 't.value', 'clear'), columnType, present);
    expect(whole).toEqual(values.filter(([value]) => value !== null).map(([, json]) => json));
  });

  test.each(CASES)(
    '%j: what a cursor remembers is the same value when it is cast back',
    async (type, columnType, values) => {
      if (type.kind === 'json') return;
      const stored = values.map(([value]) => value);
      const keys = (await printed(cursorKeyText(field(type), 't.value'), columnType, stored)).map((text) =>
        JSON.parse(text),
      );
      const { rows } = await client.query(
        `select bool_and(a::${columnType} is not distinct from b::${sqlTypeOf(type)}) as same
       from unnest($1::text[], $2::text[]) as t(a, b)`,
        [stored, keys],
      );
      expect(rows[0].same).toBe(true);
    },
  );

  test.each<SeeLevel>(['none', 'masked'])('a field without a masked form that is seen %s is null', async (see) => {
    expect(await printed(valueText(field({ kind: 'integer' }), 't.value', see), 'integer', ['5'])).toEqual(['null']);
  });
});

describe('A mask shows what its rule says and no more', () => {
  /** The rules in JavaScript, over characters as people count them. */
  const RULES: Record<MaskForm, (text: string) => string> = {
    last4: (text) => {
      const characters = [...text];
      return characters.length >= 8 ? `••••${characters.slice(-4).join('')}` : '••••';
    },
    initial: (text) => `${[...text][0] ?? ''}•••`,
    email: (text) => {
      const at = text.indexOf('@');
      return at > 0 ? `${[...text][0]}•••${text.slice(at)}` : '•••';
    },
  };
  const TEXTS = [
    '',
    ' ',
    'a',
    'ab',
    '1234567',
    '12345678',
    '123456789',
    'DE123456780',
    '4111111111111111',
    '@',
    '@b',
    'a@',
    'a@b',
    'ab@b',
    'name@example.org',
    'a@b@c',
    '@@',
    'no at sign',
    'é@example.org',
    'e\u0301@example.org',
    '💩💩@example.org',
    '💩',
    '💩💩💩💩💩💩💩',
    '💩💩💩💩💩💩💩💩',
    '👩‍👩‍👧abcdefgh',
    '\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001',
    '"\\"\\"\\"\\"\\',
    '%_%_%_%_',
    '\u202eabcdefgh',
    'a'.repeat(254),
  ];

  test.each(Object.keys(RULES) as MaskForm[])('%s', async (mask) => {
    const text: FieldType = { kind: 'text', maxLength: 254 };
    const expression = valueText(field(text, { mask }), 't.value', 'masked');
    const shown = await printed(expression, 'text collate "C"', [...TEXTS, null]);
    expect(shown.map((json) => JSON.parse(json))).toEqual([...TEXTS.map(RULES[mask]), null]);
    // A column that holds no NULL is masked by the same rule.
    const whole = valueText(field(text, { mask, nullable: false }), 't.value', 'masked');
    expect(await printed(whole, 'text collate "C"', TEXTS)).toEqual(shown.slice(0, -1));
  });

  test('of a long value most is gone, whatever the form', async () => {
    for (const mask of Object.keys(RULES) as MaskForm[]) {
      const secret = 'abcdefghijklmnopqrstuvwxyz';
      const [shown] = await printed(
        valueText(field({ kind: 'text', maxLength: 99 }, { mask }), 't.value', 'masked'),
        'text',
        [secret],
      );
      const left = [...secret].filter((letter) => shown!.includes(letter));
      expect(left.length).toBeLessThanOrEqual(4);
    }
  });
});
