import type { MacKey } from '@countersign/crypto';
import type { DataSource } from 'typeorm';
import type { PayloadKeys } from './pending-payload';

/** What the queue is kept with. */
export interface QueueDeps {
  readonly dataSource: DataSource;
  readonly macKeys: { readonly policy: MacKey; readonly rows: MacKey };
  readonly payloadKeys: PayloadKeys;
}
