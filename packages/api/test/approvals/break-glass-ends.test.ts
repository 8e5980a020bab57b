import { Client } from 'pg';
import { endOverdue } from '../../src/capabilities/break-glass';
import { installationUnder } from '../../src/records/installation';
import { endWithRights } from '../../src/records/rights-end';
import type { TestGateway } from '../harness/test-gateway';
import { type BreakGlassWorld, breakGlassWorld, START } from './break-glass-world';

/*
 * Two gateways on one database, each with a clock of its own that the tests set. Rights that time ends are a grant of
 * break-glass and a role that was given for a time.
 */
describe('What is lent ends on the second, on every replica', () => {
  let world: BreakGlassWorld;

  beforeAll(async () => {
    world = await breakGlassWorld();
  });
  afterEach(async () => {
    world.at(0);
    await world.settle();
  });
  afterAll(() => world?.close());

  /** Gives a role that may change invoices until so many seconds after the start, and gives what takes it away. */
  async function giveForATime(seconds: number): Promise<() => Promise<unknown>> {
    const { gateway, analyst } = world;
    const [given] = await gateway.install([
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: {
          userId: analyst.userId,
          roleId: (await gateway.roleIds()).get('billing-operator'),
          validUntil: new Date(START.getTime() + seconds * 1000).toISOString(),
        },
      },
    ]);
    return () => gateway.install([{ verb: 'delete', object: 'RoleAssignment', id: given!.id }]);
  }

  test('it counts in the last millisecond, and in the next one on no gateway any more', async () => {
    await world.open({ minutes: 10 });
    world.at(599.999);
    expect(await world.seesOther()).toBe(true);
    expect(await world.seesOther(world.second)).toBe(true);
    world.at(595);
    expect(await world.writeNotes(world.other.invoiceId, 'in time', world.second)).toBe('in time');
    world.at(600);
    expect(await world.seesOther()).toBe(false);
    expect(await world.seesOther(world.second)).toBe(false);
    expect(await world.writeNotes(world.other.invoiceId, 'late', world.second)).toBe('FORBIDDEN');
  });

  test('a gateway whose clock is behind does not count it before it began', async () => {
    world.secondClock.now = new Date(START.getTime() - 5_000);
    await world.open();
    expect(await world.seesOther()).toBe(true);
    expect(await world.seesOther(world.second)).toBe(false);
    world.secondClock.now = START;
    expect(await world.seesOther(world.second)).toBe(true);
  });

  test('the first gateway whose clock has reached the end ends it for one whose clock is behind', async () => {
    const { id } = await world.open({ minutes: 1 });
    world.clock.now = new Date(START.getTime() + 60_000);
    expect(await world.seesOther(world.second)).toBe(true);
    await endOverdue(world.gateway.core.queue, world.gateway.core.log);
    expect(await world.seesOther(world.second)).toBe(false);
    const [row] = await world.gateway.sql(`select status, ended_by, ended_at=ends_at as on_time from break_glass_grant
      where id='${id}'`);
    expect(row).toEqual({ status: 'ENDED', ended_by: null, on_time: true });
  });

  test('ended by hand it is gone from the next statement on, on the other gateway too', async () => {
    const { id } = await world.open();
    expect(await world.seesOther(world.second)).toBe(true);
    expect(await world.end(id)).toMatchObject({ status: 'ENDED', inForce: false });
    expect(await world.seesOther(world.second)).toBe(false);
    expect(await world.seesOther()).toBe(false);
  });

  test('who may review it may end it, and nobody else may', async () => {
    const { id } = await world.open();
    await expect(world.end(id, world.checker)).rejects.toThrow('NOT_FOUND');
    expect(await world.end(id, world.director)).toMatchObject({ status: 'ENDED' });
    await expect(world.end(id)).rejects.toThrow('ALREADY_DECIDED');
  });

  test('taking back what was named, or allowing fewer minutes, ends it at once', async () => {
    const { gateway, second, eligibility } = world;
    await world.open({ minutes: 20 });
    world.at(600);
    expect(await world.seesOther(second)).toBe(true);
    const limit = (longestMinutes: number) =>
      gateway.install([
        { verb: 'update', object: 'BreakGlassEligibility', id: eligibility, input: { longestMinutes } },
      ]);
    await limit(5);
    expect(await world.seesOther(second)).toBe(false);
    await limit(30);
    expect(await world.seesOther(second)).toBe(true);
    const roles = await gateway.roleIds();
    const input = {
      personId: world.analyst.personId,
      roleId: roles.get('billing-emergency'),
      longestMinutes: 30,
      reviewerRoleId: roles.get('finance-director'),
    };
    const [named] = await gateway.install([{ verb: 'create', object: 'BreakGlassEligibility', input }]);
    await world.open({ eligibility: named!.id }, world.analyst);
    const notes = () => world.writeNotes(world.own.invoiceId, `${Math.random()}`, second, world.analyst);
    expect(await notes()).toMatch(/^0\./);
    await gateway.install([{ verb: 'delete', object: 'BreakGlassEligibility', id: named!.id }]);
    expect(await notes()).toBe('FORBIDDEN');
    const [grant] = await gateway.sql(`select id from break_glass_grant where person='${world.analyst.personId}'`);
    expect(await world.end(String(grant!.id), world.analyst)).toMatchObject({ status: 'ENDED' });
  });

  test('a read that was decided before the end and runs after it is decided anew', async () => {
    await world.open({ minutes: 10 });
    const held = holdReads(world.second);
    const answer = world.seesOther(world.second);
    await held.waiting;
    world.at(600);
    held.release();
    expect(await answer).toBe(false);
    held.undo();
  });

  test('the same is true of a role that was given for a time', async () => {
    const { analyst, second } = world;
    const takeBack = await giveForATime(10);
    const query = '{ persons(first: 1) { nodes { email } } }';
    const ask = async () => (await second.ask(analyst.token, query)).body.errors?.[0]?.extensions.code ?? 'OK';
    expect(await ask()).toBe('OK');
    const held = holdReads(second);
    const answer = ask();
    await held.waiting;
    world.at(10);
    held.release();
    expect(await answer).toBe('FIELD_FORBIDDEN');
    held.undo();
    await takeBack();
  });

  test('a write that began before the end and would be committed after it is not carried out', async () => {
    const { other } = world;
    await world.open({ minutes: 10 });
    await world.writeNotes(other.invoiceId, 'as it was');
    const lock = await lockInvoice(world.gateway, other.invoiceId);
    const written = world.writeNotes(other.invoiceId, 'slipped through', world.second);
    await lock.waitedFor();
    world.at(600);
    await lock.release();
    expect(await written).toBe('FORBIDDEN');
    const [row] = await world.gateway.sql(`select notes from invoice where id='${other.invoiceId}'`);
    expect(row).toEqual({ notes: 'as it was' });
  });

  test('neither is one under a role that was given for a time', async () => {
    const { own, analyst } = world;
    const takeBack = await giveForATime(10);
    expect(await world.writeNotes(own.invoiceId, 'as it was', world.second, analyst)).toBe('as it was');
    const lock = await lockInvoice(world.gateway, own.invoiceId);
    const written = world.writeNotes(own.invoiceId, 'slipped through', world.second, analyst);
    await lock.waitedFor();
    world.at(10);
    await lock.release();
    expect(await written).toBe('FORBIDDEN');
    const [row] = await world.gateway.sql(`select notes from invoice where id='${own.invoiceId}'`);
    expect(row).toEqual({ notes: 'as it was' });
    await takeBack();
  });

  test('a gateway that is held up between its last look and the commit commits nothing: the database ends it', async () => {
    const { gateway, own } = world;
    const { principal } = installationUnder(await gateway.core.snapshots.refresh());
    const until = { at: new Date(Date.now() + 60), now: () => new Date() };
    const late = gateway.core.writes.dataSource.transaction(async (tx) => {
      await tx.query(`update invoice set notes='held up' where id=$1`, [own.invoiceId]);
      await endWithRights(tx, { principal: { ...principal, until } });
      await new Promise((resume) => setTimeout(resume, 300));
    });
    await expect(late).rejects.toThrow();
    const [row] = await gateway.sql(`select notes from invoice where id='${own.invoiceId}'`);
    expect(row!.notes).not.toBe('held up');
  });

  test('a refusal from before a role begins is none: the request is decided by the moment of its answer', async () => {
    const { gateway, analyst, second } = world;
    const [given] = await gateway.install([
      {
        verb: 'create',
        object: 'RoleAssignment',
        input: {
          userId: analyst.userId,
          roleId: (await gateway.roleIds()).get('billing-operator'),
          validFrom: new Date(START.getTime() + 5_000).toISOString(),
        },
      },
    ]);
    const query = '{ persons(first: 1) { nodes { email } } }';
    const held = holdReads(second);
    const answer = second.ask(analyst.token, query);
    await held.waiting;
    world.at(5);
    held.release();
    expect((await answer).body.errors).toBeUndefined();
    held.undo();
    await gateway.install([{ verb: 'delete', object: 'RoleAssignment', id: given!.id }]);
  });
});

