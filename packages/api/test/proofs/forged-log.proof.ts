import { ENTRY_EDITS } from '../harness/tamper-edits';
import { RECORD_EDITS } from '../harness/tamper-record-edits';
import { names, TamperWorld } from '../harness/tamper-world';
import { Chance } from '../reference/worlds/chance';

const EDITS = Number(process.env.FORGED_EDITS ?? 1000);
const SEED = Number(process.env.FORGED_SEED ?? Date.now() % 1e9);

test(`${EDITS} random edits of anchored entries and of records as the owner of the database are all found, and named`, async () => {
  const world = await TamperWorld.open();
  const chance = new Chance(SEED);
  const edits = Object.entries({ ...ENTRY_EDITS, ...RECORD_EDITS });
  const made: Record<string, number> = {};
  const missed: unknown[] = [];
  const began = performance.now();
  try {
    for (let n = 0; n < EDITS; n += 1) {
      const [name, edit] = chance.pick(edits);
      made[name] = (made[name] ?? 0) + 1;
      const { target, findings } = await world.under((sql) => edit(sql, world, (below) => chance.int(below)));
      if (!names(findings, target)) missed.push({ n, name, target, findings: findings.slice(0, 3) });
    }
    expect(await world.under(async () => ({}))).toEqual({ target: {}, findings: [] });
  } finally {
    await world.close();
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  console.info({
    edits: EDITS,
    kinds: Object.keys(made).length,
    entries: world.leaves.length,
    missed: missed.length,
    seconds,
    SEED,
  });
  expect(missed).toEqual([]);
  expect(Object.keys(made).length).toBeGreaterThan(Math.min(EDITS / 4, 30));
});
