import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApprovalWorld, approvalWorld, DECIDE } from '../approvals/approval-world';
import { makeFolder } from '../harness';
import { Replica } from './approval-kills/replica';

const PAUSES = Number(process.env.APPROVAL_PAUSES ?? 40);

let world: ApprovalWorld;
let replica: Replica;
let pid: number;
beforeAll(async () => {
  world = await approvalWorld({ now: new Date() });
  Object.defineProperty(world.clock, 'now', { get: () => new Date(), set: () => undefined });
  // Only the process that stands still applies anything.
  await world.gateway.gateway.close();
  const folder = makeFolder('approval-paused');
  mkdirSync(path.join(folder, 'compiled'), { mode: 0o777 });
  replica = new Replica('paused', world.gateway, folder);
  pid = replica.start().pid;
  await replica.answering();
});
afterAll(async () => {
  await replica.end('SIGKILL');
  await world.gateway.core.close();
  await world.gateway.database.drop();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
async function ask(token: string, query: string, variables: object): Promise<any> {
  const response = await fetch(`${replica.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

const UPDATE = `mutation ($id: ID!) { updatePrice(id: $id, expectedVersion: 1, input: { amount: "101.5" }) {
  pendingChange { id } userErrors { message } } }`;
const DIGEST = 'query ($id: ID!) { pendingChangeReview(id: $id) { digest } }';

/** A price that is waiting for one signature; it is made just now, so the director signs first. */
async function waiting(): Promise<{ price: string; id: string; digest: string }> {
  const price = await world.newPrice();
  const held = await ask(world.maker.token, UPDATE, { id: price });
  const { id } = held.data.updatePrice.pendingChange;
  const seen = await ask(world.director.token, DIGEST, { id });
  const { digest } = seen.data.pendingChangeReview;
  await ask(world.director.token, DECIDE('approveChange'), { input: { id, digest } });
  return { price, id, digest };
}

test(`of ${PAUSES} gateways that stood still while a signer lost the role none applied anything afterwards`, async () => {
  const tally = { appliedBefore: 0, notApplied: 0, revokeWaited: 0 };
  for (let round = 0; round < PAUSES; round += 1) {
    const leaving = await world.gateway.person({ name: 'Pau Sed', audience: 'STAFF', roles: ['pricing-checker'] });
    const { price, id, digest } = await waiting();
    const signing = ask(leaving.token, DECIDE('approveChange'), { input: { id, digest } });
    await sleep((round % 20) * 15);
    process.kill(pid, 'SIGSTOP');
    const revoking = world.gateway.revokeRoles(leaving).then(() => 'revoked' as const);
    // Whoever is about to commit holds the head: the revocation then waits for it, and comes after it.
    const first = await Promise.race([revoking, sleep(2_000)]);
    if (first === undefined) {
      tally.revokeWaited += 1;
      process.kill(pid, 'SIGCONT');
      await revoking;
    }
    const before = await world.price(price);
    process.kill(pid, 'SIGCONT');
    await signing;
    // Also the keeper of that gateway has had its turn.
    await sleep(1_200);
    expect(await world.price(price)).toEqual(before);
    const [row] = await world.gateway.sql(`select status from pending_change where id='${id}'`);
    expect(row!.status).toBe(before!.version === 2 ? 'APPLIED' : 'PENDING');
    tally[before!.version === 2 ? 'appliedBefore' : 'notApplied'] += 1;
  }
  console.info({ pauses: PAUSES, ...tally });
  expect(tally.notApplied).toBeGreaterThan(0);
});
