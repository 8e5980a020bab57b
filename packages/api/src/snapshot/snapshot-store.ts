import { type MacKey, sha256 } from '@countersign/crypto';
import { type Catalogue, catalogueText } from '@countersign/schema';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { Fault } from '../path/faults';
import type { Head, Snapshot } from '../path/rooms';
import { type Answering, type CatalogueGround, forbidOlderHead, loadPolicy } from './load-policy';
import { ObjectGuard } from './object-guard';
import { type CatalogueSchemas, createSnapshot } from './snapshot';

export interface CurrentWorld {
  readonly snapshot: Snapshot;
  readonly head: Head;
}

interface ServedCatalogue extends CatalogueGround {
  readonly schemas: CatalogueSchemas;
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
  private catalogue: ServedCatalogue;
  private next: ServedCatalogue | null = null;
  private readonly distrusted = new WeakSet<Snapshot>();

  constructor(
    private readonly pool: Pool,
    private readonly macKey: MacKey,
    private readonly log: Logger,
    catalogue: Catalogue,
    private readonly assemble: (catalogue: Catalogue) => CatalogueSchemas,
    private readonly adopt: (catalogue: Catalogue, revision: string) => Promise<void>,
  ) {
    this.catalogue = { value: catalogue, revision: catalogueRevision(catalogue), schemas: assemble(catalogue) };
  }

  /** What requests start under; loads it the first time. Throws POLICY_UNAVAILABLE. */
  current(): Promise<CurrentWorld> {
    return this.world && !this.distrusted.has(this.world.snapshot) ? Promise.resolve(this.world) : this.refresh();
  }

  /** What was loaded last; null before the first time. */
  get present(): Snapshot | null {
    return this.world?.snapshot ?? null;
  }

  /** Whether requests that start now are decided under it. */
  serves(snapshot: Snapshot): boolean {
    return this.world?.snapshot === snapshot && !this.distrusted.has(snapshot);
  }

  /**
   * Loads and compiles the policy version of a snapshot anew, as one of its decisions was found to be wrong. From now on
   * no request starts under that snapshot, whether or not the loading succeeds. Throws POLICY_UNAVAILABLE.
   */
  renew(snapshot: Snapshot): Promise<CurrentWorld> {
    this.distrusted.add(snapshot);
    return this.refresh();
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

  /**
   * Lets the policy in force adopt another catalogue, and serves from it. Requests that run keep their snapshot until
   * their statement finds the head moved.
   */
  async replaceCatalogue(catalogue: Catalogue): Promise<void> {
    const next = { value: catalogue, revision: catalogueRevision(catalogue), schemas: this.assemble(catalogue) };
    // From the moment of its publication on, what is loaded may be of either; the version says of which.
    this.next = next;
    await this.adopt(next.value, next.revision);
    this.catalogue = next;
    this.next = null;
    await this.refresh();
  }

  /** Lets the policy in force adopt the catalogue of this program, as after an upgrade. */
  async settleCatalogue(): Promise<void> {
    await this.adopt(this.catalogue.value, this.catalogue.revision);
  }

  private async load(): Promise<CurrentWorld> {
    const head = await readHead(this.pool);
    const known = this.world;
    // A head that goes back would bring back rights that were taken away.
    if (known && (head.policyVersion < known.head.policyVersion || head.peopleEpoch < known.head.peopleEpoch)) {
      this.log.error({ head, known: known.head }, 'the head went back');
      throw new Fault('POLICY_UNAVAILABLE', { inside: 'the head went back' });
    }
    await forbidOlderHead(this.pool, this.macKey);
    if (known && head.policyVersion === known.head.policyVersion && !this.distrusted.has(known.snapshot)) {
      this.world = { snapshot: known.snapshot, head };
      return this.world;
    }
    const grounds = this.next ? [this.catalogue, this.next] : [this.catalogue];
    const { records, ground, compiled } = await loadPolicy(this.pool, head.policyVersion, this.macKey, grounds);
    const before = known?.snapshot.policyVersion === head.policyVersion ? known.snapshot.guard : null;
    const snapshot = createSnapshot({
      catalogue: ground.value,
      catalogueRevision: ground.revision,
      policyVersion: head.policyVersion,
      policyRecords: records,
      policy: compiled,
      schemas: ground.schemas,
      guard: before?.heir() ?? ObjectGuard.fresh(),
    });
    this.world = { snapshot, head };
    return this.world;
  }
}

/** The one row that decides freshness. */
export async function readHead(pool: Answering): Promise<Head> {
  const { rows } = await pool.query('select policy_version, people_epoch from authority_head');
  const row = rows[0] as { policy_version: string; people_epoch: string } | undefined;
  if (!row) throw new Fault('POLICY_UNAVAILABLE', { inside: 'there is no head' });
  return { policyVersion: Number(row.policy_version), peopleEpoch: Number(row.people_epoch) };
}
