import { followHistories } from './model/follow-histories';
import { RealQueue } from './model/real-queue';

let real: RealQueue;
beforeAll(async () => {
  real = await RealQueue.open();
});
afterAll(() => real.close());

test('whatever happens to rules, roles and people, a change is applied when the model says that it is agreed, and only then', async () => {
  const tally = await followHistories(real, { seed: 20_261_128, histories: 3, events: 100 });
  expect(tally.events).toBeGreaterThan(80);
  expect(tally.applied).toBeGreaterThan(1);
  // Only a failure takes that long: it is made as short as can be before it is shown.
}, 300_000);
