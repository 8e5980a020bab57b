import { canonicalJson, type TokenSealer } from '@countersign/crypto';
import { type CatalogueObject, isUuid } from '@countersign/schema';
import type { Pool } from 'pg';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { type EntryRow, type ShownEntry, showEntries } from './show-entries';
import {
  mayReadAllTraces,
  requireSeenMember,
  requireTraceReader,
  seesValue,
  showsHeader,
  TRACE_OBJECT,
} from './trace-right';
import { TraceStatement } from './trace-statement';
import { visibleEntries } from './visible-entries';

export interface TraceReadDeps {
  readonly pool: Pool;
  readonly cursors: TokenSealer;
  readonly limits: { readonly page: number; readonly defaultPage: number };
}

/** What is looked for; everything that is given has to hold. */
export interface TraceQuestion {
  readonly object?: string | null;
  readonly recordId?: string | null;
  readonly field?: string | null;
  readonly personId?: string | null;
  readonly userId?: string | null;
  readonly clientId?: string | null;
  readonly requestId?: string | null;
  readonly actions?: readonly string[] | null;
  readonly outcome?: 'DONE' | 'REFUSED' | null;
  readonly code?: string | null;
  readonly outside?: boolean | null;
  readonly from?: Date | null;
  readonly until?: Date | null;
  readonly text?: string | null;
}

export interface PageAsk {
  readonly first?: number | null;
  readonly after?: string | null;
}

