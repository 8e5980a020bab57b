import type { RootSecret } from '@countersign/crypto';
import type { Database } from '../../database/open-database';
import { createNotifiers } from './create-notifiers';
import type { NotifySettings } from './notify-settings';
import { Outbox } from './outbox';
import type { OutboxDeps } from './outbox-deps';

export interface OutboxParts extends Pick<OutboxDeps, 'snapshots' | 'rowKey' | 'topics' | 'holdersOf' | 'now' | 'log'> {
  readonly settings: { readonly notify: NotifySettings; readonly publicUrl?: string };
  readonly database: Database;
  readonly root: RootSecret;
}

/** The outbox with the ways that the settings name. It does nothing before it is started. */
export function openOutbox({ settings, database, root, ...parts }: OutboxParts): Outbox {
  const { notify, publicUrl = null } = settings;
  const { log, now } = parts;
  const notifiers = createNotifiers(notify, { root, log, now, publicUrl });
  const { jobs, dataSource } = database;
  return new Outbox({ ...parts, jobs, dataSource, notifiers, pollMs: notify.pollMs });
}
