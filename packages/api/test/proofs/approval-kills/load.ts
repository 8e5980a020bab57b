import { setTimeout as sleep } from 'node:timers/promises';
import { type ApprovalWorld, DECIDE, REVIEW } from '../../approvals/approval-world';
import type { TestPerson } from '../../harness/test-gateway';
import type { Replica } from './replica';

const SET = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
  applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id status } userErrors { message } }
}`;
const WITHDRAW = 'mutation ($input: WithdrawInput!) { withdrawChange(input: $input) { status } }';
const LOOK = `query ($ids: [ID!]!) { prices(where: { id: { in: $ids } }, first: 10) { nodes { id version amount } } }`;

/** What a gateway has answered about one pending change: nothing of it may be lost. */
export interface Acknowledged {
  status: string;
  /** Whether somebody has tried to take it back or to change it, answered or not. */
  takenBack: boolean;
  edited: boolean;
}

/** Makers and checkers at work on whatever gateways answer, who note what was answered. */
export class ApprovalLoad {
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly tally = { submissions: 0, approvals: 0, rejections: 0, edits: 0, withdrawals: 0, unanswered: 0, refused: 0 };
  over = false;
  private readonly open: string[] = [];

  constructor(
    private readonly world: ApprovalWorld,
    private readonly replicas: readonly Replica[],
    private readonly prices: readonly string[],
    private readonly chance: () => number,
  ) {}

  /** Everything that was answered so far. */
  get answers(): number {
    const { submissions, approvals, rejections, edits, withdrawals } = this.tally;
    return submissions + approvals + rejections + edits + withdrawals;
  }

  async work(): Promise<void> {
    const { checker, secondChecker } = this.world;
    const maker = async () => (this.chance() < 0.85 ? this.submit() : this.takeBack());
    const one = (who: TestPerson) => () => (this.chance() < 0.85 ? this.approve(who) : this.reject(who));
    await Promise.all([maker, maker, one(checker), one(secondChecker), one(checker)].map((act) => this.loop(act)));
  }

  private async loop(act: () => Promise<unknown>): Promise<void> {
    while (!this.over) {
      await act().catch(async () => {
        this.tally.unanswered += 1;
        await sleep(20);
      });
    }
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.chance() * from.length)]!;
  }

  private async submit(revises: string | null = null): Promise<void> {
    if (this.open.length > 30 && revises === null) return void (await sleep(20));
    const ids = [
      ...new Set(this.chance() < 0.3 ? [this.pick(this.prices), this.pick(this.prices)] : [this.pick(this.prices)]),
    ];
    const { nodes } = await this.ask(this.world.maker, LOOK, { ids });
    const changes = nodes.map(({ id, version, amount }: { id: string; version: number; amount: string }) => {
      const factor = this.chance() < 0.7 ? 0.9 + this.chance() * 0.2 : 0.6 + this.chance();
      const next = Math.max(1, Number(amount) * factor).toFixed(6);
      return { updatePrice: { id, expectedVersion: version, input: { amount: next } } };
    });
    const later = this.chance() < 0.2 ? new Date(Date.now() + 300 + this.chance() * 6_000).toISOString() : null;
    // The trace of whatever applies it repeats the reason, so that it says by itself which records it is about.
    const submission = { reason: [...ids].sort().join(' '), effectiveAt: later, revises };
    const { pendingChange } = await this.ask(this.world.maker, SET, { changes, submission });
    if (!pendingChange) return;
    const known = this.acknowledged.get(pendingChange.id);
    this.acknowledged.set(pendingChange.id, {
      takenBack: false,
      edited: false,
      ...known,
      status: pendingChange.status,
    });
    if (!this.open.includes(pendingChange.id)) this.open.push(pendingChange.id);
    this.tally[revises === null ? 'submissions' : 'edits'] += 1;
  }

  /** Edits a change or withdraws it. */
  private async takeBack(): Promise<void> {
    const id = this.pick(this.open);
    if (!id) return void (await sleep(20));
    const known = this.acknowledged.get(id)!;
    if (this.chance() < 0.6) {
      known.edited = true;
      return this.submit(id);
    }
    known.takenBack = true;
    const { status } = await this.ask(this.world.maker, WITHDRAW, { input: { id } });
    this.note(id, status);
    this.tally.withdrawals += 1;
  }

  private async approve(who: TestPerson): Promise<void> {
    const id = this.chance() < 0.5 ? this.open[0] : this.pick(this.open);
    if (!id) return void (await sleep(20));
    for (const person of [who, this.world.director]) {
      const seen = await this.ask(person, REVIEW, { id });
      if (seen.status !== 'PENDING') return this.note(id, seen.status);
      const { status } = await this.ask(person, DECIDE('approveChange'), { input: { id, digest: seen.digest } });
      this.tally.approvals += 1;
      this.note(id, status);
      if (status !== 'PENDING') return;
    }
  }

  private async reject(who: TestPerson): Promise<void> {
    const id = this.pick(this.open);
    if (!id) return void (await sleep(20));
    const { digest } = await this.ask(who, REVIEW, { id });
    const input = { id, digest, comment: 'No' };
    const { status } = await this.ask(who, DECIDE('rejectChange'), { input });
    this.tally.rejections += 1;
    this.note(id, status);
  }

  private note(id: string, status: string): void {
    this.acknowledged.get(id)!.status = status;
    if (status === 'PENDING') return;
    const at = this.open.indexOf(id);
    if (at >= 0) this.open.splice(at, 1);
  }

  /** Asks a gateway that answers. Throws when none does, when it does not answer, and when it refuses. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  private async ask(who: TestPerson, query: string, variables: object): Promise<any> {
    const up = this.replicas.filter(({ url }) => url !== null);
    const replica = this.pick(up);
    if (!replica) {
      await sleep(50);
      // Nothing was asked.
      this.tally.unanswered -= 1;
      throw new Error('no gateway answers');
    }
    const { url } = replica;
    if (query.includes('approveChange')) replica.signs();
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await this.tokenOf(who)}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(15_000),
    });
    const { data, errors } = (await response.json()) as { data?: object; errors?: { extensions: { code: string } }[] };
    if (errors?.length) {
      this.tally.refused += 1;
      this.tally.unanswered -= 1;
      // Overtaken by another change: what can no longer be carried out is given up.
      const { id } = (variables as { input?: { id?: string } }).input ?? {};
      if (errors[0]!.extensions.code === 'CONFLICT' && id) await this.giveUp(id);
      throw new Error(JSON.stringify(errors));
    }
    return Object.values(data ?? {})[0];
  }

  private async giveUp(id: string): Promise<void> {
    const known = this.acknowledged.get(id)!;
    if (known.takenBack) return;
    known.takenBack = true;
    const { status } = await this.ask(this.world.maker, WITHDRAW, { input: { id } });
    this.note(id, status);
  }

  private readonly tokens = new Map<string, { token: string; until: number }>();

  /** Tokens end long before the proof does. */
  private async tokenOf({ userId }: TestPerson): Promise<string> {
    const known = this.tokens.get(userId);
    if (known && known.until > Date.now()) return known.token;
    const token = await this.world.gateway.tokenOf(userId);
    this.tokens.set(userId, { token, until: Date.now() + 600_000 });
    return token;
  }
}
