import { rootSecretFromBytes } from '@countersign/crypto';
import { builtinCatalogue, type Catalogue, objectOf } from '@countersign/schema';
import { GraphQLSchema } from 'graphql';
import type { Pool } from 'pg';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { holdingGate } from '../../src/capabilities/approvals';
import { loadUser, principalAt } from '../../src/capabilities/identity/load-principal';
import { createPool } from '../../src/database/connection';
import { createDataSource } from '../../src/database/data-source';
import { imageText, type RecordImage } from '../../src/database/record-image';
import type { DecidedUnder } from '../../src/path/rooms';
import { applyChanges, type WriteDeps } from '../../src/path/write-path';
import type { ChangeOutcome, GivenChange } from '../../src/records/change';
import { installationUnder } from '../../src/records/installation';
import { assembleCatalogueSchemas } from '../../src/snapshot/snapshot';
import { SnapshotStore } from '../../src/snapshot/snapshot-store';
import { createTestDatabase, type TestDatabase } from '../harness';

/** A database with the gateway's parts around it, as far as writing needs them. */
export interface World {
  readonly database: TestDatabase;
  readonly catalogue: Catalogue;
  readonly deps: WriteDeps;
  readonly store: SnapshotStore;
  /** With the gateway's role. */
  readonly pool: Pool;
  /** With the owner's role: somebody who writes behind the gateway's back. */
  readonly owner: Pool;
  /** The instant that the gateway takes for now; tests set it. */
  clock: Date;
  /** What a user's request is decided under at this moment. */
  as(userId: string): Promise<DecidedUnder>;
  /** Applies as a user. */
  apply(userId: string, ...changes: GivenChange[]): Promise<ChangeOutcome>;
  /** Applies as the installation and gives the ids. Throws when anything is refused. */
  install(...changes: GivenChange[]): Promise<string[]>;
  close(): Promise<void>;
}

const NEVER = () => {
  throw new Error('nothing is executed here');
};
const NONE = () => NEVER;

export async function createWorld(): Promise<World> {
  const database: TestDatabase = await createTestDatabase();
  const onError = () => {};
  const root = rootSecretFromBytes(Buffer.alloc(32, 7));
  const dataSource: DataSource = createDataSource({
    url: database.gatewayUrl,
    applicationName: 'writing test',
    onError,
  });
  await dataSource.initialize();
  const pool = createPool({ url: database.gatewayUrl, applicationName: 'writing test', onError });
  const owner = createPool({ url: database.ownerUrl, applicationName: 'writing test owner', max: 2, onError });
  const catalogue = builtinCatalogue();
  const macKeys = { policy: root.mac('policy'), rows: root.mac('rows') };
  const resolvers = {
    readOne: NONE,
    readMany: NONE,
    readAggregate: NONE,
    change: NONE,
    changeSet: NEVER,
    readInner: NONE,
  };
  const store = new SnapshotStore(
    pool,
    macKeys.policy,
    pino({ level: 'silent' }),
    catalogue,
    (value) => assembleCatalogueSchemas(value, new GraphQLSchema({}), resolvers),
    NEVER,
  );
  const payloadKeys = { sealer: root.valueSealer('pending-changes'), digest: root.mac('pending-changes') };
  const gate = holdingGate({ macKeys, payloadKeys });
  const world: World = {
    database,
    catalogue,
    store,
    pool,
    owner,
    clock: new Date('2026-03-01T09:30:00.123Z'),
    deps: { dataSource, macKeys, limits: { changes: 100 }, now: () => world.clock, gate, requireLog: () => undefined },

    async as(userId) {
      const { snapshot, head } = await store.refresh();
      const loaded = await loadUser(pool, catalogue, macKeys.rows, userId, () => {});
      if (!loaded) throw new Error('there is no such active user');
      const principal = principalAt(loaded, snapshot.policyRecords, () => world.clock, null);
      return { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
    },

    async apply(userId, ...changes) {
      return applyChanges(world.deps, await world.as(userId), { requestId: 'req-1', now: world.clock }, changes);
    },

    async install(...changes) {
      const under = installationUnder(await store.refresh());
      const meta = { requestId: null, now: world.clock, reason: 'Set up for a test' };
      const outcome = await applyChanges(world.deps, under, meta, changes);
      if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.userErrors, null, 1));
      return outcome.records.map(({ id }) => id);
    },

    async close() {
      await dataSource.destroy();
      await Promise.all([pool.end(), owner.end()]);
      await database.drop();
    },
  };
  return world;
}

/** Shorter to write and to read. */
export const create = (object: string, input: Record<string, unknown>, as?: string): GivenChange => ({
  verb: 'create',
  object,
  input,
  as,
});
export const update = (
  object: string,
  id: string,
  input: Record<string, unknown>,
  expectedVersion: number | null = null,
): GivenChange => ({ verb: 'update', object, id, input, expectedVersion });
export const remove = (object: string, id: string, expectedVersion: number | null = null): GivenChange => ({
  verb: 'delete',
  object,
  id,
  expectedVersion,
});

/** A record as the database holds it; null when there is none. */
export async function imageOf(world: World, object: string, id: string): Promise<RecordImage | null> {
  const described = objectOf(world.catalogue, object);
  const text = `select ${imageText(described, 't')} as image from ${described.table} t where id=$1`;
  const { rows } = await world.pool.query<{ image: string }>(text, [id]);
  return rows[0] ? (JSON.parse(rows[0].image) as RecordImage) : null;
}

export interface StoredTrace {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly object_name: string | null;
  readonly record_id: string | null;
  readonly user_id: string | null;
  readonly person_id: string | null;
  readonly client_id: string | null;
  readonly request_id: string | null;
  readonly policy_version: number | null;
  readonly outside: boolean;
  readonly reason: string | null;
  readonly session_id: string | null;
  readonly on_behalf_of: string | null;
  readonly break_glass: boolean;
  readonly code: string | null;
  readonly header: string;
  readonly commitments: Buffer;
  readonly slots: Record<string, [unknown, unknown]> | null;
  readonly salts: Buffer | null;
  readonly unsealed: string | null;
}

/** Entries, the oldest first; of one record or, without an id, all of them. */
export async function traces(world: World, recordId: string | null = null): Promise<StoredTrace[]> {
  const { rows } = await world.pool.query<StoredTrace>(
    `select e.*, v.slots, v.salts, u.entry_id as unsealed from audit_entry e left join audit_value v on v.entry_id=e.id
      left join audit_unsealed u on u.entry_id=e.id where $1::uuid is null or record_id=$1 order by e.id`,
    [recordId],
  );
  return rows;
}

/** How many rows there are, of everything that a change may write. */
export async function footprint(world: World): Promise<Record<string, number>> {
  const tables = [...world.catalogue.objects.values()].filter(({ table }) => table !== 'audit_record');
  const counted = [
    ...tables.map(({ table }) => table),
    'audit_entry',
    'audit_value',
    'audit_unsealed',
    'policy_version',
  ];
  const { rows } = await world.pool.query(
    `select policy_version, people_epoch, ${counted.map((table) => `(select count(*)::int from ${table}) as ${table}`).join(', ')},
      (select coalesce(max(updated_at),'epoch') from account) as latest from authority_head`,
  );
  return rows[0];
}
