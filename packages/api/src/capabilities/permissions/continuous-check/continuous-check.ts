import type { MacKey } from '@countersign/crypto';
import { OBJECT_ACTIONS, type RightsClass } from '@countersign/policy';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { DecidedUnder, Snapshot } from '../../../path/rooms';
import type { PlanCache } from '../../../planner/plan-cache';
import type { Decision } from '../../../planner/read-plan';
import type { ChangeDecision } from '../../../records/decide-changes';
import { readPolicyText } from '../../../snapshot/load-policy';
import { rightsOf } from '../../../snapshot/rights-of';
import type { SnapshotStore } from '../../../snapshot/snapshot-store';
import { answerOf, type CellAnswer, cellsOf, cellText, lowerOf, type TableCell } from '../../../snapshot/table-cell';
import { writeEvent } from '../../audit';
import { OracleThread, type StartOracle } from './oracle-thread';

export interface ContinuousCheckDeps {
  readonly pool: Pool;
  readonly policyKey: MacKey;
  readonly plans: PlanCache;
  readonly log: Logger;
  readonly now: () => Date;
  /** How often a decision is looked at, in milliseconds; 0 is never. */
  readonly everyMs: number;
  readonly startOracle?: StartOracle;
}

/** What was answered for a class of rights a moment ago. */
interface Sample {
  readonly snapshot: Snapshot;
  readonly rights: RightsClass;
  readonly object: string;
  readonly answers: readonly Answered[];
}

interface Answered {
  readonly cell: TableCell;
  readonly answer: CellAnswer;
}

interface Difference extends Answered {
  readonly casbin: CellAnswer;
}

/** An oracle that does not start is not tried again every second. */
const LONGEST_PAUSE_MS = 300_000;

/**
 * Puts decisions that were just used to Casbin as it is meant to be used, all lines in one enforcer, in a thread of its
 * own: one at a time, and at most one in each interval. Decisions are taken as they came out of the plan cache, so that
 * a plan that answers the wrong caller is found as well as a table that holds a wrong cell.
 *
 * A difference lowers what differed for everybody at once, raises an alarm, and makes the tables anew. The whole object
 * is compared then: when it agrees, it is as before; when it differs, or ever does again under this policy version,
 * it answers POLICY_UNAVAILABLE until another version is published or the process begins anew.
 */
