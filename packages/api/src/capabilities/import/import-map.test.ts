import { readFileSync } from 'node:fs';
import path from 'node:path';
import { builtinCatalogue } from '@countersign/schema';
import { importMapProblems } from './check-import-map';
import { type ImportMap, parseImportMap } from './import-map';

const ROOT = path.resolve(__dirname, '../../../../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const catalogue = builtinCatalogue();

const CHINOOK = {
  'employee.csv': ['employee_id', 'last_name', 'first_name', 'title', 'reports_to', 'email'],
  'customer.csv': [
    ...['customer_id', 'first_name', 'last_name', 'company', 'address', 'city', 'state', 'country', 'postal_code'],
    ...['phone', 'email', 'support_rep_id'],
  ],
  'track.csv': ['track_id', 'name', 'unit_price'],
  'invoice.csv': ['invoice_id', 'customer_id', 'invoice_date', 'total'],
  'invoice_line.csv': ['invoice_line_id', 'invoice_id', 'track_id', 'unit_price', 'quantity'],
};

function problems(map: ImportMap, columns: Readonly<Record<string, readonly string[]>>): string[] {
  return importMapProblems(catalogue, map, new Map(Object.entries(columns)));
}

test.each(['map.json', 'representatives.json'])(
  'the example %s fits the catalogue and the columns of its files',
  (name) => {
    const map = parseImportMap(read(`examples/chinook/${name}`));
    const columns = Object.entries(CHINOOK).filter(([file]) => Object.hasOwn(map.files, file));
    expect(problems(map, Object.fromEntries(columns))).toEqual([]);
  },
);

test('the mapping in the documentation is one that works', () => {
  const [, json] = /```json\n(\{\n {2}"files"[\s\S]*?)```/.exec(read('docs/operating.md'))!;
  const map = parseImportMap(json!);
  const columns = ['customer_id', 'kind', 'company', 'first_name', 'last_name', 'country', 'limit', 'manager_email'];
  expect(problems(map, { 'customers.csv': columns })).toEqual([]);
});

test('a column that a source needs and the file lacks is named, wherever the source stands', () => {
  const map = parseImportMap(read('examples/chinook/map.json'));
  const without = (file: keyof typeof CHINOOK, column: string) =>
    problems(map, { ...CHINOOK, [file]: CHINOOK[file].filter((name) => name !== column) });
  const line = 'invoice_line.csv > InvoiceLine';
  expect(without('customer.csv', 'email')).toEqual(['customer.csv > Contact.email: there is no column email']);
  expect(without('customer.csv', 'last_name')).toHaveLength(2);
  expect(without('employee.csv', 'reports_to')).toEqual([
    'employee.csv > Person.manager: there is no column reports_to',
  ]);
  expect(without('invoice_line.csv', 'quantity')).toHaveLength(2);
  expect(without('invoice_line.csv', 'invoice_line_id')).toEqual([`${line}: there is no column invoice_line_id`]);
  expect(without('track.csv', 'name')).toContain(`${line}.description: there is no column name in track.csv`);
});
