import { isUuid } from '@countersign/schema';
import { Arg, Ctx, Extensions, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { Fault } from '../../path/faults';
import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import { underHead } from '../../path/under-head';
import type { WriteMeta } from '../../records/change';
import { type ProtectedRead, traceContext } from '../audit';
import { type ApplyDeps, applyPending } from './apply-change';
import {
  CommentInput,
  DecideInput,
  DecisionPayload,
  PendingBoxEnum,
  PendingChangeSummary,
  PendingChangeView,
  WithdrawInput,
} from './approval-types';
import { type Decision, decideChange } from './decide-change';
import { commentOnChange, withdrawChange } from './end-change';
import { hideReferences } from './hide-references';
import { PendingChangeImpact } from './impact/impact-types';
import { previewImpact } from './impact/preview-impact';
import { type ListedChange, listPending, type PendingBox } from './list-pending';
import { findPending } from './pending-change';
import { protectedItems } from './protected-items';
import { seeChange } from './see-change';
import { summaryOf, viewOf } from './show-change';

const MOST_A_PAGE = 50;

/** The verbs of the queue of pending changes. */
@Resolver()
export class ApprovalsResolver {
  private readonly previewed = new WeakSet<RequestScope>();

  constructor(
    private readonly deps: ApplyDeps,
    /** Leaves an entry in the audit log before it resolves. Throws AUDIT_UNAVAILABLE. */
    private readonly traceRead: (read: ProtectedRead) => Promise<void>,
  ) {}

  @Extensions({ staffOnly: true })
  @Query(() => PendingChangeView, {
    nullable: true,
    description: 'One pending change: what it would change, by your own rights, and where its chain stands.',
  })
  async pendingChangeReview(
    @Arg('id', () => ID) id: string,
    @Ctx() scope: RequestScope,
  ): Promise<PendingChangeView | null> {
    const seen = await this.look(scope, async (under, meta) => {
      const change = await seeChange(this.deps, under, known(id), meta);
      const items = await hideReferences(this.deps.dataSource.manager, under, change.items);
      const read = protectedItems(under, items);
      if (read) {
        const object = read.coordinates[0]?.split('.')[0] ?? null;
        const context = traceContext(under, { ...meta, at: scope.receivedAt });
        await this.traceRead({ event: { ...context, action: 'READ', object }, ...read });
      }
      return { ...change, items };
    });
    return viewOf(seen);
  }

  @Extensions({ staffOnly: true })
  @Query(() => [PendingChangeSummary], { description: 'Pending changes of one kind, oldest first.' })
  async pendingChangeInbox(
    @Arg('box', () => PendingBoxEnum, { defaultValue: 'MINE_TO_DECIDE' }) box: PendingBox,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => ID, { nullable: true }) after: string | null,
    @Ctx() scope: RequestScope,
  ): Promise<PendingChangeSummary[]> {
    if (first < 1 || first > MOST_A_PAGE) {
      throw new Fault('BAD_USER_INPUT', { message: `A page has 1 to ${MOST_A_PAGE} pending changes.` });
    }
    const page = { box, first, after: after ? known(after) : null };
    const listed: ListedChange[] = await this.look(scope, (under, meta) => listPending(this.deps, under, page, meta));
    return listed.map(summaryOf);
  }

  @Extensions({ staffOnly: true })
  @Query(() => PendingChangeImpact, {
    nullable: true,
    description:
      'What a pending change would do to what is billed next, in what you may see. One preview an operation.',
  })
  async pendingChangeImpact(
    @Arg('id', () => ID) id: string,
    @Ctx() scope: RequestScope,
  ): Promise<PendingChangeImpact | null> {
    // A preview holds records for a moment: an operation must not line up many of them.
    if (this.previewed.has(scope)) throw new Fault('BAD_USER_INPUT', { message: 'Ask for one preview at a time.' });
    this.previewed.add(scope);
    return this.look(scope, (under, meta) => previewImpact(this.deps, under, known(id), meta));
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => DecisionPayload, {
    nullable: true,
    description: 'Agrees to a pending change, exactly as its digest names it. The last one applies it.',
  })
  async approveChange(
    @Arg('input', () => DecideInput) input: DecideInput,
    @Ctx() scope: RequestScope,
  ): Promise<DecisionPayload> {
    this.deps.requireLog();
    return this.decide(scope, { ...decisionOf(input), kind: 'APPROVE' });
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => DecisionPayload, { nullable: true, description: 'Ends a pending change; say why in the comment.' })
  async rejectChange(
    @Arg('input', () => DecideInput) input: DecideInput,
    @Ctx() scope: RequestScope,
  ): Promise<DecisionPayload> {
    if (!input.comment?.trim()) throw new Fault('BAD_USER_INPUT', { message: 'Say in the comment why.' });
    this.deps.requireLog();
    return this.decide(scope, { ...decisionOf(input), kind: 'REJECT' });
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => DecisionPayload, { nullable: true, description: 'Says something about a pending change.' })
  async commentOnChange(
    @Arg('input', () => CommentInput) { id, comment }: CommentInput,
    @Ctx() scope: RequestScope,
  ): Promise<DecisionPayload> {
    this.deps.requireLog();
    const said = { id: known(id), comment: sized(comment, 1000) ?? '' };
    if (said.comment.trim() === '') throw new Fault('BAD_USER_INPUT', { message: 'The comment is empty.' });
    await this.run(scope, (under, meta) => commentOnChange(this.deps, under, said, meta));
    return this.standing(scope, said.id);
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => DecisionPayload, { nullable: true, description: 'Takes back a change of your own.' })
  async withdrawChange(
    @Arg('input', () => WithdrawInput) { id, reason }: WithdrawInput,
    @Ctx() scope: RequestScope,
  ): Promise<DecisionPayload> {
    this.deps.requireLog();
    const given = { id: known(id), reason: sized(reason ?? null, 500) };
    await this.run(scope, (under, meta) => withdrawChange(this.deps, under, given, meta));
    return this.standing(scope, given.id);
  }

  private async decide(scope: RequestScope, decision: Decision): Promise<DecisionPayload> {
    const { status } = await this.run(scope, (under, meta) => decideChange(this.deps, under, decision, meta));
    // The signature stands whatever comes of applying it: what an outage prevents now is applied later.
    if (status === 'APPROVED') {
      await applyPending(this.deps, decision.id, scope.requestId).catch((error: unknown) => {
        if (!(error instanceof Fault)) throw error;
      });
      await scope.refresh().catch(() => undefined);
    }
    return this.standing(scope, decision.id);
  }

  private async standing(scope: RequestScope, id: string): Promise<DecisionPayload> {
    const ground = { catalogue: scope.under.snapshot.catalogue, rowKey: this.deps.macKeys.rows };
    const pending = await findPending(this.deps.dataSource.manager, ground, id, 'look');
    if (!pending) throw new Fault('NOT_FOUND');
    return { id, status: pending.status, outcome: (pending.image.outcome ?? null) as string | null };
  }

  /** A look at the queue; an operation has only so many of them running at a time. */
  private look<T>(scope: RequestScope, work: (under: DecidedUnder, meta: WriteMeta) => Promise<T>): Promise<T> {
    return this.run(scope, (under, meta) => scope.limited(() => work(under, meta)));
  }

  private run<T>(scope: RequestScope, work: (under: DecidedUnder, meta: WriteMeta) => Promise<T>): Promise<T> {
    if (scope.under.principal.kind === 'anonymous') throw new Fault('UNAUTHENTICATED');
    const { requestId, reason = null } = scope;
    return underHead(scope, (under) => work(under, { requestId, now: this.deps.now(), reason }));
  }
}

function decisionOf({ id, digest, comment, onBehalfOf }: DecideInput): Omit<Decision, 'kind'> {
  return {
    id: known(id),
    digest,
    comment: sized(comment ?? null, 1000),
    onBehalfOf: onBehalfOf ? known(onBehalfOf) : null,
  };
}

/** What cannot be an id leads nowhere, like one that is not there. */
function known(id: string): string {
  if (!isUuid(id)) throw new Fault('NOT_FOUND');
  return id.toLowerCase();
}

function sized(text: string | null, most: number): string | null {
  if (text === null) return null;
  if ([...text].length > most)
    throw new Fault('BAD_USER_INPUT', { message: `A text has at most ${most} characters here.` });
  if (/\0|\p{Surrogate}/u.test(text))
    throw new Fault('BAD_USER_INPUT', { message: 'The text has characters that no text has.' });
  return text;
}
