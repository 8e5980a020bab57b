import { generatePassword } from '@countersign/crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { setPasswords } from '../capabilities/identity';
import { applyChanges, type WriteDeps } from '../path/write-path';
import type { GivenChange } from '../records/change';
import { installationUnder } from '../records/installation';
import { readHead, type SnapshotStore } from '../snapshot/snapshot-store';
import { demoData } from './demo-data';
import { DEMO_PEOPLE } from './demo-people';
import { DemoPeopleFile, type DemoPerson } from './demo-people-file';
import type { DemoRecord } from './demo-set';

export interface DemoDeps {
  readonly pool: Pool;
  readonly writes: Pick<WriteDeps, 'dataSource' | 'macKeys' | 'gate'>;
  readonly snapshots: SnapshotStore;
  readonly now: () => Date;
  readonly log: Logger;
  /** Where the list of people is kept. */
  readonly dataDir: string;
}

/** Any number will do, as long as nobody else in this database locks the same one. */
const LOCK = 7_243_650_113;

/**
 * Makes the demo on a database that has no policy yet, and gives the people who may sign in. A database that has one is
 * left alone, save that demo people whose passwords nobody knows any more get new ones. Safe to repeat, to stop half-way
 * and to run twice at a time: the data are one transaction, and passwords count only once they are written down.
 */
export async function seedDemo(deps: DemoDeps): Promise<readonly DemoPerson[]> {
  const guard = await deps.pool.connect();
  try {
    // Another gateway may be making the demo right now, which takes as long as it takes.
    await guard.query('set statement_timeout = 0');
    await guard.query('select pg_advisory_lock($1)', [LOCK]);
    // Only who can trust the policy that is there now may go on: passwords under other keys would shut everybody out.
    await deps.snapshots.refresh();
    return await seed(deps);
  } finally {
    // Closing the connection ends the lock, whatever state it is in.
    guard.release(true);
  }
}

async function seed(deps: DemoDeps): Promise<readonly DemoPerson[]> {
  const { policyVersion } = await readHead(deps.pool);
  if (policyVersion === 0) await createRecords(deps);
  const users = await demoUsers(deps);
  const file = new DemoPeopleFile(deps.dataDir);
  const known = await file.read();
  const isWhole = users.every(
    ({ email, hasPassword }) => hasPassword && known?.some((person) => person.email === email),
  );
  if (known && isWhole && policyVersion > 0)
    return known.filter(({ email }) => users.some((user) => user.email === email));
  if (users.length === 0) return [];
  return givePasswords(deps, file, users);
}

async function createRecords({ snapshots, writes, now, log }: DemoDeps): Promise<void> {
  const started = now();
  const under = installationUnder(await snapshots.refresh());
  const records = demoData(under.snapshot.catalogue);
  const meta = {
    requestId: null,
    now: started,
    reason: 'Demo data',
    newId: (change: GivenChange) => (change as DemoRecord).newId,
  };
  const outcome = await applyChanges(writes, under, meta, records);
  if (outcome.kind === 'refused') {
    throw new Error(`The demo data were refused: ${JSON.stringify(outcome.userErrors.slice(0, 5))}`);
  }
  await snapshots.refresh();
  log.info({ records: records.length, ms: now().getTime() - started.getTime() }, 'made the demo data');
}

interface DemoUser {
  readonly id: string;
  readonly email: string;
  readonly hasPassword: boolean;
}

/** The people of the demo who are in this database; a database of somebody's own has none. */
async function demoUsers({ pool }: DemoDeps): Promise<DemoUser[]> {
  const { rows } = await pool.query<{ id: string; email: string; has_password: boolean }>(
    `select u.id, u.email, c.user_id is not null as has_password
     from app_user u left join user_credential c on c.user_id = u.id where u.email = any($1)`,
    [DEMO_PEOPLE.map(({ email }) => email)],
  );
  return rows.map(({ id, email, has_password }) => ({ id, email, hasPassword: has_password }));
}

async function givePasswords(
  { writes, now }: DemoDeps,
  file: DemoPeopleFile,
  users: readonly DemoUser[],
): Promise<readonly DemoPerson[]> {
  const given = DEMO_PEOPLE.flatMap(({ name, email, role }) => {
    const user = users.find((candidate) => candidate.email === email);
    return user ? [{ userId: user.id, person: { name, email, password: generatePassword(), roles: [role] } }] : [];
  });
  const people = given.map(({ person }) => person);
  await file.prepare(people);
  await setPasswords(
    { dataSource: writes.dataSource, macKey: writes.macKeys.rows },
    given.map(({ userId, person }) => ({ userId, password: person.password })),
    { now: now(), reason: 'Password of the demo' },
  );
  await file.publish();
  return people;
}
