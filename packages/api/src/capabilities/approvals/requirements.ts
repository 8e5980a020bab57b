import type { MacKey } from '@countersign/crypto';
import type { ApprovalLevel, ApprovalRule, Requirement } from '@countersign/policy';
import { memberOf, objectOf } from '@countersign/schema';
import { imageText, type RecordImage } from '../../database/record-image';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import type { Snapshot } from '../../path/rooms';
import type { RecordWrite } from '../../records/change';
import { holdersOf } from './approvers';
import type { DecisionRow } from './pending-change';
import type { HoldingRule } from './rules-that-hold';

/** A demand with what it takes to tell when its time is out. */
export interface TimedRequirement extends Requirement {
  readonly timeoutHours: number | null;
  readonly escalates: boolean;
}

export interface RequirementGround {
  readonly snapshot: Pick<Snapshot, 'catalogue' | 'policyRecords'>;
  readonly rowKey: MacKey;
  /** The person who asks, who signs nothing of it. */
  readonly maker: string | null;
  readonly now: Date;
  /** Since when the present level waits; a level that does not wait yet has no time to be out. */
  readonly waiting: { readonly level: number; readonly since: Date } | null;
  /** What was signed so far, by whom: an escalation that was followed does not end with the level. */
  readonly signed: readonly Pick<DecisionRow, 'level' | 'person' | 'onBehalfOf' | 'createdAt'>[];
  readonly askedAt: string | null;
}

/** What the rules demand, with the people who can meet it at this moment. */
export async function requirementsOf(
  tx: Transaction,
  ground: RequirementGround,
  holding: readonly HoldingRule[],
  /** Persons whom paths led to before, by the id of the level. */
  once: Readonly<Record<string, readonly string[]>> = {},
): Promise<TimedRequirement[]> {
  const asked = new Asked(tx, ground);
  const found: TimedRequirement[] = [];
  for (const { rule, writes } of holding) {
    for (const level of rule.levels) {
      for (const { key, people } of await asked.approversOf(level, writes, once[level.id])) {
        const without = (all: Iterable<string>) => new Set([...all].filter((person) => person !== ground.maker));
        found.push(demand(rule, level, key, without(people), without(await asked.escalatedTo(level))));
      }
    }
  }
  return found;
}

function demand(
  rule: ApprovalRule,
  level: ApprovalLevel,
  key: string,
  people: ReadonlySet<string>,
  others: ReadonlySet<string>,
): TimedRequirement {
  const { id: ruleId, name: ruleName } = rule;
  const { timeoutHours, escalateTo } = level;
  const eligible = new Set([...people, ...others]);
  // Who may sign as well makes "all" no more than it was.
  const quorum = level.quorum === 'all' && eligible.size > people.size ? Math.max(1, people.size) : level.quorum;
  return { key, ruleId, ruleName, level: level.level, quorum, eligible, timeoutHours, escalates: escalateTo !== null };
}

/** The persons whom paths lead to, by the id of the level: who is asked once is not let off by another owner. */
export function pathEnds(requirements: readonly Requirement[]): Record<string, string[]> {
  const ends: Record<string, string[]> = {};
  for (const { key } of requirements) {
    const [level, person] = key.split(':');
    if (person !== undefined && person !== NOBODY) ends[level!] = [...(ends[level!] ?? []), person];
  }
  return ends;
}

const NOBODY = 'nobody';

/** Looks up each role once. */
class Asked {
  private readonly roles = new Map<string, Promise<Set<string>>>();

  constructor(
    private readonly tx: Transaction,
    private readonly ground: RequirementGround,
  ) {}

  /** One demand for a role or a person; for a path one for each person that it leads to, and for nobody too. */
  async approversOf(
    { id, approver }: ApprovalLevel,
    writes: readonly RecordWrite[],
    once: readonly string[] = [],
  ): Promise<{ key: string; people: Iterable<string> }[]> {
    switch (approver.kind) {
      case 'role':
        return [{ key: id, people: await this.holders(approver.role) }];
      case 'person':
        return [{ key: id, people: [approver.person] }];
      case 'path': {
        const ends = new Set<string | null>(once);
        for (const write of writes) ends.add(await this.endOf(write, approver.path));
        // Records that are gone lead to nobody; the demand stays.
        if (ends.size === 0) ends.add(null);
        return [...ends].map((end) => ({ key: `${id}:${end ?? NOBODY}`, people: end === null ? [] : [end] }));
      }
    }
  }

  /** Who may sign as well because the time of the level that waits is out, and who did so when it was. */
  async escalatedTo({ level, timeoutHours, escalateTo }: ApprovalLevel): Promise<Iterable<string>> {
    if (escalateTo === null || timeoutHours === null) return [];
    const { waiting, now } = this.ground;
    const isOut = (since: number, at: number) => at >= since + timeoutHours * 3_600_000;
    const holders = await this.holders(escalateTo);
    if (waiting?.level === level && isOut(waiting.since.getTime(), now.getTime())) return holders;
    return this.ground.signed.flatMap((one) => {
      const standsFor = one.onBehalfOf ?? one.person;
      const began = this.beganBefore(level, one.createdAt);
      const followed = one.level === level && began !== null && isOut(began, Date.parse(one.createdAt));
      return followed && holders.has(standsFor) ? [standsFor] : [];
    });
  }

  /** Since when at the earliest a level waited, at the moment when somebody signed it. */
  private beganBefore(level: number, signedAt: string): number | null {
    const { signed, askedAt } = this.ground;
    const below = signed.filter((one) => one.level !== null && one.level < level && one.createdAt <= signedAt);
    const moments = [askedAt, ...below.map(({ createdAt }) => createdAt)].flatMap((at) => (at ? [Date.parse(at)] : []));
    return moments.length === 0 ? null : Math.max(...moments);
  }

  private holders(role: string): Promise<Set<string>> {
    const { snapshot, rowKey, now } = this.ground;
    const known = this.roles.get(role) ?? holdersOf(this.tx, snapshot, rowKey, role, now);
    this.roles.set(role, known);
    return known;
  }

  /**
   * The person that a path leads to from the record as it is, not as the set would have it: a maker must not choose who
   * signs by changing the owner in the same breath. Only a record that is created has no other values than the set's.
   */
  private async endOf({ change, before, after }: RecordWrite, path: readonly string[]): Promise<string | null> {
    const { catalogue } = this.ground.snapshot;
    let object = change.object.name;
    let image: RecordImage | null = before ?? after;
    for (const [index, step] of path.entries()) {
      const member = memberOf(objectOf(catalogue, object), step);
      const id = image?.[step];
      if (member?.kind !== 'to-one' || id === null || id === undefined) return null;
      object = member.target;
      if (object === 'Person' && index === path.length - 1) return String(id);
      image = await this.imageOf(object, String(id));
    }
    return object === 'User' && image ? String(image.person) : null;
  }

  private async imageOf(objectName: string, id: string): Promise<RecordImage | null> {
    const object = objectOf(this.ground.snapshot.catalogue, objectName);
    const [row] = await rowsOf<{ image: string }>(
      this.tx,
      `select ${imageText(object, 't')} as image from ${object.table} t where t.id=$1`,
      [id],
    );
    return row ? (JSON.parse(row.image) as RecordImage) : null;
  }
}
