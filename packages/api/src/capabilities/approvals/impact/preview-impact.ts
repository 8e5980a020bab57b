import type { ApprovalRule } from '@countersign/policy';
import { type NextInvoice, nextInvoice } from '../../../billing/next-invoice';
import type { Transaction } from '../../../database/sql-runner';
import type { DecidedUnder } from '../../../path/rooms';
import { confirmHead } from '../../../records/authority-head';
import type { RecordWrite, WriteMeta } from '../../../records/change';
import { databaseErrorOf } from '../../../records/explain-failure';
import { traceContext } from '../../audit';
import type { QueueDeps } from '../approvals-deps';
import { mayHaveAHand } from '../has-business-with';
import { lookAtChange } from '../look-at-change';
import { rehearse } from '../rehearse';
import type { StandingReview } from '../standing-review';
import { undoneLook } from '../undone-look';
import { cannotBeTold, deltasOf, type InvoiceDelta, type InvoicePair, isAffected } from './add-up-impact';
import { findCandidates } from './find-candidates';
import { keptFromCount, keptFromSum, outOfSight, unclear } from './impact-sight';
import { loadBillingBook, TooMany } from './load-billing-book';

/** What a pending change would do to what is billed next, as one person may see it. */
export interface Impact {
  readonly kind: 'FIGURES' | 'TOO_MANY' | 'NOT_POSSIBLE';
  /** The day whose prices and rates are compared; null where it would tell something of a price or rate out of sight. */
  readonly day: string | null;
  /** Null: not for the caller. */
  readonly subscriptions: number | null;
  readonly contracts: number | null;
  readonly accounts: number | null;
  readonly nextInvoices: readonly InvoiceDelta[] | null;
  /** Of the subscriptions, those whose price does not say what they come to. */
  readonly notTold: number | null;
  /** Coordinates because of which figures are missing. */
  readonly withheld: readonly string[];
  /** What is affected beyond the caller's sight; null unless every rule lets its checkers know. */
  readonly hidden: { readonly subscriptions: number; readonly nextInvoices: readonly InvoiceDelta[] | null } | null;
}

/** More subscriptions than one look may compute. */
const MOST_SUBSCRIPTIONS = 5_000;
/** PostgreSQL says so when a statement has run out of its time. */
const TIMED_OUT = '57014';

/**
 * Computes the next invoices of every subscription that the change set touches, as things are and as it would leave
 * them: the set is written, looked at and undone, under short limits. Figures are of what the caller may see. Throws
 * NOT_FOUND for a change that they have no business with; HeadMoved asks to decide anew.
 */
export async function previewImpact(
  deps: QueueDeps,
  under: DecidedUnder,
  id: string,
  meta: WriteMeta,
): Promise<Impact> {
  return undoneLook(deps.dataSource, async (tx) => {
    await tx.query(`set local statement_timeout='2s'`);
    const looked = await lookAtChange(tx, deps, under, id, meta);
    const day = dayOf(looked, meta.now);
    try {
      const figures = await compare(tx, deps, under, looked, day, meta);
      const impact = figures ? await told(tx, deps, under, looked, figures, day, meta.now) : nothing('NOT_POSSIBLE');
      await confirmHead(tx, under);
      return impact;
    } catch (error) {
      const tooMany = error instanceof TooMany || databaseErrorOf(error)?.code === TIMED_OUT;
      if (tooMany) return nothing('TOO_MANY');
      throw error;
    }
  });
}

interface Figures {
  readonly affected: readonly InvoicePair[];
  /** Names of records that they are computed from and that the caller may not read, in either world. */
  readonly hidden: ReadonlySet<string>;
}

/** Null when the set could not be carried out as things are. Throws TooMany. */
async function compare(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  { writes }: StandingReview,
  day: string,
  meta: WriteMeta,
): Promise<Figures | null> {
  if (writes.length === 0) return null;
  const { catalogue } = under.snapshot;
  const today = meta.now.toISOString().slice(0, 10);
  const dated = writes.filter(({ change }) => DATED.has(change.object.name));
  const world = async (subscriptions: ReadonlySet<string>, side: 'before' | 'after') => {
    if (subscriptions.size > MOST_SUBSCRIPTIONS) throw new TooMany();
    const book = await loadBillingBook(tx, catalogue, subscriptions, today);
    const invoices = new Map([...subscriptions].map((id) => [id, nextInvoice(book, id, day)]));
    const there = dated.filter((write) => write[side] !== null).map(nameOf);
    const uses = new Set([...usesOf(invoices.values()), ...there]);
    return { invoices, hidden: await outOfSight(tx, under, uses) };
  };
  const trace = traceContext(under, { ...meta, at: meta.now });
  const found = await findCandidates(tx, writes, MOST_SUBSCRIPTIONS);
  const before = await world(found, 'before');
  let tooMany = false;
  const rehearsed = await rehearse(tx, deps, writes, trace, async () => {
    try {
      // From here on the records are locked for everybody else.
      await tx.query(`set local statement_timeout='2s'`);
      return await world(new Set([...found, ...(await findCandidates(tx, writes, MOST_SUBSCRIPTIONS))]), 'after');
    } catch (error) {
      tooMany = error instanceof TooMany || databaseErrorOf(error)?.code === TIMED_OUT;
      throw error;
    }
  });
  if (tooMany) throw new TooMany();
  if (rehearsed.kind === 'failed') return null;
  const after = rehearsed.value;
  const changed = new Set(writes.map(nameOf));
  const affected = [...after.invoices.keys()]
    .map((id) => pairOf(id, before.invoices, after.invoices))
    .filter((pair) => isAffected(pair, changed));
  return { affected, hidden: new Set([...before.hidden, ...after.hidden]) };
}

