import * as writeRecords from '@countersign/api/dist/records/write-records';
import * as statements from '@countersign/api/dist/records/write-statements';

/*
 * The gateway's own writing transaction without its trace. It exists for this comparison only and is put in from the
 * outside: the product has no way to write without one.
 */

type WriteRecords = typeof writeRecords.writeRecords;

const modules = writeRecords as unknown as { writeRecords: WriteRecords };
const traced = modules.writeRecords;

/** Makes further changes of this process traced, as they are, or untraced. */
export function traceChanges(trace: boolean): void {
  modules.writeRecords = trace ? traced : untraced;
}

const untraced: WriteRecords = async (tx, writes) => {
  for (const { change, before, after } of writes) {
    if (change.verb !== 'update' || before === null || after === null) throw new Error('Only updates are compared.');
    const changed = Object.keys(writeRecords.slotsOf(change.object, before, after));
    const whole = statements.updateStatement(change.object, changed);
    // `with written as (update … returning 1), entries as (…) select …`: the update by itself.
    const update = whole.slice(whole.indexOf('(') + 1, whole.indexOf(' returning 1)'));
    await tx.query(update, [JSON.stringify([after])]);
  }
};
