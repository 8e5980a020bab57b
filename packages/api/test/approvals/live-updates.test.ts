import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createClient } from 'graphql-sse';
import type { EntityManager } from 'typeorm';
import { PENDING_CHANNEL as CHANNEL } from '../../src/capabilities/approvals/announce-change';
import { listPending } from '../../src/capabilities/approvals/list-pending';
import { sendStream } from '../../src/door/stream/send-stream';
import { HeadMoved } from '../../src/path/under-head';
import { installationUnder } from '../../src/records/installation';
import { eventually } from '../harness/receivers';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld } from './approval-world';

const BOX = (box: string) =>
  `subscription { pendingChangeUpdates(box: ${box}) { id inBox status change { objectName reason waitingFor } } }`;

let world: ApprovalWorld;
let replica: TestGateway;
beforeAll(async () => {
  world = await approvalWorld({ settings: { MAX_STREAMS_PER_USER: '2', NOTIFY_LOG: 'no' } });
  const { database } = world.gateway;
  replica = await startTestGateway({ database, root: world.gateway, now: () => world.clock.now });
});
afterAll(async () => {
  await replica.stop();
  await world.close();
});

interface Told {
  // biome-ignore lint/suspicious/noExplicitAny: answers are JSON, and each test knows its own
  readonly words: any[];
  /** Why it ended; null while it goes on. */
  over: string | null;
  stop(): void;
}

