import { type MacKey, sha256 } from '@countersign/crypto';
import { type Catalogue, catalogueText } from '@countersign/schema';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { loadPolicy } from '../capabilities/permissions/load-policy';
import { Fault } from '../path/faults';
import type { Head } from '../path/rooms';
import { type CatalogueSchemas, createSnapshot, type Snapshot } from './snapshot';

export interface CurrentWorld {
  readonly snapshot: Snapshot;
  readonly head: Head;
}

/** The revision of a catalogue: part of every policy version made for it. */
export function catalogueRevision(catalogue: Catalogue): string {
  return sha256(catalogueText(catalogue)).toString('hex');
}

/**
 * Holds the snapshot that requests start under. It may lag behind the database: every statement checks the head itself,
 * and what finds it moved calls `refresh`. So freshness never depends on a notification arriving.
 */
export class SnapshotStore {
  private world: CurrentWorld | null = null;
  private refreshing: Promise<CurrentWorld> | null = null;
  private catalogue: { readonly value: Catalogue; readonly revision: string; readonly schemas: CatalogueSchemas };

  constructor(
    private readonly pool: Pool,
    private readonly macKey: MacKey,
    private readonly log: Logger,
    catalogue: Catalogue,
    private readonly assemble: (catalogue: Catalogue) => CatalogueSchemas,
  ) {
    this.catalogue = { value: catalogue, revision: catalogueRevision(catalogue), schemas: assemble(catalogue) };
  }

  /** What requests start under; loads it the first time. Throws POLICY_UNAVAILABLE. */
  current(): Promise<CurrentWorld> {
    return this.world ? Promise.resolve(this.world) : this.refresh();
  }

  /** Reads the head and loads what it names. Callers at the same time share the work only if it began after they asked. */
  async refresh(): Promise<CurrentWorld> {
    if (this.refreshing) {
      // That one may have read the head before the change that brought us here.
      await this.refreshing.catch(() => undefined);
    }
    this.refreshing ??= this.load().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  /** The catalogue of the next snapshot. Requests that run keep theirs. */
  async replaceCatalogue(catalogue: Catalogue): Promise<void> {
    this.catalogue = { value: catalogue, revision: catalogueRevision(catalogue), schemas: this.assemble(catalogue) };
    this.world = null;
    await this.refresh();
  }

  private async load(): Promise<CurrentWorld> {
    const head = await readHead(this.pool);
    const known = this.world;
    // A head that goes back would bring back rights that were taken away.
    if (known && head.policyVersion < known.head.policyVersion) {
      this.log.error({ head, known: known.head }, 'the head names an older policy version');
      throw new Fault('POLICY_UNAVAILABLE', { inside: 'the head went back' });
    }
    if (known && head.policyVersion === known.head.policyVersion && known.snapshot.catalogueRevision === this.catalogue.revision) {
      this.world = { snapshot: known.snapshot, head };
      return this.world;
    }
    const { value, revision, schemas } = this.catalogue;
    const loaded = await loadPolicy(this.pool, head.policyVersion, {
      catalogue: value,
      catalogueRevision: revision,
      macKey: this.macKey,
    });
    const snapshot = createSnapshot({
      catalogue: value,
      catalogueRevision: revision,
      policyVersion: head.policyVersion,
      policyRecords: loaded.records,
      policy: loaded.compiled,
      schemas,
    });
    this.world = { snapshot, head };
    return this.world;
  }
}

/** The one row that decides freshness. */
export async function readHead(pool: Pick<Pool, 'query'>): Promise<Head> {
  const { rows } = await pool.query<{ policy_version: string; people_epoch: string }>(
    'select policy_version, people_epoch from authority_head',
  );
  const row = rows[0];
  if (!row) throw new Fault('POLICY_UNAVAILABLE', { inside: 'there is no head' });
  return { policyVersion: Number(row.policy_version), peopleEpoch: Number(row.people_epoch) };
}
