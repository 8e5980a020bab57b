import { type CatalogueObject, isUuid } from '@countersign/schema';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import { mayReadAllTraces, requireSeenMember, seesValue, showsHeader, TRACE_OBJECT } from './trace-right';
import { searchedValues } from './trace-rows';
import type { TraceStatement } from './trace-statement';
import { visibleEntries } from './visible-entries';

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
  readonly breakGlass?: boolean | null;
  readonly from?: Date | null;
  readonly until?: Date | null;
  readonly text?: string | null;
}

export interface TraceConditions {
  /** On the columns of audit_entry as `r`: what an index may serve. */
  readonly entries: string[];
  /** On entries with their values, as `e`. */
  readonly values: readonly string[];
}

const LONGEST_TEXT = 200;

/**
 * The conditions of a question, and of what somebody may see; null when nothing can meet them.
 * Throws FIELD_FORBIDDEN and BAD_USER_INPUT.
 */
export function conditionsOf(statement: TraceStatement, question: TraceQuestion): TraceConditions | null {
  const { under } = statement;
  const object = objectOf(under, question);
  const all = mayReadAllTraces(under);
  if (!all && !object) return null;
  const scope = under.authority.traceScope;
  const values = [
    ...(scope.kind === 'always' ? [] : [statement.scope(TRACE_OBJECT, 'e', scope)]),
    ...valueConditions(statement, question, object),
    ...(all || !object ? [] : [visibleEntries(statement, object, 'e')]),
  ];
  const entries = headerConditions(statement, question);
  return entries.includes('false') || values.includes('false') ? null : { entries, values };
}

function headerConditions(statement: TraceStatement, question: TraceQuestion): string[] {
  const { under } = statement;
  const where: string[] = [];
  const requireShown = (member: string): void => {
    // Looking for a value tells it: only by what is shown.
    if (showsHeader(under, member)) return;
    throw new Fault('FIELD_FORBIDDEN', { coordinate: `${TRACE_OBJECT}.${member}`, action: 'FILTER' });
  };
  const equal = (column: string, value: string | boolean | null | undefined, type: string): void => {
    if (value === null || value === undefined) return;
    const known = type !== 'uuid' || isUuid(value);
    where.push(known ? `r.${column} = ${statement.value(value, type)}` : 'false');
  };
  equal('object_name', question.object, 'text');
  equal('record_id', question.recordId, 'uuid');
  for (const [column, member, type] of SOUGHT) {
    const value = question[member];
    if (value === null || value === undefined) continue;
    requireShown(member);
    equal(column, value, type);
  }
  if (typeof question.breakGlass === 'boolean') {
    requireShown('breakGlass');
    // Said so, not bound: the index over the few that are marked serves.
    where.push(question.breakGlass ? 'r.break_glass' : 'not r.break_glass');
  }
  if (question.actions?.length || question.outcome) requireShown('action');
  if (question.actions?.length) where.push(`r.action = any(${statement.value(question.actions, 'text[]')})`);
  // Only refusals have a code; said so, the index over them serves.
  if (question.outcome === 'REFUSED' || question.code) where.push(REFUSED);
  else if (question.outcome === 'DONE') where.push(`not ${REFUSED}`);
  if (question.requestId) where.push(...aroundRequest(statement, question.requestId));
  if (question.from || question.until) requireShown('at');
  if (question.from) where.push(`r.at >= ${statement.value(question.from.toISOString(), 'timestamptz')}`);
  if (question.until) where.push(`r.at < ${statement.value(question.until.toISOString(), 'timestamptz')}`);
  return where;
}

const SOUGHT = [
  ['person_id', 'personId', 'uuid'],
  ['user_id', 'userId', 'uuid'],
  ['client_id', 'clientId', 'uuid'],
  ['request_id', 'requestId', 'text'],
  ['code', 'code', 'text'],
  ['outside', 'outside', 'boolean'],
] as const;

function valueConditions(statement: TraceStatement, question: TraceQuestion, object: CatalogueObject | null): string[] {
  const where: string[] = [];
  if (question.field) {
    if (!question.object) throw new Fault('BAD_USER_INPUT', { message: 'A field is looked for with its object.' });
    requireSeenMember(statement.under, question.object, question.field);
    where.push(`e.changes ? ${statement.value(question.field, 'text')}`);
  }
  if (question.text) where.push(textCondition(statement, question.text, object));
  return where;
}

const REFUSED = `r.action in ('DENIED', 'SIGN_IN_FAILED')`;

/** A request's id says when it was made (RFC 9562, section 5.7), so that only the entries of those minutes are looked at. */
function aroundRequest(statement: TraceStatement, requestId: string): string[] {
  if (!isUuid(requestId) || requestId[14] !== '7') return [];
  const made = Number.parseInt(requestId.replaceAll('-', '').slice(0, 12), 16);
  const after = (minutes: number) => statement.value(new Date(made + minutes * 60_000).toISOString(), 'timestamptz');
  return [`r.at >= ${after(-1)}`, `r.at < ${after(10)}`];
}

/** Text is looked for only in what is shown clear. */
function textCondition(statement: TraceStatement, text: string, object: CatalogueObject | null): string {
  const { under } = statement;
  if ([...text].length > LONGEST_TEXT) throw new Fault('BAD_USER_INPUT', { message: 'That is too long a text.' });
  // The values stand there as JSON.
  const written = statement.value(JSON.stringify(text.toLowerCase()).slice(1, -1), 'text');
  // A parameter that the statement does not use has no type, and would fail it.
  const inReason = () => `strpos(lower(e.reason), ${statement.value(text.toLowerCase(), 'text')}) > 0 or `;
  const reason = showsHeader(under, 'reason') ? inReason() : '';
  if (mayReadAllTraces(under)) {
    const values = searchedValues(under.snapshot.catalogue, 'e');
    return `(${reason}strpos(lower(${values}), ${written}) > 0)`;
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
