import './compare/as-in-production';
import { compareSequence, compareWorld, withSmallWorld } from './compare/compare-world';
import { keepCase, keptCases } from './compare/kept-cases';
import { Tally } from './compare/tally';
import { generateWorld } from './worlds/generate-world';

/** See README.md beside this file. */
const SEED = Number(process.env.TWIN_SEED ?? 1);
const CASES = Number(process.env.TWIN_CASES ?? 420);
const KEEP_AS = process.env.TWIN_KEEP;

/** Opening a world costs as much as a hundred questions, so long runs ask more of each. */
const PER_WORLD = CASES > 5_000 ? 400 : 105;
const SHRINKING_MS = 240_000;
const TIMEOUT_MS = 900_000;

const worlds = Array.from({ length: Math.ceil(CASES / PER_WORLD) }, (_, index) => SEED * 1_000_003 + index);
const tally = new Tally();
let isKept = false;

describe('the gateway and its slow twin', () => {
  const kept = keptCases();

  if (kept.length > 0)
    test.each(kept.map((one) => [one.title, one] as const))('agree again: %s', async (_title, one) => {
      const report = await compareSequence(one.world, one);
      if (report) throw new Error(report);
    });

  test.each(worlds)(
    `agree on every byte of data and every error, ${PER_WORLD} times in the world of seed %i`,
    async (seed) => {
      const found = await compareWorld(generateWorld(seed), seed, PER_WORLD, tally);
      if (!found) return;
      if (!KEEP_AS || isKept) throw new Error(`${found.report}\nTo keep it: TWIN_KEEP=its-name TWIN_SEED=${SEED}`);
      isKept = true;
      const world = await withSmallWorld(found, SHRINKING_MS);
      const { document, asks, report } = found;
      throw new Error(`${report}\nkept in ${keepCase(KEEP_AS, { title: 'to be written', document, asks, world })}`);
    },
    TIMEOUT_MS,
  );

  test('were asked about everything that reading has', () => {
    console.info(`seed ${SEED}: ${tally.cases} cases, 0 differences; ${tally.text}`);
    expect(tally.cases).toBeGreaterThanOrEqual(CASES);
    const share = (name: string) => tally.of(name) / tally.cases;
    expect(share('fine with records')).toBeGreaterThan(0.2);
    for (const name of ['named fragment', 'inline fragment', 'skip or include', 'variable', 'filter', 'sort']) {
      expect([name, share(name)]).toEqual([name, expect.any(Number)]);
      expect(share(name)).toBeGreaterThan(0.08);
    }
    for (const name of [
      'page from a cursor',
      'page backward',
      'one by id',
      'to-many in to-many',
      'aggregate with groups',
    ]) {
      expect(share(name)).toBeGreaterThan(0.05);
    }
    for (const name of ['FIELD_FORBIDDEN', 'FORBIDDEN', 'BAD_USER_INPUT', 'null for one by id']) {
      expect(share(name)).toBeGreaterThan(0.01);
    }
    expect(tally.of('GRAPHQL_VALIDATION_FAILED (not run)')).toBeGreaterThan(0);
    expect(tally.of('INTERNAL')).toBe(0);
  });
});
