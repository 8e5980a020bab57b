import { applyChanges } from '../../src/path/write-path';
import type { ChangeOutcome } from '../../src/records/change';
import { installationUnder } from '../../src/records/installation';
import { ACCOUNT, INVOICE, type People, peopleIn } from './people';
import { create, createWorld, footprint, type World } from './world';

const INVOICES = 1_000;
const LINES = 4;

let world: World;
let people: People;

beforeAll(async () => {
  world = await createWorld();
  people = await peopleIn(world);
});

afterAll(() => world?.close());

function* invoices(count: number, lines: number, prefix: string) {
  for (let i = 0; i < count; i++) {
    yield create('Invoice', { ...INVOICE, accountId: '@batch', number: `${prefix}${i}`, total: `${i}.25` }, `i${i}`);
  }
  for (let i = 0; i < count * lines; i++) {
    const invoiceId = `@i${i % count}`;
    yield create('InvoiceLine', { invoiceId, position: i, description: `Line ${i}`, unitPrice: '1.5', amount: '1.50' });
  }
}

const records = (outcome: ChangeOutcome) => (outcome.kind === 'refused' ? outcome.userErrors : outcome.records.length);

test('an import of 5,000 records is one transaction, decided and traced like every change', async () => {
  const before = await footprint(world);
  const set = [create('Account', ACCOUNT, 'batch'), ...invoices(INVOICES, LINES, 'B')];
  expect(records(await world.apply(people.clerk, ...set))).toBe(set.length);
  const after = await footprint(world);
  for (const table of ['audit_entry', 'audit_value', 'audit_unsealed']) {
    expect(after[table]! - before[table]!).toBe(set.length);
  }
  expect(after.invoice_line! - before.invoice_line!).toBe(INVOICES * LINES);
  const { rows } = await world.pool.query(
    `select count(distinct l.invoice_id)::int as invoices, sum(l.amount)::text as amount from invoice_line l`,
  );
  expect(rows[0]).toEqual({ invoices: INVOICES, amount: '6000.00' });
});

test('one bad record of 5,000 is named, and none is written', async () => {
  const before = await footprint(world);
  const set = [create('Account', ACCOUNT, 'batch'), ...invoices(INVOICES, LINES, 'C')];
  set[700] = { ...create('Invoice', { ...INVOICE, accountId: '@batch', number: 'C0' }, 'i699'), place: ['line 700'] };
  expect(await world.apply(people.clerk, ...set)).toMatchObject({
    kind: 'refused',
    userErrors: [{ code: 'NOT_UNIQUE', field: ['line 700', 'input', 'number'] }],
  });
  expect(await footprint(world)).toEqual(before);
});

test('a demo of 25,000 records is written in seconds', async () => {
  const set = [create('Account', ACCOUNT, 'batch'), ...invoices(5_000, 4, 'D')];
  const under = installationUnder(await world.store.refresh());
  const started = performance.now();
  const outcome = await applyChanges(world.deps, under, { requestId: null, now: world.clock }, set);
  const seconds = (performance.now() - started) / 1000;
  expect(records(outcome)).toBe(25_001);
  if (process.env.SHOW_FIGURES) process.stdout.write(`25,001 records in ${seconds.toFixed(2)} s\n`);
  // Wide enough for a busy machine; alone it takes a fraction.
  expect(seconds).toBeLessThan(30);
});