/** Objects with a day from which on they hold. */
const DATED: ReadonlySet<string> = new Set(['Price', 'ContractRate']);

const nameOf = ({ change }: RecordWrite) => `${change.object.name} ${change.id}`;

type Invoices = ReadonlyMap<string, NextInvoice | null>;

function pairOf(subscription: string, before: Invoices, after: Invoices): InvoicePair {
  return { subscription, before: before.get(subscription) ?? null, after: after.get(subscription) ?? null };
}

function usesOf(invoices: Iterable<NextInvoice | null>): Set<string> {
  return new Set([...invoices].flatMap((invoice) => (invoice ? [...invoice.uses] : [])));
}

async function told(
  tx: Transaction,
  deps: QueueDeps,
  under: DecidedUnder,
  looked: StandingReview,
  { affected, hidden }: Figures,
  day: string,
  now: Date,
): Promise<Impact> {
  const { pending, review, payload } = looked;
  const visible = (pair: InvoicePair) => ![...usesOf(sidesOf(pair))].some((use) => hidden.has(use));
  const inSight = affected.filter(visible);
  const rest = affected.filter((pair) => !visible(pair));
  const { table } = under.authority;
  const [noCount, noSum] = [keptFromCount(under), keptFromSum(under, inSight.flatMap(sidesOf))];
  const counts = (object: string, member: string): number | null => {
    if (noCount.length > 0 || !table.readable(object) || table.see('Subscription', member) !== 'clear') return null;
    return [...usesOf(inSight.flatMap(sidesOf))].filter((use) => use.startsWith(`${object} `)).length;
  };
  const dated = looked.writes.filter(({ change }) => DATED.has(change.object.name));
  const seesDates = dated.every(
    (write) => !hidden.has(nameOf(write)) && unclear(under, write.change.object.name, ['effectiveFrom']).length === 0,
  );
  // Whoever makes the change could try out one after the other; that they sign for somebody absent makes no checker of them.
  const isMaker = pending.maker !== null && pending.maker === under.principal.values.personId;
  const mayKnow =
    !isMaker &&
    revealing(under, [...payload.rules, ...review.rules]) &&
    (await mayHaveAHand(tx, deps, under, looked, now));
  const noRest = keptFromSum(under, rest.flatMap(sidesOf));
  return {
    kind: 'FIGURES',
    day: seesDates ? day : null,
    subscriptions: noCount.length > 0 ? null : inSight.length,
    contracts: counts('Contract', 'contract'),
    accounts: counts('Account', 'account'),
    nextInvoices: noSum.length > 0 ? null : deltasOf(inSight),
    notTold: noSum.length > 0 ? null : inSight.filter(cannotBeTold).length,
    withheld: [...new Set([...noCount, ...noSum])].sort(),
    hidden: mayKnow ? { subscriptions: rest.length, nextInvoices: noRest.length > 0 ? null : deltasOf(rest) } : null,
  };
}

const sidesOf = ({ before, after }: InvoicePair) => [before, after].filter((side) => side !== null);

/** Every rule that has a say, as it was when it held the change and as it is today; no rule tells nobody. */
function revealing({ snapshot }: DecidedUnder, rules: readonly ApprovalRule[]): boolean {
  const today = new Map((snapshot.policy.body.approvalRules ?? []).map((rule) => [rule.id, rule]));
  return (
    rules.length > 0 &&
    rules.every((rule) => rule.revealsHiddenTotals && (today.get(rule.id) ?? rule).revealsHiddenTotals)
  );
}

/**
 * The first day on which all of the change would tell: today, the day it is to be applied on, or the day on which a
 * price or a rate of the set begins to hold.
 */
function dayOf({ pending, writes }: StandingReview, now: Date): string {
  const begins = writes.flatMap(({ change, after }: RecordWrite) =>
    after && DATED.has(change.object.name) ? [String(after.effectiveFrom)] : [],
  );
  const dates = [now.toISOString(), ...(pending.effectiveAt === null ? [] : [pending.effectiveAt])];
  return [...dates.map((at) => at.slice(0, 10)), ...begins].sort().at(-1)!;
}

function nothing(kind: 'TOO_MANY' | 'NOT_POSSIBLE'): Impact {
  const none = { subscriptions: null, contracts: null, accounts: null, nextInvoices: null, notTold: null };
  return { kind, day: null, ...none, withheld: [], hidden: null };
}
