import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import { Fault } from '../../path/faults';
import { underOwnRights } from '../../path/own-rights-only';
import type { RequestScope } from '../../path/request-scope';
import { readUnderHead } from '../../path/under-head';
import { AuditReadingPage, AuditSearchInput, AuditTracePage } from './audit-types';
import { findReaders, type ReadingPage } from './find-readers';
import type { FoldedTrace } from './folded-trace';
import type { ProtectedRead } from './gathered-reads';
import type { TraceQuestion } from './question-conditions';
import { type PageAsk, searchEntries, type TracePage, type TraceReadDeps } from './search-entries';
import { lookKey, traceContext, traceOfRequest } from './trace-context';
import { TRACE_OBJECT } from './trace-right';

/** Pages that one request may ask for: each may cost as much as a request of its own. */
const MOST_PAGES = 10;

export interface AuditResolverDeps extends TraceReadDeps {
  readonly folded: FoldedTrace;
  /** Leaves an entry in the audit log before it resolves. Throws AUDIT_UNAVAILABLE. */
  readonly traceRead: (read: ProtectedRead) => Promise<void>;
}

@Resolver()
export class AuditResolver {
  private readonly asked = new WeakMap<RequestScope, number>();

  constructor(private readonly deps: AuditResolverDeps) {}

  @Query(() => AuditTracePage, { nullable: true, description: 'Entries of the audit log, newest first.' })
  auditSearch(
    @Arg('input', () => AuditSearchInput) input: AuditSearchInput,
    @Arg('first', () => Int, { nullable: true }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() scope: RequestScope,
  ): Promise<TracePage> {
    const question = { ...input, from: instant(input.from), until: instant(input.until) };
    return this.search(scope, question, { first, after });
  }

  @Query(() => AuditTracePage, { nullable: true, description: 'What happened to one record, newest first.' })
  auditTimeline(
    @Arg('object', () => String) object: string,
    @Arg('id', () => ID) id: string,
    @Arg('first', () => Int, { nullable: true }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() scope: RequestScope,
  ): Promise<TracePage> {
    return this.search(scope, { object, recordId: id }, { first, after });
  }

  @Query(() => AuditTracePage, {
    nullable: true,
    description: 'Every change of one field of one record, newest first.',
  })
  auditFieldHistory(
    @Arg('object', () => String) object: string,
    @Arg('id', () => ID) id: string,
    @Arg('field', () => String) field: string,
    @Arg('first', () => Int, { nullable: true }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() scope: RequestScope,
  ): Promise<TracePage> {
    const actions = ['CREATE', 'UPDATE', 'DELETE'];
    return this.search(scope, { object, recordId: id, field, actions }, { first, after });
  }

  @Query(() => AuditReadingPage, {
    nullable: true,
    description: 'Who has read protected fields of one record, newest first.',
  })
  auditReaders(
    @Arg('object', () => String) object: string,
    @Arg('id', () => ID) id: string,
    @Arg('first', () => Int, { nullable: true }) first: number | null | undefined,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() scope: RequestScope,
  ): Promise<ReadingPage> {
    this.look(scope, { object, recordId: id });
    return readUnderHead(scope, async (under) =>
      findReaders(this.deps, await underOwnRights(under), { object, recordId: id }, { first, after }),
    );
  }

  private search(scope: RequestScope, question: TraceQuestion, page: PageAsk): Promise<TracePage> {
    this.look(scope, question);
    return readUnderHead(scope, async (under) =>
      searchEntries(this.deps, await underOwnRights(under), question, page, (read) => {
        const object = read.coordinates[0]?.split('.')[0] ?? null;
        const context = traceContext(under, { ...scope, at: scope.receivedAt });
        return this.deps.traceRead({ event: { ...context, action: 'READ', object }, ...read });
      }),
    );
  }

  /** A look at the audit log is in the audit log; repeated ones are folded. */
  private look(scope: RequestScope, { object = null, recordId = null }: TraceQuestion): void {
    const count = (this.asked.get(scope) ?? 0) + 1;
    this.asked.set(scope, count);
    if (count > MOST_PAGES) {
      throw new Fault('COST_LIMIT', { message: `A request reads at most ${MOST_PAGES} pages of the audit log.` });
    }
    const context = traceOfRequest(scope);
    const { source, about: who } = lookKey(context, scope.source);
    this.deps.folded.note(
      {
        ...context,
        action: 'READ',
        object: TRACE_OBJECT,
        slots: { about: [null, { object, record: recordId }] },
      },
      { source, about: [...who, object, recordId] },
    );
  }
}

/** Throws BAD_USER_INPUT. */
function instant(text: string | null | undefined): Date | null {
  if (text === null || text === undefined) return null;
  const at = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(at.getTime())) throw new Fault('BAD_USER_INPUT', { message: 'That is no instant of RFC 3339.' });
  return at;
}
