import { ENTRY_EDITS } from '../harness/tamper-edits';
import { RECORD_EDITS } from '../harness/tamper-record-edits';
import { names, TamperWorld } from '../harness/tamper-world';
import { Chance } from '../reference/worlds/chance';

/* Each way of forging once; a thousand of them are in test/proofs. */
describe('Whoever owns the database forges the log, or records behind its back', () => {
  let world: TamperWorld;
  const chance = new Chance(7);
  beforeAll(async () => {
    world = await TamperWorld.open();
  });
  afterAll(() => world?.close());

  test('untouched, nothing is found', async () => {
    expect(world.leaves.length).toBeGreaterThan(400);
    expect(await world.under(async () => ({}))).toEqual({ target: {}, findings: [] });
  });

  test.each(Object.entries({ ...ENTRY_EDITS, ...RECORD_EDITS }))('%s: found and named', async (_name, edit) => {
    const { target, findings } = await world.under((sql) => edit(sql, world, (below) => chance.int(below)));
    expect(findings.length).toBeGreaterThan(0);
    if (!names(findings, target)) expect({ findings: findings.slice(0, 5) }).toEqual({ target });
  });
});
