import { followHistories } from '../approvals/model/follow-histories';
import { RealQueue } from '../approvals/model/real-queue';

const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 500);
const EVENTS = Number(process.env.MODEL_EVENTS ?? 60);
const SECONDS = Number(process.env.MODEL_SECONDS ?? 3_000);
const SEED = Number(process.env.MODEL_SEED ?? Date.now() % 1_000_000);

let real: RealQueue;
beforeAll(async () => {
  real = await RealQueue.open();
});
afterAll(() => real.close());

test(`in up to ${HISTORIES} random histories the queue stands after each event as the model says`, async () => {
  const began = performance.now();
  console.info({ seed: SEED });
  const tally = await followHistories(real, { seed: SEED, histories: HISTORIES, events: EVENTS, seconds: SECONDS });
  console.info({ seed: SEED, ...tally, seconds: Math.round((performance.now() - began) / 1000) });
  expect(tally.applied).toBeGreaterThan(tally.histories / 4);
}, 3_600_000);
