import { readFileSync } from 'node:fs';
import path from 'node:path';
import { builtinCatalogue } from '@countersign/schema';
import { Client } from 'pg';
import { headsIn } from '../../src/capabilities/audit/anchors/file-anchor';
import { sealCheckpoint } from '../../src/capabilities/audit/log/seal-checkpoint';
import type { SignedHead } from '../../src/capabilities/audit/log/tree-head';
import { type Finding, Findings } from '../../src/capabilities/audit/verify/finding';
import { verifyLog } from '../../src/capabilities/audit/verify/verify-log';
import { verifyRecords } from '../../src/capabilities/audit/verify/verify-records';
import { sampleLedger } from './sample-ledger';
import { startTestGateway, type TestGateway } from './test-gateway';

/** What an edit was made to: a report that names none of it has not found it. */
export interface Target {
  readonly entries?: readonly string[];
  readonly positions?: readonly [from: number, to: number];
  readonly records?: readonly string[];
}

export const AUDIT_TABLES = ['audit_entry', 'audit_value', 'audit_unsealed', 'audit_leaf', 'audit_node', 'audit_head'];
const RECORD_TABLES = [...builtinCatalogue().objects.values()]
  .filter(({ name }) => name !== 'AuditEntry')
  .map(({ table }) => table);

const SMALL = 40;
/** A finding about more positions than this tells nothing about one of them. */
const TELLING = 130;

/** A ledger with a sealed and anchored history in small checkpoints, and the means to forge it in every way. */
export class TamperWorld {
  private constructor(
    readonly gateway: TestGateway,
    /** The server's superuser: whoever owns the database, at their worst. */
    readonly intruder: Client,
    readonly anchored: readonly SignedHead[],
    readonly leaves: readonly string[],
  ) {}

  static async open(): Promise<TamperWorld> {
    const gateway = await startTestGateway({
      settings: { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200' },
    });
    await sampleLedger(gateway);
    const { keeper, signer } = gateway.core.audit;
    const { pool } = gateway.core.database;
    // Small checkpoints, so that a head tells closely where the log was changed.
    for (let added = SMALL; added === SMALL; ) {
      added = (await sealCheckpoint({ pool, signer, now: () => new Date() }, SMALL))?.added ?? 0;
    }
    const contacts = await gateway.sql('select id from contact order by id');
    const change = async (from: number, to: number) => {
      for (const [n, { id }] of contacts.slice(from, to).entries()) {
        for (const phone of ['+1', '+2', '+3']) {
          await gateway.install([{ verb: 'update', object: 'Contact', id, input: { phone: `${phone} ${n}` } }]);
        }
        await gateway.install([{ verb: 'create', object: 'Person', input: { fullName: `Nora Ewcomer ${from}${n}` } }]);
        await keeper.round();
      }
    };
    await change(0, 6);
    const copies = [...AUDIT_TABLES, ...RECORD_TABLES].map(
      (name) => `create table backup.${name} as select * from ${name}`,
    );
    await gateway.sql(`create schema backup; ${copies.join(';')}`);
    await change(6, 12);
    const intruder = new Client({ connectionString: gateway.database.adminUrl, options: '-c search_path=countersign' });
    await intruder.connect();
    const { rows } = await intruder.query('select entry_id from audit_leaf order by position');
    const anchored = headsIn(readFileSync(path.join(gateway.dataDir, 'audit-anchor.ndjson'), 'utf8'));
    return new TamperWorld(
      gateway,
      intruder,
      anchored,
      rows.map(({ entry_id: id }) => id),
    );
  }

  /** Makes an edit, verifies in its sight, and takes it back. */
  async under(edit: (sql: Client) => Promise<Target>): Promise<{ target: Target; findings: readonly Finding[] }> {
    const { intruder, anchored, gateway } = this;
    const findings = new Findings();
    await intruder.query('begin');
    try {
      await intruder.query('set local session_replication_role = replica');
      const target = await edit(intruder);
      await verifyLog({ db: intruder, keys: gateway.core.audit.signer, anchored, findings });
      await verifyRecords(intruder, builtinCatalogue(), findings);
      return { target, findings: findings.list };
    } finally {
      await intruder.query('rollback');
    }
  }

  /** Everything as it was at the time of the backup, records included. */
  async restoreBackup(sql: Client, tables: readonly string[] = [...AUDIT_TABLES, ...RECORD_TABLES]): Promise<void> {
    await sql.query(`truncate ${tables.join(', ')} cascade`);
    for (const name of tables) await sql.query(`insert into ${name} select * from backup.${name}`);
  }

  async close(): Promise<void> {
    await this.intruder?.end();
    await this.gateway?.stop();
  }
}

/** Whether a report names what was edited: the entry, its position or a range around it, or the record. */
export function names(findings: readonly Finding[], { entries = [], positions, records = [] }: Target): boolean {
  return findings.some(
    (finding) =>
      entries.some((id) => finding.entries?.includes(id)) ||
      records.some((record) => finding.record === record) ||
      (positions !== undefined &&
        finding.positions !== undefined &&
        finding.positions[1] - finding.positions[0] <= Math.max(TELLING, positions[1] - positions[0]) &&
        finding.positions[0] < positions[1] &&
        positions[0] < finding.positions[1]),
  );
}
