import { canonicalJson, type TokenSealer } from '@countersign/crypto';
import type { Pool } from 'pg';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { ProtectedRead } from './gathered-reads';
import { protectedEntries } from './protected-entries';
import { conditionsOf, type TraceConditions, type TraceQuestion } from './question-conditions';
import { type EntryRow, type ShownEntry, showEntries } from './show-entries';
import { requireTraceReader } from './trace-right';
import { ENTRY_COLUMNS } from './trace-rows';
import { TraceStatement } from './trace-statement';

export interface TraceReadDeps {
  readonly pool: Pool;
  readonly cursors: TokenSealer;
  readonly limits: { readonly page: number; readonly defaultPage: number };
}

/** What old and new values of protected fields are shown with: they leave only once this resolves. */
export type TraceShown = (read: Pick<ProtectedRead, 'coordinates' | 'ids'>) => Promise<void>;

export interface PageAsk {
  readonly first?: number | null;
  readonly after?: string | null;
}

export interface TracePage {
  readonly nodes: readonly ShownEntry[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

/**
 * Entries of the audit log, newest first, as somebody may see them. Whoever may not read all traces names an object, and
 * sees the changes of its records that lie in what they may read, now and on both sides of the change. Entries that are
 * not theirs leave no gap: they are left out by the statement itself, before a page is cut.
 *
 * Throws FORBIDDEN, FIELD_FORBIDDEN, BAD_USER_INPUT, AUDIT_UNAVAILABLE, and HeadMoved.
 */
export async function searchEntries(
  deps: TraceReadDeps,
  under: DecidedUnder,
  question: TraceQuestion,
  page: PageAsk,
  traceShown: TraceShown,
): Promise<TracePage> {
  requireTraceReader(under);
  const size = sizeOf(deps, page);
  const statement = new TraceStatement(under);
  const conditions = conditionsOf(statement, question);
  const caller = under.principal.values.userId ?? under.principal.values.clientId ?? '';
  const about = [caller, question.object ?? null, question.recordId ?? null, question.field ?? null];
  const context = `trace:${canonicalJson(about)}`;
  if (page.after) conditions?.entries.push(beyond(statement, openCursor(deps, context, page.after)));
  const rows = conditions ? await statement.json<EntryRow[]>(deps.pool, pageText(statement, conditions, size + 1)) : [];
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const nodes = await showEntries(deps.pool, under, shown, question.field ?? null);
  const read = protectedEntries(under, shown, nodes);
  if (read) await traceShown(read);
  return {
    nodes,
    endCursor: last ? deps.cursors.seal(JSON.stringify([last.at, last.id]), context) : null,
    hasNextPage: rows.length > size,
  };
}

function sizeOf({ limits }: TraceReadDeps, { first }: PageAsk): number {
  const size = first ?? limits.defaultPage;
  if (Number.isInteger(size) && size >= 1 && size <= limits.page) return size;
  throw new Fault('BAD_USER_INPUT', { message: `A page has 1 to ${limits.page} entries.` });
}

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/*
 * Entries by an index in their order, then each with its values, then who may see it, until the page is full. OFFSET 0
 * keeps the three apart: how few entries meet a condition on values the planner cannot know, and it would rather sort the
 * whole log. Rows leave the innermost query in its order, which the others keep.
 */
function pageText(statement: TraceStatement, { entries, values }: TraceConditions, limit: number): string {
  const most = statement.value(limit, 'bigint');
  return `select coalesce(json_agg(json_build_object('id', p.id, 'at', to_char(p.at at time zone 'UTC', ${INSTANT}),
      'action', p.action, 'objectName', p.object_name, 'recordId', p.record_id, 'userId', p.user_id,
      'personId', p.person_id, 'clientId', p.client_id, 'sessionId', p.session_id, 'onBehalfOf', p.on_behalf_of,
      'breakGlass', p.break_glass, 'requestId', p.request_id, 'policyVersion', p.policy_version, 'outside', p.outside,
      'reason', p.reason, 'code', p.code, 'changes', p.changes) order by p.at desc, p.id desc), '[]')
    from (select e.* from (
      select s.*, (select v.slots from audit_value v where v.entry_id = s.id) as changes from (
        select ${ENTRY_COLUMNS} from audit_entry r where ${conjunction(entries)} order by r.at desc, r.id desc offset 0
      ) s offset 0
    ) e where ${conjunction(values)} limit ${most}) p`;
}

function conjunction(conditions: readonly string[]): string {
  return conditions.length > 0 ? conditions.join(' and ') : 'true';
}

function beyond(statement: TraceStatement, [at, id]: readonly [string, string]): string {
  return `(r.at, r.id) < (${statement.value(at, 'timestamptz')}, ${statement.value(id, 'uuid')})`;
}

function openCursor({ cursors }: TraceReadDeps, context: string, cursor: string): [string, string] {
  const text = cursors.open(cursor, context);
  if (text !== null) return JSON.parse(text) as [string, string];
  throw new Fault('BAD_USER_INPUT', { message: 'A cursor works only with the question that it came from.' });
}
