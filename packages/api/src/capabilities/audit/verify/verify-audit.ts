import { readFileSync } from 'node:fs';
import type { Catalogue } from '@countersign/schema';
import type { Pool } from 'pg';
import { withinTransaction } from '../../../database/within-transaction';
import { headsIn } from '../anchors/file-anchor';
import type { AuditDesk } from '../audit-desk';
import { measureTail } from '../log/measure-tail';
import type { SignedHead } from '../log/tree-head';
import { type Finding, Findings } from './finding';
import { type LogReport, verifyLog } from './verify-log';
import { type RecordsReport, verifyRecords } from './verify-records';

export interface AuditVerification {
  readonly log: LogReport;
  /** Null when records were not asked for. */
  readonly records: RecordsReport | null;
  readonly tailSeconds: number;
  /** Where anchored heads came from. Empty: an older backup would not be noticed. */
  readonly anchors: readonly string[];
  /** Every finding is counted; only the first are listed. */
  readonly found: number;
  readonly findings: readonly Finding[];
}

export interface VerificationDeps {
  readonly pool: Pool;
  readonly desk: AuditDesk;
  readonly anchorFile: string;
  readonly catalogue: Catalogue;
}

/**
 * Verifies a live log, and with `records` every record against its traces, all in one view of the database: what is
 * written meanwhile does not disturb it.
 */
export async function verifyAudit(
  { pool, desk, anchorFile, catalogue }: VerificationDeps,
  { records = false }: { readonly records?: boolean } = {},
): Promise<AuditVerification> {
  const findings = new Findings();
  // Anchors are read first: a head that is anchored later than our view of the database would look like a fork.
  const { heads, places } = await anchoredHeads(desk, anchorFile);
  return withinTransaction(
    pool,
    async (client) => {
      await client.query('set local statement_timeout = 0');
      const log = await verifyLog({ db: client, keys: desk.signer, anchored: heads, findings });
      const checked = records ? await verifyRecords(client, catalogue, findings) : null;
      const { ageMs } = await measureTail(client, log.anchored, 0);
      return {
        log,
        records: checked,
        tailSeconds: Math.round(ageMs / 1000),
        anchors: places,
        found: findings.count,
        findings: findings.list,
      };
    },
    'isolation level repeatable read read only',
  );
}

async function anchoredHeads(desk: AuditDesk, file: string): Promise<{ heads: SignedHead[]; places: string[] }> {
  const heads: SignedHead[] = [];
  const places: string[] = [];
  const kept = read(file);
  if (kept !== null) {
    heads.push(...headsIn(kept));
    places.push(file);
  }
  // The file was read whole; of every other anchor the newest head is enough, as it covers all before it.
  for (const anchor of desk.anchors.slice(1)) {
    const head = await anchor.latest();
    places.push(anchor.name);
    if (head !== null) heads.push(head);
  }
  return { heads, places };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
