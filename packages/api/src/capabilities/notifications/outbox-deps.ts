import type { MacKey } from '@countersign/crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import type { SnapshotStore } from '../../snapshot/snapshot-store';
import type { Notifier } from './notifiers/notifier';
import type { Topic } from './topic';

/** What the outbox works with. */
export interface OutboxDeps {
  /** For the worker alone; one of its connections listens. */
  readonly jobs: Pool;
  readonly dataSource: DataSource;
  readonly snapshots: SnapshotStore;
  readonly rowKey: MacKey;
  readonly notifiers: readonly Notifier[];
  /** By the part of an event before its dot. */
  readonly topics: Readonly<Record<string, Topic>>;
  /** The persons who hold a role, or one that inherits it, at a moment. */
  readonly holdersOf: (
    tx: Transaction,
    ground: Pick<Snapshot, 'catalogue' | 'policyRecords'>,
    rowKey: MacKey,
    role: string,
    now: Date,
  ) => Promise<Set<string>>;
  readonly now: () => Date;
  readonly log: Logger;
  readonly pollMs: number;
}
