import type { MacKey } from '@countersign/crypto';
import { PolicyInvalid } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { DataSource } from 'typeorm';
import { DatabaseUnfit } from '../../database/database-unfit';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { moveHead, takeHead } from '../../records/authority-head';
import { type Answering, readPolicyRecords } from '../../snapshot/load-policy';
import { publishPolicy } from '../../snapshot/publish-policy';
import { readHead } from '../../snapshot/snapshot-store';
import { writeEvent } from '../audit';

export interface AdoptDeps {
  readonly dataSource: DataSource;
  readonly policyKey: MacKey;
  readonly now: () => Date;
}

/**
 * Publishes the policy in force again for another catalogue: after an upgrade that brought fields, or when an object was
 * added while the gateway runs. Nothing is granted by it: what no line names stays closed. Does nothing when the version
 * in force was made for this catalogue already, or when there is none.
 *
 * Gateways that still hold the old catalogue answer POLICY_UNAVAILABLE from then on. Throws DatabaseUnfit when the policy
 * names something that the catalogue no longer has.
 */
export async function adoptCatalogue(deps: AdoptDeps, catalogue: Catalogue, catalogueRevision: string): Promise<void> {
  // Most starts find nothing to do, and then they hold nobody up.
  const { policyVersion } = await readHead(on(deps.dataSource));
  if (policyVersion === 0) return;
  const inForce = await readPolicyRecords(on(deps.dataSource), policyVersion, deps.policyKey);
  if (inForce.catalogueRevision === catalogueRevision) return;
  await deps.dataSource.transaction(async (tx) => {
    const head = await takeHead(tx);
    // Another gateway may have done it meanwhile, or published something else.
    const policyRecords = await readPolicyRecords(on(tx), head.policyVersion, deps.policyKey);
    if (policyRecords.catalogueRevision === catalogueRevision) return;
    const ground = { catalogue, catalogueRevision, policyVersion: head.policyVersion, policyRecords };
    const published = await publish(() =>
      publishPolicy(tx, ground, [], deps.policyKey, { now: deps.now(), userId: null }),
    );
    await writeEvent(tx, {
      action: 'PUBLISH',
      at: deps.now(),
      policyVersion: head.policyVersion,
      reason: 'published again for another catalogue',
      slots: { policyVersion: [head.policyVersion, published.version], sha256: [null, published.sha256] },
    });
    await moveHead(tx, head, { ...head, policyVersion: published.version });
  });
}

function on(runner: Transaction): Answering {
  return { query: async (text, values) => ({ rows: await rowsOf(runner, text, values) }) };
}

async function publish<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error;
    throw new DatabaseUnfit(
      `The policy in force does not fit this version's objects and fields: ${error.problems.join('; ')}`,
    );
  }
}
