import type { MacKey } from '@countersign/crypto';
import type { Catalogue } from '@countersign/schema';
import type { DataSource } from 'typeorm';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { moveHead, takeHead } from '../../records/authority-head';
import { readPolicyRecords } from '../../snapshot/load-policy';
import { publishPolicy } from '../../snapshot/publish-policy';
import { writeEvent } from '../audit';

export interface OpenGatesDeps {
  readonly dataSource: DataSource;
  readonly policyKey: MacKey;
}

/**
 * The offline ceremony: opens the gates until a moment, because those who could agree are gone. Whoever performs it holds
 * the root secret and the database; it leaves a trace and publishes a version, and the gates close again by themselves.
 */
export async function openGates(
  { dataSource, policyKey }: OpenGatesDeps,
  { catalogue, catalogueRevision }: { readonly catalogue: Catalogue; readonly catalogueRevision: string },
  { now, until, reason }: { readonly now: Date; readonly until: Date; readonly reason: string },
): Promise<void> {
  await dataSource.transaction(async (tx: Transaction) => {
    const head = await takeHead(tx);
    const on = { query: async (text: string, values?: unknown[]) => ({ rows: await rowsOf(tx, text, values) }) };
    const policyRecords = await readPolicyRecords(on, head.policyVersion, policyKey);
    const ground = { catalogue, catalogueRevision, policyVersion: head.policyVersion, policyRecords };
    const gates = { closed: true, openUntil: until.toISOString() };
    const published = await publishPolicy(tx, ground, [], policyKey, { now, userId: null }, gates);
    const slots = {
      gatesOpenUntil: [policyRecords.gates?.openUntil ?? null, gates.openUntil],
      policyVersion: [head.policyVersion, published.version],
    } as const;
    await writeEvent(tx, { action: 'SYSTEM', at: now, policyVersion: head.policyVersion, reason, slots });
    await moveHead(tx, head, { ...head, policyVersion: published.version });
  });
}