/** Listens as a real client does. */
function listen(at: TestGateway, token: string | null, query: string): Told {
  const client = createClient({
    url: `${at.url}/graphql/stream`,
    retryAttempts: 0,
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
  const told: Told = { words: [], over: null, stop: () => client.dispose() };
  client.subscribe(
    { query },
    {
      next: (word) => told.words.push(word),
      error: (error) => {
        told.over = String(error);
      },
      complete: () => {
        told.over ??= 'complete';
      },
    },
  );
  return told;
}

const about = ({ words }: Told, id: string) =>
  words.map(({ data }) => data?.pendingChangeUpdates).filter((update) => update?.id === id);
const lastCode = ({ words }: Told) => words.at(-1)?.errors?.[0]?.extensions.code;
const saw = (told: Told, id: string, what: object) =>
  eventually(
    () => about(told, id).some((update) => Object.entries(what).every(([key, value]) => update[key] === value)),
    () => told,
  );

/** What a request is answered, at either entrance. */
async function answer(address: string, token: string | null, body: unknown, accept = 'text/event-stream') {
  const response = await fetch(`${world.gateway.url}${address}`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text: text.replace(/"(requestId|decisionId)":"[^"]*"/g, '"$1":"#"') };
}

describe('live updates', () => {
  test('an approver sees a submission arrive and leave, the maker sees it applied, on whichever gateway they listen', async () => {
    const { gateway, checker, maker } = world;
    const price = await world.newPrice();
    const [toDecide, waiting] = [
      listen(replica, checker.token, BOX('MINE_TO_DECIDE')),
      listen(gateway, maker.token, BOX('MINE_WAITING')),
    ];
    const { id } = await world.askFor(price, '104.000000');
    await saw(toDecide, id, { inBox: true, status: 'PENDING' });
    await saw(waiting, id, { inBox: true, status: 'PENDING' });
    await world.approve(checker, id);
    await saw(waiting, id, { inBox: false, status: 'APPLIED', change: null });
    await saw(toDecide, id, { inBox: false, change: null });
    toDecide.stop();
    waiting.stop();
  });

  test('whoever begins to listen is told first what waits already', async () => {
    const { id } = await world.askFor(await world.newPrice(), '103.000000');
    const told = listen(replica, world.secondChecker.token, BOX('MINE_TO_DECIDE'));
    await saw(told, id, { inBox: true });
    told.stop();
  });

  test('nobody is told of a change that their inbox would not show', async () => {
    const prices = [await world.newPrice(), await world.newPrice()];
    const told = listen(world.gateway, world.analyst.token, BOX('MINE_TO_DECIDE'));
    const all = listen(world.gateway, world.analyst.token, BOX('ALL'));
    const held = await world.askFor(prices[0]!, '103.000000');
    const checker = listen(world.gateway, world.checker.token, BOX('MINE_TO_DECIDE'));
    await saw(checker, held.id, { inBox: true });
    expect([...about(told, held.id), ...about(all, held.id)]).toEqual([]);
    for (const one of [told, all, checker]) one.stop();
  });

  test('a revoke between two events ends the stream with a code, and nothing more is told', async () => {
    const { gateway } = world;
    const leaver = await gateway.person({ name: 'Rev Oked', audience: 'STAFF', roles: ['pricing-checker'] });
    const prices = [await world.newPrice(), await world.newPrice()];
    const told = listen(replica, leaver.token, BOX('MINE_TO_DECIDE'));
    const first = await world.askFor(prices[0]!, '102.000000');
    await saw(told, first.id, { inBox: true });
    await gateway.revokeRoles(leaver);
    const second = await world.askFor(prices[1]!, '102.000000');
    await eventually(
      () => told.over !== null,
      () => told,
    );
    expect([told.over, lastCode(told)]).toEqual(['complete', 'FORBIDDEN']);
    expect(about(told, second.id)).toEqual([]);
  });

  test('a stream of somebody who is no longer of the staff ends', async () => {
    const { gateway } = world;
    const mover = await gateway.person({ name: 'Mo Ver', audience: 'STAFF', roles: ['pricing-checker'] });
    const { id } = await world.askFor(await world.newPrice(), '102.000000');
    const told = listen(gateway, mover.token, BOX('MINE_TO_DECIDE'));
    await saw(told, id, { inBox: true });
    const input = { audience: 'PORTAL' };
    await gateway.install([{ verb: 'update', object: 'User', id: mover.userId, input }]);
    await eventually(
      () => told.over !== null,
      () => told,
    );
    expect(lastCode(told)).toBe('FORBIDDEN');
  });

  test('whatever somebody says on the channel of the database, streams go on', async () => {
    const prices = [await world.newPrice(), await world.newPrice()];
    const told = listen(world.gateway, world.checker.token, BOX('MINE_TO_DECIDE'));
    const first = await world.askFor(prices[0]!, '102.000000');
    await saw(told, first.id, { inBox: true });
    for (const said of ['no id', first.id.toUpperCase(), '']) {
      await world.gateway.sql(`select pg_notify('${CHANNEL}','${said}')`);
    }
    const second = await world.askFor(prices[1]!, '102.000000');
    await saw(told, second.id, { inBox: true });
    expect(told.over).toBeNull();
    told.stop();
  });

  test('a box that is read while rights change is read again', async () => {
    const { gateway, clock } = world;
    const { database, queue, snapshots } = gateway.core;
    const under = installationUnder(await snapshots.refresh());
    // Between the first statement of the look and its last one, somebody is given a role.
    const transaction = (isolation: 'REPEATABLE READ', work: (tx: EntityManager) => Promise<unknown>) =>
      database.dataSource.transaction(isolation, async (tx) => {
        await tx.query('select from authority_head');
        await gateway.person({ name: 'New Comer', audience: 'STAFF', roles: ['finance-analyst'] });
        return work(tx);
      });
    const deps = { ...world.gateway.core.queue, dataSource: { transaction } as never, snapshots: queue.snapshots };
    const page = { box: 'ALL', first: 1, after: null } as const;
    const look = listPending(deps, under, page, { requestId: null, now: clock.now });
    await expect(look).rejects.toBeInstanceOf(HeadMoved);
  });

  test.each([
    ['is disabled', ({ userId }: TestPerson) => disable(userId)],
    ['has a token that runs out', async () => later(3_700_000)],
  ])('the stream of somebody who %s ends as unauthenticated', async (_case, happens) => {
    const { gateway } = world;
    const somebody = await gateway.person({ name: 'Some Body', audience: 'STAFF', roles: ['pricing-checker'] });
    const prices = [await world.newPrice(), await world.newPrice()];
    const told = listen(gateway, somebody.token, BOX('MINE_TO_DECIDE'));
    const first = await world.askFor(prices[0]!, '102.000000');
    await saw(told, first.id, { inBox: true });
    await happens(somebody);
    const maker = { ...world.maker, token: await gateway.tokenOf(world.maker.userId) };
    const second = await world.askFor(prices[1]!, '102.000000', maker);
    await eventually(
      () => told.over !== null,
      () => told,
    );
    expect(lastCode(told)).toBe('UNAUTHENTICATED');
    expect(about(told, second.id)).toEqual([]);
    Object.assign(world.maker, { token: maker.token });
    Object.assign(world.checker, { token: await gateway.tokenOf(world.checker.userId) });
  });
  const later = (ms: number) => {
    world.clock.now = new Date(world.clock.now.getTime() + ms);
  };
  const disable = (userId: string) =>
    world.gateway.install([{ verb: 'update', object: 'User', id: userId, input: { status: 'DISABLED' } }]);

  test('a portal has no subscriptions, and nobody has them without signing in', async () => {
    const portal = await world.gateway.person({ name: 'Por Tal', audience: 'PORTAL', roles: [] });
    const asked = { query: BOX('ALL') };
    const [known, unknown] = [
      await answer('/graphql/stream', portal.token, asked),
      await answer('/graphql/stream', portal.token, { query: 'subscription { nothingLikeThis { id } }' }),
    ];
    expect(known).toEqual(unknown);
    expect(known.text).toContain('There are no subscriptions.');
    expect((await world.gateway.get('/schema.graphql', portal.token)).text).not.toMatch(
      /SubscriptionRoot|PendingChange/,
    );
    expect(await answer('/graphql/stream', null, asked)).toMatchObject({ status: 401 });
  });

  test('a subscription whose field might be left out is refused as such, whoever runs which operation', async () => {
    const { token } = world.checker;
    const field = 'pendingChangeUpdates { id }';
    const leftOut = [
      'subscription { pendingChangeUpdates @skip(if: true) { id } }',
      'subscription ($a: Boolean!) { pendingChangeUpdates @include(if: $a) { id } }',
      `subscription ($a: Boolean!) { ... @skip(if: $a) { ${field} } }`,
      `subscription ($a: Boolean!) { ...One @skip(if: $a) } fragment One on SubscriptionRoot { ${field} }`,
    ];
    for (const query of leftOut) {
      const { status, text } = await answer('/graphql/stream', token, { query, variables: { a: true } });
      expect([query, status, codeOf(text)]).toEqual([query, 400, 'GRAPHQL_VALIDATION_FAILED']);
      expect(text).toContain('neither skipped nor included');
    }
    const beside = { query: `query Q { viewer { id } } ${leftOut[1]!.replace('subscription', 'subscription S')}` };
    const { text } = await answer('/graphql', token, { ...beside, operationName: 'Q' }, 'application/json');
    expect(codeOf(text)).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('a document that is refused at one entrance is refused in the same words at the other', async () => {
    const { token } = world.checker;
    const deep = `subscription { pendingChangeUpdates { ${'change { '.repeat(20)} id ${'} '.repeat(20)} } }`;
    const bodies = [
      { query: 'subscription { pendingChangeUpdates(box: NOWHERE) { id } }' },
      { query: 'subscription { pendingChangeUpdates { secrets } }' },
      { query: 'subscription { ' },
      { query: deep },
      { query: `subscription { pendingChangeUpdates { ${'id '.repeat(11_000)} } }` },
      { query: BOX('ALL'), operationName: 'Other' },
      '{ not json',
    ];
    for (const body of bodies) {
      const there = await answer(
        '/graphql',
        token,
        typeof body === 'string' ? body : { ...body, query: swap(body.query) },
        'application/json',
      );
      const here = await answer('/graphql/stream', token, body);
      expect([body, here.status, codeOf(here.text)]).toEqual([body, there.status, codeOf(there.text)]);
    }
    expect((await answer('/graphql', token, { query: BOX('ALL') }, 'application/json')).text).toContain(
      'answered at /graphql/stream',
    );
    expect((await answer('/graphql/stream', token, { query: '{ viewer { id } }' })).text).toContain(
      'Only subscriptions',
    );
  });
  /** The same mistake in an operation that the other entrance answers. */
  const swap = (query: string) =>
    query
      .replace('subscription', 'query')
      .replace('pendingChangeUpdates(box: NOWHERE)', 'pendingChangeInbox(box: NOWHERE)')
      .replace(/pendingChangeUpdates/g, 'pendingChangeInbox')
      .replace(' inBox ', ' ');
  const codeOf = (text: string) => JSON.parse(text).errors[0].extensions.code as string;

  test('nobody has more streams than their share, and each that ends makes room', async () => {
    const { gateway } = world;
    const busy = await gateway.person({ name: 'Bu Sy', audience: 'STAFF', roles: ['pricing-checker'] });
    const { id } = await world.askFor(await world.newPrice(), '102.500000');
    const open = [1, 2].map(() => listen(gateway, busy.token, BOX('MINE_TO_DECIDE')));
    for (const one of open) await saw(one, id, { inBox: true });
    expect(await answer('/graphql/stream', busy.token, { query: BOX('ALL') })).toMatchObject({ status: 429 });
    open[0]!.stop();
    let again = listen(gateway, busy.token, BOX('MINE_TO_DECIDE'));
    await eventually(
      () => {
        if (again.over) again = listen(gateway, busy.token, BOX('MINE_TO_DECIDE'));
        return about(again, id).length > 0;
      },
      () => again,
    );
    for (const one of [...open, again]) one.stop();
  });

  test('a client that never reads is let go, and nobody waits for it', async () => {
    let ended: string | null = null;
    const server = createServer((_request, response) => {
      const words = (async function* () {
        for (;;) yield 'x'.repeat(1_000_000);
      })();
      response.on('close', () => {
        ended ??= 'broken off';
      });
      void sendStream(words, response, 300);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    client.pause();
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually(
      () => ended !== null,
      () => 'it still waits',
    );
    client.destroy();
    server.close();
  });

  test('a gateway that stops says so to whoever listens, and does not wait for them', async () => {
    const other = await startTestGateway({
      database: world.gateway.database,
      root: world.gateway,
      now: () => world.clock.now,
    });
    const { id } = await world.askFor(await world.newPrice(), '102.750000');
    const told = listen(other, world.checker.token, BOX('MINE_TO_DECIDE'));
    await saw(told, id, { inBox: true });
    await other.stop();
    await eventually(
      () => told.over === 'complete',
      () => told,
    );
  });
});
