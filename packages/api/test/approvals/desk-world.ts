import type { GivenChange } from '../../src/records/change';
import type { TestPerson } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld } from './approval-world';

/** One demand of a rule, its approver by the name of a role, by person or by path. */
export interface DeskLevel {
  readonly level?: number;
  readonly role?: string;
  readonly person?: string;
  readonly path?: string;
  readonly quorum?: number;
  readonly everyone?: boolean;
  readonly timeoutHours?: number;
  readonly escalation?: string;
}

export interface DeskRule {
  readonly objects?: readonly string[];
  readonly actions?: readonly string[];
  readonly fields?: readonly string[];
  readonly trigger?: unknown;
  readonly windowHours?: number;
  readonly reviewers?: string;
  readonly revealsHiddenTotals?: boolean;
  readonly levels: readonly DeskLevel[];
}

interface Held {
  readonly records: readonly { readonly object: string; readonly id: string }[];
  readonly pendingChange: { readonly id: string; readonly status: string; readonly waitingFor: string[] } | null;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

/**
 * A world in which everybody on a desk may write and agree to accounts, contracts and the like, so that only rules and
 * persons decide. Rules are made for one test and taken away after it.
 */
export interface DeskWorld extends ApprovalWorld {
  /** A person with the role `desk` and others. */
  member(name: string, ...roles: string[]): Promise<TestPerson>;
  account(input?: Record<string, unknown>): Promise<string>;
  set(who: TestPerson, changes: readonly unknown[], submission?: unknown): Promise<Held>;
  /** Asks for another value of an account; gives the pending change. Throws when nothing waits. */
  rename(who: TestPerson, id: string, name: string): Promise<string>;
  accountOf(id: string): Promise<Record<string, unknown> | undefined>;
  under(rule: DeskRule, run: (rule: string) => Promise<void>): Promise<void>;
  delegate(absent: TestPerson, delegate: TestPerson): Promise<string>;
  role(name: string): Promise<string>;
  /** The digest that somebody sees, and the answer to signing with it: a status or a code. */
  sign(who: TestPerson, id: string, more?: Record<string, unknown>): Promise<string>;
  statusOf(id: string): Promise<string>;
  /** Lets so many hours pass; tokens end meanwhile. */
  hours(count: number): void;
  /** The same person with a new token. */
  again(who: TestPerson): Promise<TestPerson>;
}

const SET = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
  applyChangeSet(changes: $changes, submission: $submission) {
    records { object id } pendingChange { id status waitingFor } userErrors { code field message }
  }
}`;
const OBJECTS = ['Account', 'Contact', 'Contract', 'Subscription', 'Person', 'Product', 'Price', 'ContractRate'];
const SIGN = `mutation ($input: DecideInput!) { approveChange(input: $input) { id status outcome } }`;
const DIGEST = 'query ($id: ID!) { pendingChangeReview(id: $id) { digest } }';

export async function deskWorld(): Promise<DeskWorld> {
  const world = await approvalWorld();
  const { gateway } = world;
  const lines = OBJECTS.flatMap((object) => [
    { object, field: '*', action: 'SEE_CLEAR' },
    { object, field: '*', action: 'CHANGE' },
    ...['CREATE', 'UPDATE', 'DELETE', 'APPROVE'].map((action) => ({ object, action })),
  ]);
  const ofPersons = ['fullName', 'email', 'manager', 'reports', 'ownedAccounts'].flatMap((field) =>
    ['SEE_CLEAR', ...(['reports', 'ownedAccounts'].includes(field) ? [] : ['CHANGE'])].map((action) => {
      return { object: 'Person', field, action };
    }),
  );
  const fit = [...lines.filter(({ object, ...line }) => object !== 'Person' || !('field' in line)), ...ofPersons];
  await gateway.install(gateway.roleRecords('desk', fit));
  let made = 0;

  const desk: Omit<DeskWorld, keyof ApprovalWorld> = {
    member: (name, ...roles) => gateway.person({ name, audience: 'STAFF', roles: ['desk', ...roles] }),
    async account(input = {}) {
      const { now } = world.clock;
      world.clock.now = new Date(now.getTime() - 30 * 86_400_000);
      const common = { name: `Account ${++made}`, region: 'EMEA', segment: 'ENTERPRISE', currency: 'EUR' };
      const [record] = await gateway.install([{ verb: 'create', object: 'Account', input: { ...common, ...input } }]);
      world.clock.now = now;
      return record!.id;
    },
    set: (who, changes, submission) => world.as(who, SET, { changes, submission }),
    async rename(who, id, name) {
      const { version } = (await desk.accountOf(id))!;
      const answer = await desk.set(who, [{ updateAccount: { id, expectedVersion: version, input: { name } } }]);
      if (!answer.pendingChange) throw new Error(JSON.stringify(answer));
      return answer.pendingChange.id;
    },
    accountOf: async (id) => (await gateway.sql(`select * from account where id='${id}'`))[0],
    async under({ levels, reviewers, objects = ['Account'], actions = ['UPDATE'], ...rule }, run) {
      const ids = await gateway.roleIds();
      const input = { name: `Rule ${++made}`, objects, actions, ...rule };
      const records = await gateway.install([
        {
          verb: 'create',
          object: 'ApprovalRule',
          as: 'rule',
          input: { ...input, ...(reviewers ? { reviewerRoleId: ids.get(reviewers) } : {}) },
        },
        ...levels.map(({ level = 1, role, person, path, escalation, ...more }): GivenChange => {
          const approver = role
            ? { approverRoleId: ids.get(role) }
            : person
              ? { approverPersonId: person }
              : { approverPath: path };
          const escalationRole = escalation ? { escalationRoleId: ids.get(escalation) } : {};
          return {
            verb: 'create',
            object: 'ApprovalLevel',
            input: { ruleId: '@rule', level, ...approver, ...escalationRole, ...more },
          };
        }),
      ]);
      try {
        await run(records[0]!.id);
      } finally {
        await gateway.install(
          [...records].reverse().map(({ object, id }): GivenChange => ({ verb: 'delete', object, id })),
        );
      }
    },
    async delegate(absent, delegate) {
      const at = (days: number) => new Date(world.clock.now.getTime() + days * 86_400_000).toISOString();
      const input = { absentPersonId: absent.personId, delegateId: delegate.personId };
      const [record] = await gateway.install([
        {
          verb: 'create',
          object: 'ApprovalDelegation',
          input: { ...input, validFrom: at(-1), validUntil: at(30) },
        },
      ]);
      return record!.id;
    },
    async role(name) {
      await gateway.install([{ verb: 'create', object: 'Role', input: { name } }]);
      return name;
    },
    async sign(who, id, more = {}) {
      const seen = await gateway.ask(who.token, DIGEST, { id });
      const code = seen.body.errors?.[0]?.extensions.code;
      if (code) return code;
      const { digest } = seen.body.data.pendingChangeReview;
      const { body } = await gateway.ask(who.token, SIGN, { input: { id, digest, ...more } });
      return body.errors?.[0]?.extensions.code ?? body.data.approveChange.status;
    },
    statusOf: async (id) =>
      String((await gateway.sql(`select status from pending_change where id='${id}'`))[0]?.status),
    again: async (who) => ({ ...who, token: await gateway.tokenOf(who.userId) }),
    hours(count) {
      world.clock.now = new Date(world.clock.now.getTime() + count * 3_600_000);
    },
  };
  return Object.assign(world, desk);
}
