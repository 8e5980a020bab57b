import type { MacKey } from '@countersign/crypto';
import type { CatalogueObject, GenericVerb } from '@countersign/schema';
import type { DataSource } from 'typeorm';
import type { TraceContext } from '../capabilities/audit';
import type { ImageValue, RecordImage } from '../database/record-image';
import type { Transaction } from '../database/sql-runner';
import type { DecidedUnder, Head, madeIn } from '../path/rooms';
import type { Gates } from '../snapshot/policy-records';

/** What a change set is carried out with. */
export interface CarryOutDeps {
  /** Over the database, with the gateway's role. */
  readonly dataSource: DataSource;
  readonly macKeys: { readonly policy: MacKey; readonly rows: MacKey };
  readonly gate: Gate;
}

/** Settles whether a change set must wait for others; asked inside the transaction that would carry it out. */
export interface Gate {
  /** Takes what it needs before the set takes any lock, so that everybody locks in one order. */
  prepare?(tx: Transaction, under: DecidedUnder, meta: WriteMeta): Promise<void>;
  /** Judges the set on the locked records, before anything is written. No other verdict counts. */
  judge(tx: Transaction, under: DecidedUnder, writes: readonly RecordWrite[], meta: WriteMeta): Promise<GateVerdict>;
  /**
   * Asked after every change of rights, with the policy as it will be: the gates of the next version, or undefined when
   * they stay as they are. Throws Refused when too few would be left who can agree to anything.
   */
  latch(
    tx: Transaction,
    next: Pick<DecidedUnder['snapshot'], 'catalogue' | 'policyRecords'>,
    now: Date,
  ): Promise<Gates | undefined>;
}

export type GateVerdict =
  /** Go on; `settle` is written in the same transaction, after the set and with its trace context. */
  | { readonly kind: 'cleared'; readonly settle?: (tx: Transaction, trace: TraceContext) => Promise<void> }
  /** Write nothing of the set but the fact that it waits. */
  | { readonly kind: 'held'; readonly submit: (tx: Transaction, trace: TraceContext) => Promise<HeldChange> };

/** A change set that waits. */
export interface HeldChange {
  readonly id: string;
  readonly status: string;
  /** What is missing, in words. */
  readonly waitingFor: readonly string[];
}

/** A change as it arrives: from a mutation, an import or the installation itself. Nothing in it is checked yet. */
export interface GivenChange {
  readonly verb: GenericVerb;
  readonly object: string;
  /** The record to update or delete. */
  readonly id?: unknown;
  /** The version that the caller saw; without one the record is changed whatever its version. */
  readonly expectedVersion?: number | null;
  /** Values by input name: a to-one relation `account` is set as `accountId`. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** A name by which later changes of the set refer to the new record, as "@name". */
  readonly as?: unknown;
  /** Where the change stands in the caller's arguments: the beginning of the path of every error about it. */
  readonly place?: readonly string[];
}

/** One create, update or delete of one record, its values checked against the catalogue. */
export interface Change {
  readonly verb: GenericVerb;
  readonly object: CatalogueObject;
  readonly id: string;
  readonly expectedVersion: number | null;
  /** By member name, in the one text form. A create holds every stored member that the gateway does not set itself. */
  readonly values: Readonly<Record<string, ImageValue>>;
  /** Members that the caller set; the others have their defaults. */
  readonly given: readonly string[];
  readonly place: readonly string[];
}

/** A value that was not accepted. Nothing was written. */
export interface UserError {
  readonly code: UserErrorCode;
  /** Path of the input field; null when no single field is at fault. */
  readonly field: readonly string[] | null;
  readonly message: string;
}

export type UserErrorCode =
  | 'REQUIRED'
  | 'INVALID'
  | 'TOO_LONG'
  | 'NOT_FOUND'
  | 'NOT_UNIQUE'
  | 'IN_USE'
  | 'POLICY_INVALID';

/** A reference to another record, still to be found within what the caller may read. */
export interface Reference {
  readonly target: string;
  readonly id: string;
  readonly place: readonly string[];
}

interface PlannedChanges {
  readonly changes: readonly Change[];
  /** References to records outside the set. */
  readonly references: readonly Reference[];
  /** Everything that is wrong with the input by itself. */
  readonly userErrors: readonly UserError[];
}

/** What exactly is asked; made in *plan*. */
export type ChangePlan = ReturnType<typeof madeIn<'plan', PlannedChanges>>;

/** Changes that policy has decided one by one; made in *decide*. */
export type DecidedChanges = ReturnType<typeof madeIn<'decide', PlannedChanges>>;

/** When, in which request and why: what the trace says besides the caller. */
export interface WriteMeta {
  readonly requestId: string | null;
  readonly now: Date;
  readonly reason?: string | null;
  readonly submission?: Submission;
  /** Settles the id of a new record, so that example data is the same everywhere; undefined: one is made. */
  readonly newId?: (change: GivenChange) => string | undefined;
}

/** What the maker says about a change set that may have to wait. */
export interface Submission {
  /** Not to be applied before this moment, even when nobody has to agree. */
  readonly effectiveAt: Date | null;
  /** The pending change that this set takes the place of; its signatures are void. */
  readonly revises: string | null;
}

export interface ChangedRecord {
  readonly verb: GenericVerb;
  readonly object: string;
  readonly id: string;
  /** Null for a record that was deleted. */
  readonly version: number | null;
}

export type ChangeOutcome =
  /** All changes are in the database. `head` differs from the one decided under when rights have changed. */
  | { readonly kind: 'applied'; readonly records: readonly ChangedRecord[]; readonly head: Head }
  /** Nothing is in the database but the fact that it waits. */
  | { readonly kind: 'held'; readonly held: HeldChange; readonly records: readonly ChangedRecord[] }
  | { readonly kind: 'refused'; readonly userErrors: readonly UserError[] };

/** One record before and after its change; null where it does not exist. */
export interface RecordWrite {
  readonly change: Change;
  readonly before: RecordImage | null;
  readonly after: RecordImage | null;
}

/** Ends the transaction because of input that turned out to be unacceptable. */
export class Refused extends Error {
  constructor(readonly userErrors: readonly UserError[]) {
    super('The changes are not acceptable');
    this.name = 'Refused';
  }
}

/** The path of an input field of a change. */
export function inputPlace(place: readonly string[], name?: string): string[] {
  return name === undefined ? [...place, 'input'] : [...place, 'input', name];
}
