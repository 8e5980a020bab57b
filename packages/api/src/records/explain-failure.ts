import { inputName, objectOf, type StoredMember, storedMembers } from '@countersign/schema';
import type { DataSource } from 'typeorm';
import { rowsOf, type Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { DecidedUnder } from '../path/rooms';
import { sqlTypeOf } from '../planner/sql/statement-params';
import {
  type Change,
  type DecidedChanges,
  inputPlace,
  type RecordWrite,
  type UserError,
  type UserErrorCode,
} from './change';
import type { RunFailed, WriteRun } from './write-records';

/** What PostgreSQL says about an error (message text apart, which depends on its language). */
export interface DatabaseError {
  readonly code: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/** The database's own error, also out of TypeORM's wrapping; undefined for an error of another origin. */
export function databaseErrorOf(error: unknown): DatabaseError | undefined {
  const inner = (error as { driverError?: unknown } | null)?.driverError ?? error;
  const code = (inner as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? (inner as DatabaseError) : undefined;
}

/** serialization_failure, deadlock_detected: the same transaction may well succeed when it is run again. */
export function isConcurrencyFailure(error: unknown): boolean {
  return ['40001', '40P01'].includes(databaseErrorOf(error)?.code ?? '');
}

/**
 * The connection is gone, the server is stopping, or the statement's time was up while it waited for somebody: says
 * nothing about the changes, and has a public code of its own wherever it happens.
 */
export function isOutage(error: unknown): boolean {
  return /^(08|57|53300)/.test(databaseErrorOf(error)?.code ?? '');
}

/**
 * What a failed statement means for the input, once its transaction is over. The constraint is looked up by name for its
 * columns, these are members of the catalogue, and the members give the input fields; no text of the database gets out.
 * Throws INTERNAL for a failure that no input can cause.
 */
export async function explainFailure(
  dataSource: DataSource,
  under: DecidedUnder,
  { run, failure }: RunFailed,
  { changes }: DecidedChanges,
): Promise<UserError[]> {
  const error = databaseErrorOf(failure);
  const explainer = new FailureExplainer(dataSource.manager, under, run, changes);
  switch (error?.code) {
    case '23505':
      return explainer.notUnique(error);
    // From PostgreSQL 18 on, a restricted deletion has a code of its own.
    case '23001':
    case '23503':
      return run.verb === 'delete' ? explainer.inUse() : explainer.notFound(error);
    case '23514':
      return explainer.invalid(error);
    default:
      throw new Fault('INTERNAL', { inside: failure });
  }
}

class FailureExplainer {
  constructor(
    private readonly db: Transaction,
    private readonly under: DecidedUnder,
    private readonly run: WriteRun,
    private readonly set: readonly Change[],
  ) {}

  inUse(): UserError[] {
    return this.run.writes.map(({ change }) => ({
      code: 'IN_USE',
      field: [...change.place, 'id'],
      message: 'Other records still refer to this one.',
    }));
  }

  async notUnique(error: DatabaseError): Promise<UserError[]> {
    const members = await this.membersOf(error);
    const { object, writes } = this.run;
    const taken = members.length === 0 ? [] : await this.takenBy(members);
    // The record in the way may be gone by now; with one candidate there is no doubt all the same.
    const guilty = taken.length > 0 ? taken : writes.length === 1 ? writes : [];
    const { table, cellRules } = this.under.authority;
    const open = members.every(
      ({ name }) => table.see(object.name, name) === 'clear' && !cellRules(object.name).has(name),
    );
    const message = open ? 'Another record has this value already.' : 'A record like this exists already.';
    if (guilty.length === 0) return [{ code: 'NOT_UNIQUE', field: null, message }];
    return guilty.map((write) => ({ code: 'NOT_UNIQUE', field: this.place(write, open ? members : []), message }));
  }

  async notFound(error: DatabaseError): Promise<UserError[]> {
    const [member] = await this.membersOf(error);
    const { writes } = this.run;
    if (member?.kind !== 'to-one') return [{ code: 'NOT_FOUND', field: null, message: 'There is no such record.' }];
    const { table } = objectOf(this.under.snapshot.catalogue, member.target);
    const ids = writes.map(({ after }) => after?.[member.name] ?? null).filter((id) => id !== null);
    const rows = await rowsOf<{ id: string }>(this.db, `select id from ${table} where id=any($1::uuid[])`, [ids]);
    // The transaction is undone: what it created is gone again, and what it deleted is back.
    const found = new Set<unknown>(rows.map(({ id }) => id));
    for (const { id, verb } of this.set) {
      if (verb === 'create') found.add(id);
      if (verb === 'delete') found.delete(id);
    }
    const lost = writes.filter(
      ({ after }) => after !== null && after[member.name] !== null && !found.has(after[member.name]),
    );
    return this.errors('NOT_FOUND', lost.length > 0 ? lost : writes.slice(0, 1), [member], 'There is no such record.');
  }

  async invalid(error: DatabaseError): Promise<UserError[]> {
    const members = await this.membersOf(error);
    const guilty = this.run.writes.length === 1 ? this.run.writes : [];
    if (guilty.length === 0) return [{ code: 'INVALID', field: null, message: 'These values do not go together.' }];
    return this.errors('INVALID', guilty, members.length === 1 ? members : [], 'These values do not go together.');
  }

  private errors(
    code: UserErrorCode,
    writes: readonly RecordWrite[],
    members: readonly StoredMember[],
    message: string,
  ) {
    return writes.map((write): UserError => ({ code, field: this.place(write, members), message }));
  }

  /** The input field of the last member that the caller set, or else the input as a whole. */
  private place({ change }: RecordWrite, members: readonly StoredMember[]): string[] {
    const member = members.findLast(({ name }) => change.given.includes(name));
    return inputPlace(change.place, member && inputName(member));
  }

  private async membersOf({ constraint, table }: DatabaseError): Promise<StoredMember[]> {
    const { object } = this.run;
    if (!constraint || table !== object.table) return [];
    const [row] = await rowsOf<{ columns: string[] }>(
      this.db,
      `select array(select a.attname::text from unnest(c.conkey) with ordinality as k(n, place)
          join pg_attribute a on a.attrelid=c.conrelid and a.attnum=k.n order by k.place) as columns
        from pg_constraint c where c.conname=$1 and c.conrelid=$2::regclass`,
      [constraint, object.table],
    );
    const columns = row?.columns ?? [];
    return columns.flatMap((column) => storedMembers(object).filter((member) => member.column === column));
  }

  /** Records of the run whose values another record of the run, or of the table, has as well. */
  private async takenBy(members: readonly StoredMember[]): Promise<RecordWrite[]> {
    const { writes } = this.run;
    const keyOf = ({ after }: RecordWrite) => members.map(({ name }) => after?.[name] ?? null);
    const candidates = writes.filter((write) => !keyOf(write).includes(null));
    const seen = new Set<string>();
    const doubles = candidates.filter((write) => {
      const key = JSON.stringify(keyOf(write));
      return seen.has(key) || !seen.add(key);
    });
    const stored = await this.stored(members, candidates);
    return candidates.filter((write, index) => doubles.includes(write) || stored.has(index));
  }

  /** Which of these writes have the values of a record in the table, by their index. */
  private async stored(members: readonly StoredMember[], writes: readonly RecordWrite[]): Promise<Set<number>> {
    const types = members.map((member) => (member.kind === 'to-one' ? 'uuid' : sqlTypeOf(member.type)));
    const lists = members.map(({ name }) => writes.map(({ after }) => after?.[name]));
    const match = members.map(({ column }, i) => `t.${column}=k.k${i}`).join(' and ');
    const rows = await rowsOf<{ n: string }>(
      this.db,
      `select k.n from unnest(${types.map((type, i) => `$${i + 2}::${type}[]`).join(', ')}, $1::uuid[])
          with ordinality as k(${members.map((_, i) => `k${i}`).join(', ')}, id, n)
        join ${this.run.object.table} t on ${match} and t.id<>k.id`,
      [writes.map(({ change }) => change.id), ...lists],
    );
    return new Set(rows.map(({ n }) => Number(n) - 1));
  }
}
