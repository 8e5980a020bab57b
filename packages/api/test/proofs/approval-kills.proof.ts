import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GivenChange } from '../../src/records/change';
import { type ApprovalWorld, approvalWorld } from '../approvals/approval-world';
import { makeFolder } from '../harness';
import { ApprovalLoad } from './approval-kills/load';
import { Replica } from './approval-kills/replica';
import { expectLogClean, expectNothingLostOrTwice } from './approval-kills/verdict';

const KILLS = Number(process.env.APPROVAL_KILLS ?? 200);
const SEED = Number(process.env.APPROVAL_SEED ?? Date.now() % 1_000_000);
const PRICES = 40;
const EXPIRING = 30;
const HOUR = 3_600_000;

/** Mulberry32: what is asked for depends on the seed alone; when it arrives does not. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shortLived(directors: string | undefined): GivenChange[] {
  const rule = { name: 'Short-lived', objects: ['Product'], actions: ['UPDATE'] };
  return [
    { verb: 'create', object: 'ApprovalRule', as: 'short', input: rule },
    {
      verb: 'create',
      object: 'ApprovalLevel',
      input: { ruleId: '@short', level: 1, approverRoleId: directors, timeoutHours: 1 },
    },
  ];
}

/** Changes that a gateway whose clock is an hour behind holds: their time is out at moments spread over the proof. */
async function submitExpiring(world: ApprovalWorld, spreadMs: number): Promise<string[]> {
  const { gateway, maker, clock, productId } = world;
  const began = Date.now();
  const update = `mutation ($id: ID!, $input: ProductUpdateInput!) {
    updateProduct(id: $id, expectedVersion: 1, input: $input) { pendingChange { id } userErrors { message } } }`;
  const ids: string[] = [];
  for (let n = 0; n < EXPIRING; n += 1) {
    clock.now = new Date(began - HOUR + 20_000 + (spreadMs * n) / EXPIRING);
    const token = await gateway.tokenOf(maker.userId);
    const { body, text } = await gateway.ask(token, update, { id: productId, input: { name: `Line ${n}` } });
    const id = body.data?.updateProduct?.pendingChange?.id;
    if (!id) throw new Error(text);
    ids.push(id);
  }
  return ids;
}

test(`after ${KILLS} kills of two gateways at work on the queue no change is half applied, applied twice or lost`, async () => {
  const chance = seeded(SEED);
  const world = await approvalWorld({ now: new Date(Date.now() - 2 * HOUR) });
  const { gateway: home } = world;
  const began = performance.now();
  try {
    await home.install(shortLived((await home.roleIds()).get('finance-director')));
    const prices: string[] = [];
    for (let n = 0; n < PRICES; n += 1) prices.push(await world.newPrice());
    const expiring = await submitExpiring(world, KILLS * 2_500);
    // From here on the home only verifies: nothing that is left behind is finished by it.
    Object.defineProperty(world.clock, 'now', { get: () => new Date() });
    await home.gateway.close();

    const folder = makeFolder('approval-kills');
    mkdirSync(path.join(folder, 'compiled'), { mode: 0o777 });
    const replicas = ['one', 'two'].map((name) => new Replica(name, home, folder));
    const load = new ApprovalLoad(world, replicas, prices, chance);
    for (const id of expiring) load.acknowledged.set(id, { status: 'EXPIRED', takenBack: false, edited: false });
    const working = load.work();
    let kills = 0;
    const moments = { beforeAnswering: 0, atASignature: 0 };

    await Promise.all(
      replicas.map(async (replica) => {
        while (kills < KILLS) {
          kills += 1;
          replica.start();
          if (chance() < 0.12) {
            moments.beforeAnswering += 1;
            await sleep(chance() * 2_000);
          } else {
            await replica.answering();
            const before = load.answers;
            for (let waited = 0; load.answers < before + 8 && waited < 8_000; waited += 10) await sleep(10);
            if (chance() < 0.6) {
              moments.atASignature += 1;
              await Promise.race([new Promise<void>((resolve) => replica.atNextSignature(resolve)), sleep(3_000)]);
              await sleep(chance() * 60);
            } else await sleep(chance() * 800);
          }
          await replica.end('SIGKILL');
        }
      }),
    );
    load.over = true;
    await working;

    for (const replica of replicas) replica.start();
    for (const replica of replicas) await replica.answering();
    // Without a hand: nobody asks these two for anything.
    const due = `select count(*)::int as n from pending_change
      where status='APPROVED' or (status='PENDING' and expires_at is not null)`;
    const last = Date.now() + KILLS * 2_500 + 60_000;
    while ((await home.sql(due))[0]!.n !== 0 && Date.now() < last) await sleep(500);
    for (const replica of replicas) expect(await replica.end('SIGTERM')).toBe(0);

    const ended = await expectNothingLostOrTwice(home, load.acknowledged);
    const log = await expectLogClean(
      home,
      replicas.map(({ anchor }) => anchor),
    );
    for (const { output } of replicas) expect(output).not.toMatch(/not the one that was anchored/);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.info({ seed: SEED, kills, ...moments, ...load.tally, ...ended, ...log, seconds });
    expect(ended.applied).toBeGreaterThan(KILLS / 4);
    expect(ended.expired).toBe(EXPIRING);
  } finally {
    await home.core.close();
    await home.database.drop();
  }
}, 3_600_000);
