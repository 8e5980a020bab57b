import { Client } from 'pg';
import type { ChangeOutcome, GivenChange } from '../../src/records/change';
import { ACCOUNT, INVOICE, type People, peopleIn } from './people';
import { create, createWorld, footprint, imageOf, traces, update, type World } from './world';

let world: World;
let people: People;

beforeAll(async () => {
  world = await createWorld();
  people = await peopleIn(world);
});

afterAll(() => world?.close());

const idOf = (outcome: ChangeOutcome): string => {
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.userErrors));
  return outcome.records[0]!.id;
};
const clerk = (...changes: GivenChange[]) => world.apply(people.clerk, ...changes);
const invoice = (number: string, more: Record<string, unknown> = {}) => ({
  ...INVOICE,
  accountId: people.emeaAccount,
  number,
  ...more,
});
/** `code field` of every error. */

describe('faults', () => {
  test.each(['audit_entry', 'audit_value', 'audit_unsealed'])(
    'what cannot be traced in %s does not happen',
    async (table) => {
      const before = await footprint(world);
      await world.owner.query(`alter table ${table} rename to elsewhere`);
      try {
        await expect(clerk(create('Account', ACCOUNT))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
        await expect(world.apply(people.admin, create('Role', { name: 'untraced' }))).rejects.toMatchObject({
          code: 'AUDIT_UNAVAILABLE',
        });
      } finally {
        await world.owner.query(`alter table elsewhere rename to ${table}`);
      }
      expect(await footprint(world)).toEqual(before);
    },
  );

  test('an error that no input can cause is INTERNAL, its text inside only', async () => {
    await world.owner.query('alter table contact rename to elsewhere');
    try {
      const attempt = world.install(
        create('Contact', { accountId: people.emeaAccount, firstName: 'Ida', lastName: 'Lind' }),
      );
      await expect(attempt).rejects.toMatchObject({ code: 'INTERNAL', message: 'Something went wrong here.' });
    } finally {
      await world.owner.query('alter table elsewhere rename to contact');
    }
  });

  const clients: Client[] = [];
  const asSuperuser = async () => {
    const client = new Client({ connectionString: world.database.adminUrl });
    clients.push(client);
    await client.connect();
    await client.query('set search_path=countersign');
    return client;
  };
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
  });

  /** Locks records so that the gateway, which waits for one while it holds another, is the one who is stopped. */
  async function blocker() {
    const client = await asSuperuser();
    await client.query(`set deadlock_timeout='60s'; begin`);
    return {
      lock: (id: string) => client.query('select 1 from invoice where id=$1 for update', [id]),
      end: () => client.query('rollback'),
    };
  }
  async function waits(): Promise<void> {
    const client = await asSuperuser();
    for (let i = 0; i < 300; i++) {
      const { rowCount } = await client.query(
        `select 1 from pg_stat_activity where datname=current_database() and wait_event_type='Lock'`,
      );
      if (rowCount) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('nobody waits');
  }

  test('a deadlock is tried once more, and then answered as CONFLICT', async () => {
    const made: string[] = [];
    for (const number of ['D-1', 'D-2', 'D-3']) made.push(idOf(await clerk(create('Invoice', invoice(number)))));
    const [first, second, third] = made.sort() as [string, string, string];
    const write = () => clerk(...made.map((id) => update('Invoice', id, { notes: 'from the gateway' })));

    const once = await blocker();
    await once.lock(second);
    const retried = write();
    await waits();
    await once.lock(first);
    await once.end();
    expect(await retried).toMatchObject({ kind: 'applied' });
    expect((await traces(world, first)).filter(({ action }) => action === 'UPDATE')).toHaveLength(1);

    const twice = await blocker();
    await twice.lock(third);
    const refused = expect(clerk(...made.map((id) => update('Invoice', id, { notes: 'again' })))).rejects.toMatchObject(
      {
        code: 'CONFLICT',
      },
    );
    await waits();
    await twice.lock(second);
    await waits();
    await twice.lock(first);
    await refused;
    await twice.end();
    expect(await imageOf(world, 'Invoice', first)).toMatchObject({ notes: 'from the gateway' });
  });
});
