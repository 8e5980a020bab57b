import { canonicalJson } from '@countersign/crypto';
import { isUuid, memberOf } from '@countersign/schema';
import { Fault } from '../../path/faults';
import type { DecidedUnder } from '../../path/rooms';
import type { PageAsk, TraceReadDeps } from './search-entries';
import type { EntryRow } from './show-entries';
import { mayReadAllTraces, requireTraceReader, seesValue, showsHeader, TRACE_OBJECT } from './trace-right';
import { TraceStatement } from './trace-statement';
import { recordVisible } from './visible-entries';

/** Somebody who read protected fields of a record. */
export interface Reading {
  readonly at: string | null;
  readonly userId: string | null;
  readonly personId: string | null;
  readonly clientId: string | null;
  readonly sessionId: string | null;
  readonly requestId: string | null;
  readonly reason: string | null;
  /** Fields of the record that were shown or used. */
  readonly fields: readonly string[];
}

export interface ReadingPage {
  readonly nodes: readonly Reading[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
}

type ReadRow = Pick<EntryRow, 'id' | 'userId' | 'personId' | 'clientId' | 'sessionId' | 'requestId' | 'reason'> & {
  readonly at: string;
  readonly coordinates: readonly string[];
};

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/**
 * Who has read protected fields of a record, newest first. A record that is not the reader's has the same answer as one
 * that does not exist. Other records of the same reading are not told. Throws FORBIDDEN, BAD_USER_INPUT, and HeadMoved.
 */
export async function findReaders(
  deps: TraceReadDeps,
  under: DecidedUnder,
  { object: name, recordId }: { readonly object: string; readonly recordId: string },
  page: PageAsk,
): Promise<ReadingPage> {
  requireTraceReader(under);
  const size = page.first ?? deps.limits.defaultPage;
  if (!Number.isInteger(size) || size < 1 || size > deps.limits.page) {
    throw new Fault('BAD_USER_INPUT', { message: `A page has 1 to ${deps.limits.page} entries.` });
  }
  const all = mayReadAllTraces(under);
  const object = under.snapshot.catalogue.objects.get(name);
  const known = object !== undefined && (all || under.authority.table.readable(name));
  const nothing: ReadingPage = { nodes: [], endCursor: null, hasNextPage: false };
  if (!known || !isUuid(recordId)) return nothing;
  // Every protected field that somebody sees; a reading of others only is not theirs to know.
  const seen = object.members.filter((member) => all || seesValue(under, name, member) !== 'none').map((m) => m.name);
  const statement = new TraceStatement(under);
  const id = recordId.toLowerCase();
  const caller = under.principal.values.userId ?? under.principal.values.clientId ?? '';
  const context = `readers:${canonicalJson([caller, name, id])}`;
  const where = [
    `e.action = 'READ'`,
    `e.changes ? 'records'`,
    `(e.changes->'records'->1) @> ${statement.value(JSON.stringify([id]), 'jsonb')}`,
    `(e.changes->'coordinates'->1) ?| ${statement.value(
      seen.map((member) => `${name}.${member}`),
      'text[]',
    )}`,
  ];
  const scope = under.authority.traceScope;
  if (scope.kind !== 'always') where.push(statement.scope(TRACE_OBJECT, 'e', scope));
  if (!all) where.push(recordVisible(statement, object, statement.value(id, 'uuid')));
  if (page.after) {
    const opened = deps.cursors.open(page.after, context);
    if (opened === null) throw new Fault('BAD_USER_INPUT', { message: 'A cursor works only where it came from.' });
    const [at, entry] = JSON.parse(opened) as [string, string];
    where.push(`(e.at, e.id) < (${statement.value(at, 'timestamptz')}, ${statement.value(entry, 'uuid')})`);
  }
  const most = statement.value(size + 1, 'bigint');
  const rows = await statement.json<ReadRow[]>(
    deps.pool,
    `select coalesce(json_agg(json_build_object('id', p.id, 'at', to_char(p.at at time zone 'UTC', ${INSTANT}),
      'userId', p.user_id, 'personId', p.person_id, 'clientId', p.client_id, 'sessionId', p.session_id,
      'requestId', p.request_id, 'reason', p.reason, 'coordinates', p.changes->'coordinates'->1)
      order by p.at desc, p.id desc), '[]')
    from (select * from audit_trace e where ${where.join(' and ')} order by e.at desc, e.id desc limit ${most}) p`,
  );
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  return {
    nodes: shown.map((row) =>
      readingOf(under, row, name, (member) => seen.includes(member) && !!memberOf(object, member)),
    ),
    endCursor: last ? deps.cursors.seal(JSON.stringify([last.at, last.id]), context) : null,
    hasNextPage: rows.length > size,
  };
}

function readingOf(under: DecidedUnder, row: ReadRow, object: string, sees: (member: string) => boolean): Reading {
  const { id: _id, coordinates, ...header } = row;
  const shown = Object.entries(header).map(([name, value]) => [name, showsHeader(under, name) ? value : null]);
  const own = coordinates.filter((coordinate) => coordinate.startsWith(`${object}.`));
  const fields = own.map((coordinate) => coordinate.slice(object.length + 1)).filter(sees);
  return { ...(Object.fromEntries(shown) as Omit<Reading, 'fields'>), fields };
}
