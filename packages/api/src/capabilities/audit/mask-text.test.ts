import { builtinCatalogue, type MaskForm } from '@countersign/schema';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/harness';
import { maskedText } from '../../planner/sql/value-text';
import { maskText } from './mask-text';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.ownerUrl, options: '-c search_path=countersign' });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

test('a masked value looks in the audit log as it looks in its record', async () => {
  const texts = [
    '',
    'a',
    '1234567',
    '12345678',
    '4111111111111111',
    'x@example.org',
    '@x',
    'no at',
    '😀😀😀😀😀😀😀😀é',
    'é@😀',
  ];
  for (const form of ['last4', 'initial', 'email'] as const satisfies readonly MaskForm[]) {
    const { rows } = await client.query(`select v, ${maskedText(form, 'v')} as masked from unnest($1::text[]) v`, [
      texts,
    ]);
    expect(rows.map(({ v }) => [form, v, maskText(form, v)])).toEqual(rows.map(({ v, masked }) => [form, v, masked]));
  }
});

test('the list of entries leaves out exactly what the catalogue calls cardholder data', async () => {
  const { rows } = await client.query(`select pg_get_viewdef('audit_record'::regclass) as text`);
  const named = [...String(rows[0].text).matchAll(/'([A-Za-z]+)'::text/g)].map((match) => match[1]);
  const tagged = [...builtinCatalogue().objects.values()].flatMap(({ name, members }) => {
    const own = members.filter((member) => member.kind === 'field' && member.tags.includes('cardholder'));
    return own.length > 0 ? [name, ...own.map((member) => member.name)] : [];
  });
  expect(named.sort()).toEqual(tagged.sort());
});
