import { isUuid } from '@countersign/schema';
import { Arg, Ctx, Extensions, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { Fault } from '../../path/faults';
import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import { readUnderHead, underHead } from '../../path/under-head';
import type { WriteMeta } from '../../records/change';
import type { BreakGlassDeps } from './break-glass-deps';
import type { GrantRow } from './break-glass-grant';
import {
  BreakGlassOffer,
  BreakGlassView,
  GrantBoxEnum,
  OpenBreakGlassInput,
  ReviewBreakGlassInput,
} from './break-glass-types';
import { closeBreakGlass } from './close-break-glass';
import { type GrantBox, listEligibilities, listGrants } from './list-break-glass';
import { openBreakGlass } from './open-break-glass';
import { reviewBreakGlass } from './review-break-glass';
import { grantView, offerOf } from './show-break-glass';

const MOST_A_PAGE = 50;

/** The verbs of break-glass. Portals have none of them. */
@Resolver()
export class BreakGlassResolver {
  constructor(private readonly deps: BreakGlassDeps) {}

  @Extensions({ staffOnly: true })
  @Query(() => [BreakGlassOffer], { description: 'What you may take in an emergency.' })
  breakGlassOffers(@Ctx() scope: RequestScope): Promise<BreakGlassOffer[]> {
    signedIn(scope);
    return readUnderHead(scope, async (under) => {
      const offers = await listEligibilities(this.deps, under);
      return offers.map((image) => offerOf(under.snapshot, image));
    });
  }

  @Extensions({ staffOnly: true })
  @Query(() => [BreakGlassView], { description: 'What was lent to you, or what waits for your review.' })
  breakGlassInbox(
    @Arg('box', () => GrantBoxEnum, { defaultValue: 'MINE' }) box: GrantBox,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Ctx() scope: RequestScope,
  ): Promise<BreakGlassView[]> {
    signedIn(scope);
    if (first < 1 || first > MOST_A_PAGE) {
      throw new Fault('BAD_USER_INPUT', { message: `A page has 1 to ${MOST_A_PAGE} grants.` });
    }
    return readUnderHead(scope, async (under) => {
      const meta = this.meta(scope);
      const grants = await listGrants(this.deps, under, { box, first }, meta);
      return grants.map((grant) => grantView(under.snapshot, grant, meta.now));
    });
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => BreakGlassView, {
    nullable: true,
    description: 'Takes rights that were named for you, for a short time.',
  })
  openBreakGlass(
    @Arg('input', () => OpenBreakGlassInput) input: OpenBreakGlassInput,
    @Ctx() scope: RequestScope,
  ): Promise<BreakGlassView> {
    const ask = { ...input, eligibility: known(input.eligibility), reason: said(input.reason, 500, 'Say why.') };
    return this.run(scope, (under, meta) => openBreakGlass(this.deps, under, ask, meta));
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => BreakGlassView, { nullable: true, description: 'Ends what is lent before its time is out.' })
  closeBreakGlass(@Arg('id', () => ID) id: string, @Ctx() scope: RequestScope): Promise<BreakGlassView> {
    return this.run(scope, (under, meta) => closeBreakGlass(this.deps, under, known(id), meta));
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => BreakGlassView, {
    nullable: true,
    description: 'Notes what you found about what somebody else was lent.',
  })
  reviewBreakGlass(
    @Arg('input', () => ReviewBreakGlassInput) input: ReviewBreakGlassInput,
    @Ctx() scope: RequestScope,
  ): Promise<BreakGlassView> {
    const ask = { ...input, id: known(input.id), finding: said(input.finding, 1000, 'Say what you found.') };
    return this.run(scope, (under, meta) => reviewBreakGlass(this.deps, under, ask, meta));
  }

  private async run(
    scope: RequestScope,
    work: (under: DecidedUnder, meta: WriteMeta) => Promise<GrantRow>,
  ): Promise<BreakGlassView> {
    signedIn(scope);
    this.deps.requireLog();
    const grant = await underHead(scope, (under) => work(under, this.meta(scope)));
    // The rest of the request runs under what this has changed.
    await scope.refresh().catch(() => undefined);
    return grantView(scope.under.snapshot, grant, this.deps.now());
  }

  private meta({ requestId, reason = null }: RequestScope): WriteMeta {
    return { requestId, reason, now: this.deps.now() };
  }
}

function signedIn({ under }: RequestScope): void {
  if (under.principal.kind === 'anonymous') throw new Fault('UNAUTHENTICATED');
}

/** What cannot be an id leads nowhere, like one that is not there. */
function known(id: string): string {
  if (!isUuid(id)) throw new Fault('NOT_FOUND');
  return id.toLowerCase();
}

function said(text: string, most: number, otherwise: string): string {
  const given = text.trim();
  if (given === '') throw new Fault('BAD_USER_INPUT', { message: otherwise });
  if ([...given].length > most) {
    throw new Fault('BAD_USER_INPUT', { message: `A text has at most ${most} characters here.` });
  }
  if (/\0|\p{Surrogate}/u.test(given)) {
    throw new Fault('BAD_USER_INPUT', { message: 'The text has characters that no text has.' });
  }
  return given;
}
