import { generateWorld } from '../worlds/generate-world';
import { Ahead } from './ahead';
import { compareWorld, withSmallWorld } from './compare-world';
import { keepCase } from './kept-cases';
import { Tally } from './tally';

const SEED = Number(process.env.TWIN_SEED ?? 1);
const KEEP_AS = process.env.TWIN_KEEP;
const AT_ONCE = 3;
const SHRINKING_MS = 240_000;
const TIMEOUT_MS = 900_000;
const PROGRESS_MS = 30_000;

/**
 * Declares the tests of many worlds with so many cases in all, unless TWIN_CASES asks for another number: one for each
 * world, and one that looks at what was asked altogether.
 */
export function describeManyWorlds(usualCases: number): void {
  const cases = Number(process.env.TWIN_CASES ?? usualCases);
  // Opening a world costs as much as a hundred questions, so long runs ask more of each.
  const perWorld = cases > 5_000 ? 400 : 105;
  const worlds = Array.from({ length: Math.ceil(cases / perWorld) }, (_, index) => SEED * 1_000_003 + index);
  const tally = new Tally();
  const runs = new Ahead(worlds, AT_ONCE, (seed) => compareWorld(generateWorld(seed), seed, perWorld, tally));
  const started = Date.now();
  let told = started;
  let isKept = false;

  /** Long runs say how far they are; a run that hangs is told from one that works. */
  const tell = (): void => {
    if (Date.now() - told < PROGRESS_MS) return;
    told = Date.now();
    const seconds = Math.round((told - started) / 1_000);
    process.stderr.write(`seed ${SEED}: ${tally.cases} of ${cases} cases after ${seconds} s\n`);
  };

  test.each(worlds)(
    `agree on every byte of data and every error, ${perWorld} times in the world of seed %i`,
    async (seed) => {
      const found = await runs.result(seed);
      tell();
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
    const seconds = Math.round((Date.now() - started) / 1_000);
    const what = `seed ${SEED}: ${tally.cases} cases in ${worlds.length} worlds, ${tally.differences} differences`;
    console.info(`${what}, ${seconds} s; ${tally.text}`);
    expect(tally.differences).toBe(0);
    expect(tally.cases).toBeGreaterThanOrEqual(cases);
    const rarer = (least: number, names: readonly string[]) =>
      names.filter((name) => tally.of(name) < least * tally.cases);
    expect(rarer(0.2, ['fine with records', 'aggregate'])).toEqual([]);
    const often = ['named fragment', 'inline fragment', 'skip or include', 'variable', 'filter', 'sort'];
    expect(rarer(0.08, often)).toEqual([]);
    const less = ['page from a cursor', 'page backward', 'one by id', 'to-many in to-many', 'aggregate with groups'];
    expect(rarer(0.05, ['under a cell rule'])).toEqual([]);
    expect(rarer(0.05, less)).toEqual([]);
    const seldom = ['FIELD_FORBIDDEN', 'FORBIDDEN', 'BAD_USER_INPUT', 'null for one by id'];
    expect(rarer(0.01, seldom)).toEqual([]);
    expect(tally.of('GRAPHQL_VALIDATION_FAILED (not run)')).toBeGreaterThan(0);
    expect(tally.of('INTERNAL')).toBe(0);
  });
}
