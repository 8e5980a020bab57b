import './compare/as-in-production';
import { Ahead } from './compare/ahead';
import { compareSequence } from './compare/compare-world';
import { keptCases } from './compare/kept-cases';
import { describeManyWorlds } from './compare/many-worlds';

/** See README.md beside this file. */
describe('the gateway and its slow twin', () => {
  const kept = keptCases();
  const runs = new Ahead(kept, 3, (one) => compareSequence(one.world, one));

  if (kept.length > 0)
    test.each(kept.map((one) => [one.title, one] as const))('agree again: %s', async (_title, one) => {
      const report = await runs.result(one);
      if (report) throw new Error(report);
    });

  describeManyWorlds(2_100);
});
