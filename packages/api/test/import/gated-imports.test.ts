import type { TestPerson } from '../harness/test-gateway';
import { createImportWorld, type ImportWorld } from './import-world';

let world: ImportWorld;
let checker: TestPerson;
beforeAll(async () => {
  world = await createImportWorld();
  const person = (name: string, role: string) => world.gateway.person({ name, audience: 'STAFF', roles: [role] });
  checker = await person('Cheng Ecker', 'pricing-checker');
  await person('Adina Monk', 'security-admin');
  await person('Adam Twill', 'security-admin');
});
afterAll(() => world.gateway.stop());

const fields = { name: 'name', code: 'code', status: { constant: 'DRAFT' } };
const account = {
  name: 'name',
  region: { constant: 'EMEA' },
  segment: { constant: 'CONSUMER' },
  currency: { constant: 'EUR' },
};
const MAP = {
  files: {
    'products.csv': { records: [{ object: 'Product', key: 'p:{code}', fields }] },
    'accounts.csv': { records: [{ object: 'Account', key: 'a:{name}', fields: account }] },
  },
};
const ONLY = (file: keyof typeof MAP.files) => ({ files: { [file]: MAP.files[file] } });
const products = (count: number) =>
  `code,name\n${Array.from({ length: count }, (_, n) => `C${n},Thing ${n}`).join('\n')}\n`;
const refusal = (run: Promise<unknown>) =>
  run.then(
    () => 'none',
    ({ code, detail }) => `${code}: ${detail.message}`,
  );

describe('An import that touches what a rule gates', () => {
  test('is refused as a whole unless it asks, with the reason', async () => {
    const files = { 'products.csv': products(2), 'accounts.csv': 'name\nSome\n' };
    expect(await refusal(world.run(MAP, files))).toMatch(/^FORBIDDEN: .*--submit/);
    expect([await world.count('product'), await world.count('account'), await world.count('pending_change')]).toEqual([
      0, 0, 0,
    ]);
  });

  test('of more than a thousand records cannot be asked for: nobody could look through it', async () => {
    const run = world.run(ONLY('products.csv'), { 'products.csv': products(1_001) }, { submit: true });
    expect(await refusal(run)).toMatch(/^BAD_USER_INPUT: .*at most 1000/);
    expect(await world.count('pending_change')).toBe(0);
  });

  test('becomes one pending change, which one signature of somebody else applies as a whole', async () => {
    const files = { 'products.csv': products(900), 'accounts.csv': 'name\nSome\n' };
    expect(await world.run(MAP, files, { submit: true, dryRun: true })).toMatchObject({ kind: 'submitted' });
    expect(await world.count('pending_change')).toBe(0);
    const outcome = await world.run(MAP, files, { submit: true });
    expect(outcome).toMatchObject({ kind: 'submitted', records: { Product: 900, Account: 1 } });
    expect([await world.count('product'), await world.count('pending_change')]).toEqual([0, 1]);
    const [{ id }] = (await world.gateway.sql('select id from pending_change')) as [{ id: string }];
    // The accounts are no business of this checker's: they cannot agree to what is not theirs to agree to.
    const review = 'query ($id: ID!) { pendingChangeReview(id: $id) { digest } }';
    const { digest } = (await world.gateway.ask(checker.token, review, { id })).body.data.pendingChangeReview;
    const approve = 'mutation ($input: DecideInput!) { approveChange(input: $input) { status outcome } }';
    const sign = () => world.gateway.ask(checker.token, approve, { input: { id, digest } });
    expect((await sign()).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await world.gateway.lines([
      { role: 'pricing-checker', object: 'Account', action: 'APPROVE' },
      ...['region', 'segment', 'currency', 'externalId'].map((field) => {
        return { role: 'pricing-checker', object: 'Account', field, action: 'SEE_CLEAR' };
      }),
    ]);
    expect((await sign()).body.data.approveChange).toEqual({ status: 'APPLIED', outcome: null });
    expect([await world.count('product'), await world.count('account')]).toEqual([900, 1]);
  });
});