export interface TracePage {
  readonly nodes: readonly ShownEntry[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

const LONGEST_TEXT = 200;

/**
 * Entries of the audit log, newest first, as somebody may see them. Whoever may not read all traces names an object, and
 * sees the changes of its records that lie in what they may read, now and on both sides of the change. Entries that are
 * not theirs leave no gap: they are left out by the statement itself, before a page is cut.
 *
 * Throws FORBIDDEN, FIELD_FORBIDDEN, BAD_USER_INPUT, and HeadMoved.
 */
export async function searchEntries(
  deps: TraceReadDeps,
  under: DecidedUnder,
  question: TraceQuestion,
  page: PageAsk,
): Promise<TracePage> {
  requireTraceReader(under);
  const size = sizeOf(deps, page);
  const statement = new TraceStatement(under);
  const where = conditionsOf(statement, question);
  const caller = under.principal.values.userId ?? under.principal.values.clientId ?? '';
  const context = `trace:${canonicalJson([caller, question.object ?? null, question.recordId ?? null, question.field ?? null])}`;
  if (page.after) where.push(beyond(statement, openCursor(deps, context, page.after)));
  const rows = where.includes('false')
    ? []
    : await statement.json<EntryRow[]>(deps.pool, pageText(statement, where, size + 1));
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return {
    nodes: await showEntries(deps.pool, under, shown, question.field ?? null),
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

function pageText(statement: TraceStatement, where: readonly string[], limit: number): string {
  const most = statement.value(limit, 'bigint');
  return `select coalesce(json_agg(json_build_object('id', p.id, 'at', to_char(p.at at time zone 'UTC', ${INSTANT}),
      'action', p.action, 'objectName', p.object_name, 'recordId', p.record_id, 'userId', p.user_id,
      'personId', p.person_id, 'clientId', p.client_id, 'sessionId', p.session_id, 'onBehalfOf', p.on_behalf_of,
      'breakGlass', p.break_glass, 'requestId', p.request_id, 'policyVersion', p.policy_version, 'outside', p.outside,
      'reason', p.reason, 'code', p.code, 'changes', p.changes) order by p.at desc, p.id desc), '[]')
    from (select * from audit_trace e where ${where.length > 0 ? where.join(' and ') : 'true'}
      order by e.at desc, e.id desc limit ${most}) p`;
}

function conditionsOf(statement: TraceStatement, question: TraceQuestion): string[] {
  const { under } = statement;
  const where: string[] = [];
  const scope = under.authority.traceScope;
  if (scope.kind !== 'always') where.push(statement.scope(TRACE_OBJECT, 'e', scope));
  const all = mayReadAllTraces(under);
  const object = objectOf(under, question);
  if (!all) where.push(object ? visibleEntries(statement, object, 'e') : 'false');
  const equal = (column: string, member: string, value: string | boolean | null | undefined, type: string): void => {
    if (value === null || value === undefined) return;
    // Looking for a value tells it: only by what is shown.
    if (!showsHeader(under, member) && member !== 'recordId' && member !== 'objectName') {
      throw new Fault('FIELD_FORBIDDEN', { coordinate: `${TRACE_OBJECT}.${member}`, action: 'FILTER' });
    }
    const known = type !== 'uuid' || isUuid(value);
    where.push(known ? `e.${column} = ${statement.value(value, type)}` : 'false');
  };
  equal('object_name', 'objectName', question.object, 'text');
  equal('record_id', 'recordId', question.recordId, 'uuid');
  equal('person_id', 'personId', question.personId, 'uuid');
  equal('user_id', 'userId', question.userId, 'uuid');
  equal('client_id', 'clientId', question.clientId, 'uuid');
  equal('request_id', 'requestId', question.requestId, 'text');
  equal('code', 'code', question.code, 'text');
  equal('outside', 'outside', question.outside, 'boolean');
  where.push(...furtherConditions(statement, question, object));
  return where;
}

function furtherConditions(
  statement: TraceStatement,
  question: TraceQuestion,
  object: CatalogueObject | null,
): string[] {
  const { under } = statement;
  const where: string[] = [];
  if (question.actions?.length) where.push(`e.action = any(${statement.value(question.actions, 'text[]')})`);
  if (question.outcome) {
    const refused = `(e.action in ('DENIED', 'SIGN_IN_FAILED') or e.code is not null)`;
    where.push(question.outcome === 'REFUSED' ? refused : `not ${refused}`);
  }
  if (question.from) where.push(`e.at >= ${statement.value(question.from.toISOString(), 'timestamptz')}`);
  if (question.until) where.push(`e.at < ${statement.value(question.until.toISOString(), 'timestamptz')}`);
  if (question.field) {
    if (!question.object) throw new Fault('BAD_USER_INPUT', { message: 'A field is looked for with its object.' });
    requireSeenMember(under, question.object, question.field);
    where.push(`e.changes ? ${statement.value(question.field, 'text')}`);
  }
  if (question.text) where.push(textCondition(statement, question.text, object));
  return where;
}

/** Text is looked for only in what is shown clear. */
function textCondition(statement: TraceStatement, text: string, object: CatalogueObject | null): string {
  const { under } = statement;
  if ([...text].length > LONGEST_TEXT) throw new Fault('BAD_USER_INPUT', { message: 'That is too long a text.' });
  const wanted = statement.value(text.toLowerCase(), 'text');
  // The values stand there as JSON.
  const written = statement.value(JSON.stringify(text.toLowerCase()).slice(1, -1), 'text');
  const reason = showsHeader(under, 'reason') ? `strpos(lower(e.reason), ${wanted}) > 0 or ` : '';
  if (mayReadAllTraces(under)) {
    return `(${reason}exists (select 1 from audit_record r where r.id = e.id and strpos(lower(r.changes::text), ${written}) > 0))`;
  }
  const clear = (object?.members ?? []).filter(
    (member) => member.kind === 'field' && seesValue(under, object?.name ?? '', member) === 'clear',
  );
  const names = statement.value(
    clear.map(({ name }) => name),
    'text[]',
  );
  return `(${reason}exists (select 1 from jsonb_each(e.changes) c
    where c.key = any(${names}) and strpos(lower(c.value::text), ${written}) > 0))`;
}

/** The object asked about; one that does not exist for somebody has no entries for them. Throws BAD_USER_INPUT. */
function objectOf(under: DecidedUnder, { object }: TraceQuestion): CatalogueObject | null {
  if (!object) {
    if (mayReadAllTraces(under)) return null;
    throw new Fault('BAD_USER_INPUT', { message: 'Name the object whose history you look for.' });
  }
  return under.authority.table.readable(object) ? (under.snapshot.catalogue.objects.get(object) ?? null) : null;
}

function beyond(statement: TraceStatement, [at, id]: readonly [string, string]): string {
  return `(e.at, e.id) < (${statement.value(at, 'timestamptz')}, ${statement.value(id, 'uuid')})`;
}

function openCursor({ cursors }: TraceReadDeps, context: string, cursor: string): [string, string] {
  const text = cursors.open(cursor, context);
  if (text !== null) return JSON.parse(text) as [string, string];
  throw new Fault('BAD_USER_INPUT', { message: 'A cursor works only with the question that it came from.' });
}
