import { readFileSync } from 'node:fs';
import path from 'node:path';
import { builtinCatalogue } from '@countersign/schema';
import { Client } from 'pg';
import { headsIn } from '../../../src/capabilities/audit/anchors/file-anchor';
import { Findings } from '../../../src/capabilities/audit/verify/finding';
import { verifyLog } from '../../../src/capabilities/audit/verify/verify-log';
import { verifyRecords } from '../../../src/capabilities/audit/verify/verify-records';
import type { TestGateway } from '../../harness/test-gateway';
import type { Acknowledged } from './load';

interface PendingRow {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly outcome: string | null;
  readonly effective_at: Date | null;
}

const ENDED = ['APPLIED', 'REJECTED', 'WITHDRAWN', 'EXPIRED', 'CONFLICTED'];

/** Everything that was done about each pending change, as the log has it. */
export async function expectNothingLostOrTwice(
  home: TestGateway,
  acknowledged: ReadonlyMap<string, Acknowledged>,
): Promise<Record<string, number>> {
  const rows = (await home.sql(
    'select id::text as id, status, reason, outcome, effective_at from pending_change',
  )) as unknown as PendingRow[];
  const done = (await home.sql(`select record_id::text as record, at, substring(reason from 16 for 36) as pending
    from audit_entry where reason like 'Pending change %' and action in ('CREATE','UPDATE','DELETE')`)) as unknown as {
    record: string;
    at: Date;
    pending: string;
  }[];
  const byChange = new Map<string, { record: string; at: Date }[]>();
  for (const { pending, ...entry } of done) byChange.set(pending, [...(byChange.get(pending) ?? []), entry]);

  // Once and whole: an entry for each of its records and for the change itself; else none at all.
  const wrong = rows.filter(({ id, status, reason }) => {
    const expected = status === 'APPLIED' ? [...(reason ?? '').split(' '), id].sort() : [];
    const found = (byChange.get(id) ?? []).map(({ record }) => record).sort();
    return JSON.stringify(found) !== JSON.stringify(expected);
  });
  expect(wrong).toEqual([]);
  // Not before its day.
  const early = rows.filter(
    ({ id, effective_at: day }) => day !== null && (byChange.get(id) ?? []).some(({ at }) => at < day),
  );
  expect(early).toEqual([]);

  const now = new Map(rows.map((row) => [row.id, row]));
  const lost = [...acknowledged].filter(([id, { status, takenBack, edited }]) => {
    const row = now.get(id);
    if (!row || row.status === 'APPROVED') return true;
    switch (status) {
      case 'PENDING':
        return !(row.status === 'PENDING' || ENDED.includes(row.status));
      case 'APPROVED':
        // Agreed, and then the gateway was killed: applied by itself, or said why not.
        return !(
          row.status === 'APPLIED' ||
          (row.status === 'CONFLICTED' && row.outcome) ||
          (takenBack && row.status === 'WITHDRAWN') ||
          edited
        );
      case 'CONFLICTED':
        return !(row.status === 'CONFLICTED' || takenBack || edited);
      case 'REJECTED':
        return !(row.status === 'REJECTED' || edited);
      case 'WITHDRAWN':
        return !(row.status === 'WITHDRAWN' || edited);
      default:
        return row.status !== status;
    }
  });
  expect(lost).toEqual([]);
  const count = (status: string) => rows.filter((row) => row.status === status).length;
  return Object.fromEntries(['PENDING', ...ENDED].map((status) => [status.toLowerCase(), count(status)]));
}

/** Versions are traces, and `audit verify --records` finds nothing. */
export async function expectLogClean(home: TestGateway, anchors: readonly string[]): Promise<Record<string, number>> {
  const { keeper, signer } = home.core.audit;
  await keeper.round();
  expect(keeper.figures).toMatchObject({ alarmed: false, queued: 0 });
  const sql = new Client({ connectionString: home.database.gatewayUrl, options: '-c search_path=countersign' });
  await sql.connect();
  try {
    const { rows } = await sql.query(`select t.id, t.version, count(e.*)::int as traces
      from (select id, version from price union all select id, version from pending_change) t
      left join audit_entry e on e.record_id=t.id group by 1, 2 having t.version <> count(e.*)`);
    expect(rows).toEqual([]);
    const files = [...anchors, path.join(home.dataDir, 'audit-anchor.ndjson')];
    const anchored = files.flatMap((file) => headsIn(readFileSync(file, 'utf8')));
    const findings = new Findings();
    await sql.query('begin isolation level repeatable read');
    const report = await verifyLog({ db: sql, keys: signer, anchored, findings });
    const { records } = await verifyRecords(sql, builtinCatalogue(), findings);
    expect(findings.list).toEqual([]);
    return { entries: report.leaves, heads: report.heads, anchored: anchored.length, records };
  } finally {
    await sql.end();
  }
}
