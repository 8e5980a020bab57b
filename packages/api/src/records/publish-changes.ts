import { PolicyInvalid } from '@countersign/policy';
import type { TraceContext } from '../capabilities/audit';
import { writeEvent } from '../capabilities/audit';
import type { Transaction } from '../database/sql-runner';
import { Fault } from '../path/faults';
import type { Authority, DecidedUnder, Head, Snapshot } from '../path/rooms';
import { isPolicyObject, POLICY_OBJECTS, type PolicyRecordChange, withChanges } from '../snapshot/policy-records';
import { publishPolicy } from '../snapshot/publish-policy';
import { moveHead } from './authority-head';
import type { CarryOutDeps } from './change';
import { type Change, type RecordWrite, Refused } from './change';
import { sameImage } from './record-changes';
import { refuseUnlendable } from './refuse-unlendable';

/** True for a set that changes who may do what. It takes the head before anything else. */
export function changesRights(changes: readonly Change[]): boolean {
  return changes.some(({ object }) => object.authenticated || isPolicyObject(object.name));
}

/**
 * A configuration record that is not what was published has been changed behind the gateway's back. Such a row has no
 * effect, and a change on top of it would give it one. Throws CONFLICT.
 */
export function forbidDrift({ snapshot }: Pick<DecidedUnder, 'snapshot'>, writes: readonly RecordWrite[]): void {
  for (const { change, before } of writes) {
    const { name } = change.object;
    if (before === null || !isPolicyObject(name)) continue;
    const published = snapshot.policyRecords.records[name][change.id];
    if (!published || !sameImage(change.object, before, published)) {
      throw new Fault('CONFLICT', {
        inside: `${name} ${change.id} differs from policy version ${snapshot.policyVersion}`,
      });
    }
  }
}

/**
 * Publishes a policy version if configuration has changed, raises the people epoch if assignments, memberships or
 * sign-ins have, and moves the head. Gives the head that counts from the commit on. Throws Refused with POLICY_INVALID.
 */
export async function publishChanges(
  tx: Transaction,
  { macKeys, gate }: Pick<CarryOutDeps, 'macKeys' | 'gate'>,
  { snapshot, head, authority, principal }: DecidedUnder,
  writes: readonly RecordWrite[],
  trace: TraceContext,
): Promise<Head> {
  const people = writes.some(({ change }) => change.object.authenticated);
  const changes = writes.flatMap(({ change, after }): PolicyRecordChange[] => {
    const { name } = change.object;
    return isPolicyObject(name) ? [{ object: name, id: change.id, image: after }] : [];
  });
  let policyVersion = head.policyVersion;
  const { catalogue, catalogueRevision } = snapshot;
  const policyRecords = withChanges(snapshot.policyRecords, catalogueRevision, changes);
  refuseUnlendable({ catalogue, policyRecords }, { snapshot, principal }, writes, trace.at);
  const gates = await gate.latch(tx, { catalogue, policyRecords }, trace.at);
  if (changes.length > 0 || gates) {
    const published = await refusingInvalid(authority, snapshot, () =>
      publishPolicy(tx, snapshot, changes, macKeys.policy, { now: trace.at, userId: trace.userId }, gates),
    );
    policyVersion = published.version;
    const slots = { policyVersion: [head.policyVersion, policyVersion], sha256: [null, published.sha256] } as const;
    await writeEvent(tx, { ...trace, action: 'PUBLISH', slots });
  }
  const moved: Head = { policyVersion, peopleEpoch: head.peopleEpoch + (people ? 1 : 0) };
  await moveHead(tx, head, moved);
  return moved;
}

async function refusingInvalid<T>(authority: Authority, snapshot: Snapshot, publish: () => Promise<T>): Promise<T> {
  try {
    return await publish();
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error;
    const told = seesWholePolicy(authority, snapshot) ? error.problems : ['The policy would not be sound.'];
    throw new Refused(told.map((message) => ({ code: 'POLICY_INVALID', field: null, message })));
  }
}

/** What is wrong with a policy names roles and groups, those too that the change does not mention. */
function seesWholePolicy({ table, readScope, cellRules }: Authority, { policyRecords }: Snapshot): boolean {
  const namesAreClear = ['Role', 'SharingGroup'].every((object) => table.see(object, 'name') === 'clear');
  // Of what there is none, nothing can be told: an installation from before cell rules has given nobody a look at them.
  const spoken = POLICY_OBJECTS.filter((name) => Object.keys(policyRecords.records[name]).length > 0);
  return (
    namesAreClear &&
    spoken.every((name) => {
      return table.readable(name) && readScope(name).kind === 'always' && cellRules(name).size === 0;
    })
  );
}
