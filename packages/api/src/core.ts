import type { AccessTokens, MacKey, RootSecret } from '@countersign/crypto';
import type { Catalogue } from '@countersign/schema';
import type { Logger } from 'pino';
import type { ApplyDeps } from './capabilities/approvals';
import type { AuditDesk, FoldedTrace } from './capabilities/audit';
import type { Outbox } from './capabilities/notifications';
import type { ContinuousCheck, StartOracle } from './capabilities/permissions';
import type { Database } from './database/open-database';
import type { DemoPerson } from './demo/demo-people-file';
import type { Limits } from './path/limits';
import type { WriteDeps } from './path/write-path';
import type { Settings } from './settings';
import type { SnapshotStore } from './snapshot/snapshot-store';

/** What the gateway and the command line share: the database, the keys, the current snapshot. */
export interface Core {
  readonly settings: Settings;
  readonly limits: Limits;
  readonly log: Logger;
  readonly now: () => Date;
  readonly database: Database;
  readonly root: RootSecret;
  readonly macKeys: { readonly policy: MacKey; readonly rows: MacKey };
  readonly tokens: AccessTokens;
  /** The log that proves the trace. */
  readonly audit: AuditDesk;
  /** What changes are written with; imports and installations use it directly. */
  readonly writes: WriteDeps;
  readonly snapshots: SnapshotStore;
  /** The queue of pending changes. */
  readonly queue: ApplyDeps;
  /** Entries of the audit log that repeat themselves: denials, failed sign-ins. */
  readonly folded: FoldedTrace;
  /** Compares decisions with Casbin while requests are served. */
  readonly check: ContinuousCheck;
  /** In demo mode: makes the demo data where there is none, and gives the people who may sign in. */
  prepareDemo(): Promise<readonly DemoPerson[]>;
  close(): Promise<void>;
}

export interface Gateway {
  /** Where it listens: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** What leaves through it, and how much waits. */
  readonly outbox: Outbox;
  /** Stops in order: no new requests, running ones to their end, then the events. The core is closed by its owner. */
  close(): Promise<void>;
}

export interface CoreOptions {
  readonly log?: Logger;
  readonly now?: () => Date;
  readonly catalogue?: Catalogue;
  /** How the thread of the continuous check is started. */
  readonly startOracle?: StartOracle;
}