export class ContinuousCheck {
  private readonly oracle: OracleThread;
  private snapshots: SnapshotStore | null = null;
  private timer: NodeJS.Timeout | null = null;
  private due = false;
  private turn = 0;
  private failures = 0;
  private compared = 0;
  private differed = 0;
  /** An object that is lowered and waits for its new tables to be compared. Nothing else is looked at meanwhile. */
  private unsettled: Sample | null = null;
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly deps: ContinuousCheckDeps) {
    this.oracle = new OracleThread(deps.startOracle);
  }

  /** Answers that were compared since the start. */
  get comparisons(): number {
    return this.compared;
  }

  /** How often they differed since the start. */
  get alarms(): number {
    return this.differed;
  }

  /** Objects that are lowered or closed now. */
  get heldObjects(): number {
    return this.snapshots?.present?.guard.held ?? 0;
  }

  /** Begins to look. Does nothing when it is switched off. */
  begin(snapshots: SnapshotStore): void {
    if (this.deps.everyMs === 0) return;
    this.snapshots = snapshots;
    this.pause();
  }

  /** Resolves when nothing of it runs any more. */
  async end(): Promise<void> {
    this.snapshots = null;
    this.due = false;
    if (this.timer) clearTimeout(this.timer);
    await this.oracle.close();
    await this.working;
  }

  /** Notes what a read is answered under. INVARIANT: costs a look at a flag, except for one request in an interval. */
  sawRead(under: DecidedUnder, decisions: readonly Decision[]): void {
    if (!this.due || decisions.length === 0) return;
    this.turn += 1;
    const { coordinate, see } = decisions[this.turn % decisions.length]!;
    const [object, field] = coordinate.split('.') as [string, string];
    // Only what can be read is planned, so that was answered too.
    const readable: Answered = { cell: { kind: 'readable', object }, answer: true };
    this.take(under, object, [readable, { cell: { kind: 'see', object, field }, answer: see }]);
  }

  /** Notes what a change is decided under, allowed or not. INVARIANT: as for reads. */
  sawChanges(under: DecidedUnder, decisions: () => Iterable<ChangeDecision>): void {
    if (!this.due) return;
    const taken = [...decisions()];
    if (taken.length === 0) return;
    this.turn += 1;
    const { coordinate, action, allowed } = taken[this.turn % taken.length]!;
    const [object, field] = coordinate.split('.') as [string, string?];
    const act = OBJECT_ACTIONS.find((name) => name.toUpperCase() === action);
    if (field !== undefined) this.take(under, object, [{ cell: { kind: 'change', object, field }, answer: allowed }]);
    else if (act) this.take(under, object, [{ cell: { kind: 'act', object, action: act }, answer: allowed }]);
  }

  private take({ snapshot, principal }: DecidedUnder, object: string, answers: readonly Answered[]): void {
    // What is lowered or closed differs from Casbin on purpose; the installation is not decided by tables at all.
    if (!snapshot.guard.isPlain(object) || principal.kind === 'installation') return;
    if (snapshot.policyVersion === 0) return;
    this.due = false;
    this.work(() => this.examine({ snapshot, rights: rightsOf(principal), object, answers }));
  }

  private work(step: () => Promise<void>): void {
    this.working = step()
      .then(() => {
        this.failures = 0;
      })
      .catch((error: unknown) => {
        this.failures += 1;
        if (this.snapshots) this.deps.log.warn({ err: error }, 'a decision could not be compared with Casbin');
      })
      .then(() => this.pause());
  }

  private pause(): void {
    if (!this.snapshots) return;
    const { everyMs } = this.deps;
    const wait = Math.min(everyMs * 2 ** this.failures, Math.max(everyMs, LONGEST_PAUSE_MS));
    this.timer = setTimeout(() => {
      const { unsettled } = this;
      if (unsettled) this.work(() => this.settle(unsettled));
      else this.due = true;
    }, wait).unref();
  }

  private async examine(sample: Sample): Promise<void> {
    const differences = await this.compare(sample);
    // Under a version that is no longer in force nothing is answered, so nothing needs to be mended.
    if (differences.length === 0 || !this.snapshots?.serves(sample.snapshot)) return;
    const { guard } = sample.snapshot;
    if (guard.hasDiffered(sample.object)) return this.close(sample, differences);
    for (const { cell, answer, casbin } of differences) guard.lower(cell, lowerOf(answer, casbin));
    this.deps.plans.clear();
    this.unsettled = sample;
    await this.alarm(sample, differences, 'lowered');
    await this.settle(sample);
  }

  /** Makes the tables anew and compares the whole object. Throws when that cannot be done now; it stays lowered then. */
  private async settle(sample: Sample): Promise<void> {
    const world = await this.snapshots?.renew(sample.snapshot);
    if (!world) return;
    const { snapshot } = world;
    const { rights, object } = sample;
    const found = snapshot.catalogue.objects.get(object);
    if (!found || snapshot.policyVersion !== sample.snapshot.policyVersion) {
      this.unsettled = null;
      return;
    }
    const table = await snapshot.policy.tableFor(rights);
    const answers = cellsOf(found).map((cell): Answered => ({ cell, answer: answerOf(table, cell) }));
    const renewed: Sample = { snapshot, rights, object, answers };
    const differences = await this.compare(renewed);
    this.unsettled = null;
    if (differences.length > 0) return this.close(renewed, differences);
    snapshot.guard.restore(object);
    this.deps.plans.clear();
    await this.alarm(renewed, [], 'restored');
  }

  private async close(sample: Sample, differences: readonly Difference[]): Promise<void> {
    sample.snapshot.guard.close(sample.object);
    this.deps.plans.clear();
    await this.alarm(sample, differences, 'closed');
  }

  private async compare({ snapshot, rights, answers }: Sample): Promise<Difference[]> {
    const { policyVersion, catalogueRevision, catalogue } = snapshot;
    const load = async () => {
      const body = await readPolicyText(this.deps.pool, policyVersion, this.deps.policyKey);
      return { body, objects: [...catalogue.objects.values()] };
    };
    const cells = answers.map(({ cell }) => cell);
    const casbin = await this.oracle.ask({ key: `${policyVersion}:${catalogueRevision}`, load }, rights, cells);
    this.compared += answers.length;
    return answers
      .map((answered, index) => ({ ...answered, casbin: casbin[index]! }))
      .filter((one) => one.answer !== one.casbin);
  }

  /** Tells people: a line in the log, and an entry in the audit log where it can be written. */
  private async alarm(
    { snapshot, rights, object }: Sample,
    differences: readonly Difference[],
    standing: 'lowered' | 'closed' | 'restored',
  ): Promise<void> {
    const { pool, log, now } = this.deps;
    const { policyVersion } = snapshot;
    if (differences.length > 0) this.differed += 1;
    const shown = differences.slice(0, 20).map(({ cell, answer, casbin }) => {
      return { cell: cellText(cell), answer, casbin };
    });
    const about = { object, standing, policyVersion, ...rights, differences: shown };
    if (standing === 'restored') log.info(about, 'decisions agree with Casbin again');
    else log.error(about, 'decisions differ from Casbin');
    const slots = {
      standing: [null, standing],
      roles: [null, [...rights.roles]],
      scopes: [null, rights.scopes && [...rights.scopes]],
      lent: [null, rights.lent ? [...rights.lent] : null],
      differences: [null, shown],
    } as const;
    const reason = standing === 'restored' ? 'decisions agree with Casbin again' : 'decisions differ from Casbin';
    await writeEvent(pool, { action: 'SYSTEM', at: now(), policyVersion, object, reason, slots }).catch((error) =>
      log.error({ err: error, object }, 'that decisions differed could not be written into the audit log'),
    );
  }
}