/** Holds a gateway's reads back between plan and statement until `release` is called. */
function holdReads(gateway: TestGateway) {
  const { pool } = gateway.core.database;
  const run = pool.query;
  let release = () => {};
  let arrived = () => {};
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  (pool as { query: unknown }).query = async (...args: unknown[]) => {
    const [query] = args as [{ text?: string } | string];
    if (typeof query === 'object' && query.text?.includes(' as data from authority_head')) {
      arrived();
      await gate;
    }
    return (run as (...given: unknown[]) => unknown).apply(pool, args);
  };
  return {
    waiting,
    release,
    undo: () => {
      (pool as { query: unknown }).query = run;
    },
  };
}

/** Keeps an invoice locked, so that whoever writes it has to wait. */
async function lockInvoice(gateway: TestGateway, id: string) {
  const client = new Client({ connectionString: gateway.database.adminUrl, options: '-c search_path=countersign' });
  await client.connect();
  await client.query('begin');
  await client.query('select 1 from invoice where id=$1 for update', [id]);
  return {
    async waitedFor() {
      for (let look = 0; look < 500; look += 1) {
        const { rows } = await client.query(
          `select 1 from pg_stat_activity where datname=current_database() and wait_event_type='Lock'`,
        );
        if (rows.length > 0) return;
        await new Promise((resume) => setTimeout(resume, 10));
      }
      throw new Error('nobody waits');
    },
    async release() {
      await client.query('rollback');
      await client.end();
    },
  };
}
