import type { Core } from '@countersign/api/dist/compose';
import { applyChanges } from '@countersign/api/dist/path/write-path';
import { installationUnder } from '@countersign/api/dist/records/installation';
import type { Pool } from 'pg';
import { traceChanges } from './untraced-writes';

/** One way to change the notes of an invoice. */
export interface Writer {
  readonly name: string;
  /** Before its round. */
  begin(): Promise<void>;
  /** What its changes still owe when the round is over; within the time that is measured. */
  end?(): Promise<void>;
  write(invoiceId: string, text: string): Promise<void>;
}

/** What the others are compared with: the same transaction without its trace, and a bare statement. */
export const UNTRACED = 'without its trace';
export const BARE = 'bare statement';

/**
 * The gateway's writing transaction with its trace and without it, the log being sealed, signed and anchored meanwhile as in
 * every gateway up to the last change of the round; and one autocommit statement that sets the same
 * columns and nothing else: no lock, no row scope, no look at the head.
 */
export function writeContestants(core: Core, pool: Pool): Writer[] {
  const gateway = (name: string, trace: boolean): Writer => {
    let under = core.snapshots.current().then(installationUnder);
    return {
      name,
      async begin() {
        traceChanges(trace);
        under = Promise.resolve(installationUnder(await core.snapshots.current()));
        await under;
        if (trace) await core.audit.keeper.start(core.settings.audit.checkpointSeconds * 1000);
      },
      async end() {
        if (trace) await core.audit.keeper.stop();
      },
      async write(id, notes) {
        const meta = { requestId: 'bench', now: core.now() };
        const change = { verb: 'update', object: 'Invoice', id, input: { notes } } as const;
        const outcome = await applyChanges(core.writes, await under, meta, [change]);
        if (outcome.kind !== 'applied') throw new Error('A change was refused.');
      },
    };
  };
  return [
    gateway('traced', true),
    gateway(UNTRACED, false),
    {
      name: BARE,
      async begin() {},
      async write(id, notes) {
        const { rowCount } = await pool.query({
          name: 'bare',
          text: 'update invoice set notes=$2, version=version+1, updated_at=$3, updated_by=null where id=$1',
          values: [id, notes, core.now()],
        });
        if (rowCount !== 1) throw new Error('A change met no record.');
      },
    },
  ];
}
