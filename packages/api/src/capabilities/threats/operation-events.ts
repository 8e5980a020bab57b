import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { RequestScope } from '../../path/request-scope';

/** One operation as it was: what detection and replay feed on. */
export interface OperationEvent {
  readonly at: string;
  readonly userId: string | null;
  readonly clientId: string | null;
  readonly source: string;
  readonly documentHash: string;
  readonly operationName: string | null;
  readonly durationMs: number;
  readonly verdict: string;
  readonly records: Readonly<Record<string, number>>;
  readonly requestId: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const MOST_WAITING = 20_000;
const FLUSH_MS = 1_000;
const BATCH = 2_000;

/**
 * Every operation leaves an event. Events wait in a bounded buffer and are written in batches: they never hold up an
 * answer, and what does not fit is counted as lost rather than waited for.
 */
export class OperationEvents {
  private waiting: OperationEvent[] = [];
  private lostCount = 0;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly log: Logger,
  ) {}

  /** Events that were lost since the start. */
  get lost(): number {
    return this.lostCount;
  }

  record(scope: RequestScope, operationName: string | null, now: Date): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.lostCount += 1;
      return;
    }
    const { values, sessionId, kind } = scope.under.principal;
    this.waiting.push({
      at: scope.receivedAt.toISOString(),
      userId: values.userId,
      clientId: values.clientId,
      source: scope.source,
      documentHash: scope.documentKey,
      operationName,
      durationMs: now.getTime() - scope.receivedAt.getTime(),
      verdict: scope.tally.verdict,
      records: scope.tally.records,
      requestId: scope.requestId,
      detail: {
        personId: values.personId,
        sessionId,
        kind,
        statements: scope.tally.statements,
        policyVersion: scope.under.head.policyVersion,
      },
    });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what is waiting. Resolves when it is written or lost; never throws. */
  flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      try {
        await this.pool.query(INSERT, [JSON.stringify(batch)]);
      } catch (error) {
        this.lostCount += batch.length;
        this.log.warn({ err: error, lost: this.lostCount }, 'operation events were lost');
      }
    }
  }
}

const INSERT = `insert into operation_event
  (at, user_id, client_id, source, document_hash, operation_name, duration_ms, verdict, records, request_id, detail)
  select (e->>'at')::timestamptz, (e->>'userId')::uuid, (e->>'clientId')::uuid, e->>'source', e->>'documentHash',
    e->>'operationName', (e->>'durationMs')::float8, e->>'verdict', e->'records', e->>'requestId', e->'detail'
  from jsonb_array_elements($1::jsonb) e`;
