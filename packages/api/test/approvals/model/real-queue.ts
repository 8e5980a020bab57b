import { applyPending, passTime } from '../../../src/capabilities/approvals';
import type { GivenChange } from '../../../src/records/change';
import type { TestPerson } from '../../harness/test-gateway';
import { type ApprovalWorld, approvalWorld, DECIDE } from '../approval-world';
import { HOUR, type ModelRule } from './queue-model';

const SET = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
  applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id } userErrors { message } }
}`;
const DIGEST = 'query ($id: ID!) { pendingChangeReview(id: $id) { digest } }';
const WITHDRAW = 'mutation ($input: WithdrawInput!) { withdrawChange(input: $input) { status } }';
export const PEOPLE = ['Ana', 'Ben', 'Cem', 'Dia', 'Eva'] as const;
export const ROLES = ['red', 'green', 'blue'] as const;
/** Who holds what when a history begins. */
export const FIRST_ROLES: Readonly<Record<string, readonly string[]>> = {
  red: ['Ana', 'Ben', 'Cem'],
  green: ['Cem', 'Dia', 'Eva'],
  blue: ['Eva'],
};
const ABLE = ['pricing-maker', 'pricing-checker'];

export interface RealRow {
  readonly status: string;
  readonly revision: number;
  readonly level: number | null;
}

/** The gateway's own queue, asked over HTTP; rights and rules change as the installation changes them. */
export class RealQueue {
  private readonly people = new Map<string, TestPerson>();
  private roleIds = new Map<string, string>();
  private rules = 0;
  private readonly digests = new Map<string, string>();

  private constructor(readonly world: ApprovalWorld) {}

  static async open(): Promise<RealQueue> {
    const real = new RealQueue(await approvalWorld());
    const { gateway } = real.world;
    await real.dropRules(`name in ('Price book','Large price changes')`);
    await gateway.install(ROLES.map((name) => ({ verb: 'create', object: 'Role', input: { name } })));
    real.roleIds = await gateway.roleIds();
    for (const name of PEOPLE) real.people.set(name, await gateway.person({ name, audience: 'STAFF', roles: ABLE }));
    return real;
  }

  /** Nothing is asked of anybody, the roles are the first ones, everybody may change and approve, and nothing waits. */
  async reset(prices: number): Promise<{ now: number; prices: string[] }> {
    const { world } = this;
    for (const { id, maker } of await this.rows<{ id: string; maker: string }>(
      `select id::text as id, maker::text as maker from pending_change where status in ('PENDING','APPROVED')`,
    )) {
      const who = [...this.people.values()].find(({ personId }) => personId === maker)!;
      await this.ask(who.name, WITHDRAW, { input: { id } });
    }
    await this.dropRules(`name like 'Model %'`);
    await this.drop('ApprovalDelegation', 'select id::text as id from approval_delegation');
    await this.firstRoles();
    this.tick(1_000);
    const made: string[] = [];
    while (made.length < prices) made.push(await world.newPrice());
    return { now: world.clock.now.getTime(), prices: made };
  }

  private async firstRoles(): Promise<void> {
    const held = await this.rows<{ id: string; user: string; role: string }>(
      'select id::text as id, user_id::text as user, role_id::text as role from role_assignment',
    );
    const changes: GivenChange[] = [];
    for (const [name, { userId }] of this.people) {
      const wanted = [...ABLE, ...ROLES.filter((role) => FIRST_ROLES[role]!.includes(name))];
      const ids = new Set(wanted.map((role) => this.roleIds.get(role)!));
      const own = held.filter(({ user }) => user === userId);
      for (const { id, role } of own)
        if (!ids.has(role)) changes.push({ verb: 'delete', object: 'RoleAssignment', id });
      const missing = [...ids].filter((roleId) => !own.some(({ role }) => role === roleId));
      for (const roleId of missing)
        changes.push({ verb: 'create', object: 'RoleAssignment', input: { userId, roleId } });
    }
    if (changes.length > 0) await this.world.gateway.install(changes);
  }

  tick(ms: number): number {
    const { clock } = this.world;
    clock.now = new Date(clock.now.getTime() + ms);
    return clock.now.getTime();
  }

  /** A round of the keeper. */
  async pass(): Promise<void> {
    const { core } = this.world.gateway;
    await passTime(core.queue, core.log);
  }

  apply(id: string): Promise<void> {
    return applyPending(this.world.gateway.core.queue, id, null);
  }

  /** Asks for an amount; gives the id of what waits, or whether it was applied. */
  async submit(
    who: string,
    price: string,
    { amount, version, due, revises }: { amount: string; version: number; due: string | null; revises: string | null },
  ): Promise<string | 'applied' | 'refused'> {
    const changes = [{ updatePrice: { id: price, expectedVersion: version, input: { amount } } }];
    const { data } = await this.ask(who, SET, { changes, submission: { effectiveAt: due, revises } });
    const set = data?.applyChangeSet;
    if (!set || set.userErrors.length > 0) return 'refused';
    return set.pendingChange?.id ?? 'applied';
  }

  async decide(
    who: string,
    { id, revision, maker }: { readonly id: string; readonly revision: number; readonly maker: string },
    kind: 'APPROVE' | 'REJECT',
    behalf: string | null,
  ): Promise<boolean> {
    const onBehalfOf = behalf === null ? null : this.people.get(behalf)!.personId;
    const input = { id, digest: await this.digest(id, revision, maker), comment: 'As it is', onBehalfOf };
    const answer = await this.ask(who, DECIDE(kind === 'APPROVE' ? 'approveChange' : 'rejectChange'), { input });
    return !answer.errors;
  }

  /** A digest names one revision; it is the same for everybody. */
  private async digest(id: string, revision: number, maker: string): Promise<string> {
    const key = `${id} ${revision}`;
    const known = this.digests.get(key);
    if (known) return known;
    const { data } = await this.ask(maker, DIGEST, { id });
    const { digest } = data.pendingChangeReview;
    this.digests.set(key, digest);
    return digest;
  }

  async withdraw(who: string, id: string): Promise<boolean> {
    return !(await this.ask(who, WITHDRAW, { input: { id } })).errors;
  }

  async setRole(who: string, role: string, held: boolean): Promise<void> {
    const { userId } = this.people.get(who)!;
    const roleId = this.roleIds.get(role);
    const sql = `select id::text as id from role_assignment where user_id='${userId}' and role_id='${roleId}'`;
    if (!held) return this.drop('RoleAssignment', sql);
    if ((await this.rows(sql)).length > 0) return;
    await this.world.gateway.install([{ verb: 'create', object: 'RoleAssignment', input: { userId, roleId } }]);
  }

  async setAble(who: string, able: boolean): Promise<void> {
    for (const role of ABLE) await this.setRole(who, role, able);
  }

  async delegate(absent: string, delegate: string, hours: number): Promise<void> {
    const { now } = this.world.clock;
    const input = {
      absentPersonId: this.people.get(absent)!.personId,
      delegateId: this.people.get(delegate)!.personId,
      validFrom: now.toISOString(),
      validUntil: new Date(now.getTime() + hours * HOUR).toISOString(),
    };
    await this.world.gateway.install([{ verb: 'create', object: 'ApprovalDelegation', input }]);
  }

  endDelegation(absent: string, delegate: string): Promise<void> {
    const [one, other] = [absent, delegate].map((name) => this.people.get(name)!.personId);
    return this.drop(
      'ApprovalDelegation',
      `select id::text as id from approval_delegation where absent_person_id='${one}' and delegate_id='${other}'`,
    );
  }

  /** Gives the rule with the ids that its levels have now. */
  async addRule(rule: Omit<ModelRule, 'id'>): Promise<ModelRule> {
    this.rules += 1;
    const trigger = rule.big ? { percentChange: { amount: { gt: '20' } } } : null;
    const input = { name: `Model ${this.rules}`, objects: ['Price'], actions: ['UPDATE'], fields: ['amount'], trigger };
    const made = await this.world.gateway.install([
      { verb: 'create', object: 'ApprovalRule', as: 'rule', input },
      ...rule.levels.map(
        (one): GivenChange => ({
          verb: 'create',
          object: 'ApprovalLevel',
          input: { ruleId: '@rule', level: one.level, ...this.levelInput(one) },
        }),
      ),
    ]);
    return { ...rule, id: made[0]!.id, levels: rule.levels.map((one, at) => ({ ...one, key: made[at + 1]!.id })) };
  }

  async changeLevel(level: ModelRule['levels'][number]): Promise<void> {
    const input = this.levelInput(level);
    await this.world.gateway.install([{ verb: 'update', object: 'ApprovalLevel', id: level.key, input }]);
  }

  removeRule({ id }: ModelRule): Promise<void> {
    return this.dropRules(`id='${id}'`);
  }

  /** Where changes stand, by their ids. */
  async standings(ids: readonly string[]): Promise<Map<string, RealRow>> {
    const rows = await this.rows<RealRow & { id: string }>(
      'select id::text as id, status, revision, level from pending_change where id=any($1::uuid[])',
      [ids],
    );
    return new Map(rows.map(({ id, ...row }) => [id, row]));
  }

  /** Prices with the number of entries that the log has of them, in this order. */
  async prices(ids: readonly string[]): Promise<{ version: number; amount: string; entries: number }[]> {
    return this.rows(
      `select version, amount::text as amount, (select count(*)::int from audit_entry e where e.record_id=p.id) as entries
        from price p where id=any($1::uuid[]) order by array_position($1::uuid[], id)`,
      [ids],
    );
  }

  close(): Promise<void> {
    return this.world.close();
  }

  private levelInput({ role, person, quorum, timeout, escalate }: ModelRule['levels'][number]) {
    return {
      approverRoleId: role === null ? null : this.roleIds.get(role),
      approverPersonId: person === null ? null : this.people.get(person)!.personId,
      quorum: quorum === 'all' ? 1 : quorum,
      everyone: quorum === 'all',
      timeoutHours: timeout,
      escalationRoleId: escalate === null ? null : this.roleIds.get(escalate),
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  private async ask(who: string, query: string, variables: object): Promise<{ data?: any; errors?: unknown[] }> {
    const token = await this.world.gateway.tokenOf(this.people.get(who)!.userId);
    const { body } = await this.world.gateway.ask(token, query, variables);
    return body;
  }

  private async dropRules(where: string): Promise<void> {
    const rules = await this.rows<{ id: string }>(`select id::text as id from approval_rule where ${where}`);
    const levels = await this.rows<{ id: string }>(
      `select id::text as id from approval_level where rule_id in (select id from approval_rule where ${where})`,
    );
    const gone = [
      ...levels.map(({ id }): GivenChange => ({ verb: 'delete', object: 'ApprovalLevel', id })),
      ...rules.map(({ id }): GivenChange => ({ verb: 'delete', object: 'ApprovalRule', id })),
    ];
    if (gone.length > 0) await this.world.gateway.install(gone);
  }

  private async drop(object: string, sql: string): Promise<void> {
    const gone = (await this.rows<{ id: string }>(sql)).map(({ id }): GivenChange => ({ verb: 'delete', object, id }));
    if (gone.length > 0) await this.world.gateway.install(gone);
  }

  private async rows<T>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.world.gateway.core.database.pool.query(sql, values)).rows as T[];
  }
}
