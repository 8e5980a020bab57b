import type { MacKey } from '@countersign/crypto';
import { BoundedMap } from '../../path/bounded-map';
import type { Snapshot } from '../../path/rooms';
import { type Answering, type CatalogueGround, type LoadedPolicy, loadPolicy } from '../../snapshot/load-policy';

const MOST_KEPT = 4;

/** Policy versions that are no longer in force, for explaining what was decided under them. They decide nothing. */
export class HistoricPolicies {
  private readonly loaded = new BoundedMap<Promise<LoadedPolicy<CatalogueGround>>>(MOST_KEPT);

  constructor(
    private readonly pool: Answering,
    private readonly macKey: MacKey,
  ) {}

  /** A published version with a valid MAC, over the catalogue of today. Throws POLICY_UNAVAILABLE. */
  load({ catalogue, catalogueRevision }: Snapshot, version: number): Promise<LoadedPolicy<CatalogueGround>> {
    const key = `${catalogueRevision}:${version}`;
    const known = this.loaded.get(key);
    if (known) return known;
    const loading = loadPolicy(this.pool, version, this.macKey, [{ value: catalogue, revision: catalogueRevision }]);
    this.loaded.set(key, loading);
    loading.catch(() => this.loaded.delete(key));
    return loading;
  }
}
