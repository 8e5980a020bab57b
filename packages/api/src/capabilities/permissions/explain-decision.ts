import type { MacKey, TokenSealer } from '@countersign/crypto';
import { scopeOf } from '@countersign/policy';
import { type CatalogueMember, isUuid, memberOf, objectOf } from '@countersign/schema';
import type { Pool } from 'pg';
import type { DecisionAction } from '../../path/decision-action';
import { type DecisionRecord, openDecision } from '../../path/decision-token';
import { Fault } from '../../path/faults';
import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder, Principal } from '../../path/rooms';
import { readUnderHead, settleHead } from '../../path/under-head';
import { wouldGuess } from '../../records/require-cells';
import { type AuditEvent, traceContext } from '../audit';
import { liesIn, type ScopeQuestion } from '../identity';
import { bareAnswer, type DecisionAnswer, type ExplainQuestion } from './decision-answer';
import { describeRowScope, type ScopeReader } from './describe-row-scope';
import { cellWords, describeCellRules } from './explain-cell-rules';
import { plainDetail, ruleDetail } from './explain-cells';
import { maySeeCellRules, maySeeRules } from './explain-right';
import { type ExplainedParty, partyUnder, presentParty } from './explained-party';
import { findPrincipal } from './find-principal';
import type { HistoricPolicies } from './historic-policies';
import { codeRemedy, reasonRemedy } from './remedies';
import { type AskedDecision, FIELD_USES, type SettledVerdict, settleVerdict } from './settle-verdict';

export interface ExplainDeps {
  readonly pool: Pool;
  /** The key of rows that grant something. */
  readonly macKey: MacKey;
  readonly decisions: TokenSealer;
  readonly historic: HistoricPolicies;
  readonly trace: (event: AuditEvent) => Promise<void>;
}

/**
 * Explains one decision: one that was taken, by its decision id, or one that would be taken. Everyone may have their own
 * explained; rules, and the decisions of others, are for those who may read all rules, and leave a trace.
 *
 * Throws NOT_FOUND for ids that are not the caller's to open and for what does not exist for them, FORBIDDEN for other
 * users' decisions, BAD_USER_INPUT, UNAUTHENTICATED.
 */
export async function explainOneDecision(
  deps: ExplainDeps,
  scope: RequestScope,
  question: ExplainQuestion,
): Promise<DecisionAnswer> {
  await settleHead(scope);
  return readUnderHead(scope, (under) => {
    const explanation = new Explanation(deps, scope, under);
    if (typeof question.decisionId !== 'string') return explanation.asked(question);
    const { object, field, action, id, userId } = question;
    if ([object, field, action, id, userId].some((given) => given !== undefined && given !== null)) {
      throw new Fault('BAD_USER_INPUT', { message: 'Give a decision id, or say what to explain, not both.' });
    }
    return explanation.taken(question.decisionId);
  });
}

class Explanation {
  private readonly seesRules: boolean;

  constructor(
    private readonly deps: ExplainDeps,
    private readonly scope: RequestScope,
    private readonly under: DecidedUnder,
  ) {
    this.seesRules = maySeeRules(under.snapshot.catalogue, under.authority);
  }

  /** A decision that was taken, under the policy version that it was taken under. */
  async taken(decisionId: string): Promise<DecisionAnswer> {
    const record = openDecision(this.deps.decisions, decisionId);
    const own = record !== null && record.caller !== null && record.caller === this.me;
    // An id that was made up and one of somebody else are refused alike.
    if (!record || (!own && !this.seesRules)) throw new Fault('NOT_FOUND', { message: 'You have no such decision.' });
    const asked = this.decided(record);
    const bare = (remedy: string) => bareAnswer(record, asked, remedy);
    const principal = own ? this.under.principal : await this.other(record.caller);
    if (!own) await this.traceLook(record.caller, asked ?? { object: null, action: record.action });
    if (!asked || record.policyVersion === null) return bare(codeRemedy(record.code));
    if (!principal) return bare('The user is not there any more, so only the outcome itself is known.');
    const party = await this.partyOf(principal, record.policyVersion);
    if (!party) {
      return bare(
        `Policy version ${record.policyVersion} cannot be loaded any more, so only the outcome itself is known; ask ` +
          'anew to have it explained under the version in force.',
      );
    }
    const answer = await this.explain(party, asked);
    if (record.because) {
      const remedy = reasonRemedy(record.because);
      return { ...answer, verdict: 'DENIED', code: record.code, decidingRule: null, missing: null, remedy };
    }
    if (record.code === 'OK') return { ...answer, code: null };
    if (answer.verdict === 'DENIED') return { ...answer, code: record.code };
    const remedy = `It was refused then; with the roles held now, policy version ${party.policyVersion} allows it.`;
    return { ...answer, verdict: 'DENIED', code: record.code, remedy };
  }

  /** A decision as it would be taken now. */
  async asked(question: ExplainQuestion): Promise<DecisionAnswer> {
    const { id = null, userId = null } = question;
    const other = userId !== null && userId !== this.me;
    if (other && !this.seesRules) {
      throw new Fault('FORBIDDEN', { message: 'You may have your own decisions explained only.' });
    }
    const asked = this.question(question);
    const principal = other ? await this.other(userId) : this.under.principal;
    if (other || (this.seesRules && id !== null)) await this.traceLook(userId, asked, id);
    if (!principal) throw new Fault('NOT_FOUND', { message: 'There is no such user for you.' });
    const party = await presentParty(this.under, principal);
    const answer = await this.explain(party, asked);
    return id === null || asked.action === 'CREATE' ? answer : this.withRecord(party, asked, id, answer);
  }

  private async explain(party: ExplainedParty, asked: AskedDecision): Promise<DecisionAnswer> {
    const { catalogue } = this.under.snapshot;
    const settled = settleVerdict(catalogue, party.table, asked);
    const { object, field } = asked;
    const rules = describeCellRules(catalogue, party, object, field, this.cellReader);
    const detail = this.seesRules ? await ruleDetail(party, settled) : plainDetail(settled);
    const { verdict, lacking } = settled;
    const impossible = verdict === 'DENIED' && lacking === null;
    return {
      ...detail,
      ...(impossible ? { remedy: 'Nobody can do this through the API, whatever their roles.' } : {}),
      verdict,
      code: null,
      ...asked,
      policyVersion: party.policyVersion,
      rowScope: describeRowScope(catalogue, asked.object, rowScopeOf(party, asked), this.reader),
      recordInScope: null,
      cellRules: rules,
      cellShown: null,
      ...this.guessing(party, asked, settled),
    };
  }

  /** What the rules of fields allow and a cell rule refuses whatever the record. */
  private guessing(party: ExplainedParty, { object, field, action }: AskedDecision, settled: SettledVerdict) {
    if (field === null || action !== 'CHANGE' || settled.verdict !== 'ALLOWED') return {};
    if (!wouldGuess(party, objectOf(this.under.snapshot.catalogue, object), field)) return {};
    return { verdict: 'DENIED' as const, decidingRule: null, remedy: reasonRemedy('cell-rule') };
  }

  /**
   * The explanation for one record. A record outside the scope answers as a missing one does, but for readers of rules,
   * whose look was traced.
   */
  private async withRecord(
    party: ExplainedParty,
    asked: AskedDecision,
    id: string,
    answer: DecisionAnswer,
  ): Promise<DecisionAnswer> {
    const { pool } = this.deps;
    const { object } = asked;
    const { values } = party.principal;
    const within = { object, id, scope: rowScopeOf(party, asked), values };
    const recordInScope = party.table.readable(object) && (await liesIn(pool, this.under, within));
    if (recordInScope) return this.withCell(party, asked, within, { ...answer, recordInScope });
    const exists = this.seesRules && (await liesIn(pool, this.under, { ...within, scope: { kind: 'always' } }));
    const missing = this.seesRules ? 'There is no such record.' : 'There is no such record for you.';
    const record = exists ? `The record exists, but not among ${answer.rowScope?.words}.` : missing;
    const remedy = answer.remedy === '' ? record : `${record} ${answer.remedy}`;
    return { ...answer, verdict: 'DENIED', recordInScope, remedy };
  }

  /** The explanation for a field of a record in scope: a cell that is withheld is as good as none. */
  private async withCell(
    party: ExplainedParty,
    { object, field }: AskedDecision,
    record: ScopeQuestion,
    answer: DecisionAnswer,
  ): Promise<DecisionAnswer> {
    const condition = field === null ? undefined : party.cellRules(object).get(field);
    if (!condition || answer.verdict === 'DENIED') return answer;
    const cellShown = await liesIn(this.deps.pool, this.under, { ...record, scope: scopeOf(condition) });
    if (cellShown) return { ...answer, cellShown };
    const words = cellWords(this.under.snapshot.catalogue, party, object, field!, this.cellReader);
    const remedy = `In this record ${object}.${field} is withheld; it is shown only in ${words}.`;
    return { ...answer, verdict: 'DENIED', cellShown, remedy };
  }

  /** What is asked, if it exists for the caller's class; hidden and unknown are one. */
  private question({ object = null, field = null, action = null }: ExplainQuestion): AskedDecision {
    if (object === null) throw new Fault('BAD_USER_INPUT', { message: 'Name an object, or give a decision id.' });
    const use = action ?? (field === null ? 'READ' : 'SEE');
    if (FIELD_USES.includes(use) !== (field !== null)) {
      throw new Fault('BAD_USER_INPUT', {
        message: 'SEE, FILTER, SORT, AGGREGATE and CHANGE are about a field; the other actions are about an object.',
      });
    }
    const asked = { object, field, action: use };
    if (!this.exists(asked)) throw new Fault('NOT_FOUND', { message: 'There is no such object or field for you.' });
    if (use === 'SORT' && this.member(asked)?.kind !== 'field') {
      throw new Fault('BAD_USER_INPUT', { message: 'Records are sorted by fields, not by relations.' });
    }
    return asked;
  }

  private decided({ coordinate, action }: DecisionRecord): AskedDecision | null {
    if (coordinate === null) return null;
    const [object = '', field = null] = coordinate.split('.') as [string?, string?];
    const asked = { object, field, action: action ?? (field === null ? 'READ' : 'SEE') } as const;
    return this.exists(asked) ? asked : null;
  }

  /** Staff may know the whole catalogue; a portal what its class may see or change. */
  private exists(asked: AskedDecision): boolean {
    const { snapshot, authority } = this.under;
    if (!snapshot.catalogue.objects.has(asked.object)) return false;
    const member = this.member(asked);
    if (asked.field !== null && !member) return false;
    if (authority.audience === 'staff') return true;
    const { table } = authority;
    if (!table.readable(asked.object)) return false;
    if (!member) return true;
    if (member.kind !== 'field' && !table.readable(member.target)) return false;
    return table.see(asked.object, member.name) !== 'none' || table.change(asked.object, member.name);
  }

  private member({ object, field }: AskedDecision): CatalogueMember | undefined {
    return field === null ? undefined : memberOf(objectOf(this.under.snapshot.catalogue, object), field);
  }

  private async partyOf(principal: Principal, version: number): Promise<ExplainedParty | null> {
    const { snapshot } = this.under;
    if (version === snapshot.policyVersion) return presentParty(this.under, principal);
    try {
      return await partyUnder(snapshot.catalogue, principal, await this.deps.historic.load(snapshot, version));
    } catch (error) {
      if (error instanceof Fault && error.code === 'POLICY_UNAVAILABLE') return null;
      throw error;
    }
  }

  private async other(userId: string | null): Promise<Principal | null> {
    return userId === null ? null : findPrincipal(this.deps, this.under, userId, () => this.scope.receivedAt);
  }

  /** Looking into what others may do, or at a record that one may not see, leaves its trace before the answer. */
  private traceLook(
    explained: string | null,
    asked: { readonly object: string | null; readonly action: DecisionAction | null },
    recordId: string | null = null,
  ): Promise<void> {
    return this.deps.trace({
      ...traceContext(this.under, { ...this.scope, at: this.scope.receivedAt }),
      action: 'READ',
      object: asked.object,
      recordId: isUuid(recordId) ? recordId.toLowerCase() : null,
      reason: `explained ${explained === null || explained === this.me ? 'an own decision' : 'a decision about another user'}`,
      slots: { action: [null, asked.action], user: [null, explained], record: [null, recordId] },
    });
  }

  private get reader(): ScopeReader {
    return this.seesRules ? { seesRules: true } : { seesRules: false, table: this.under.authority.table };
  }

  private get cellReader(): ScopeReader {
    const { snapshot, authority } = this.under;
    return maySeeCellRules(snapshot.catalogue, authority) ? { seesRules: true } : { seesRules: false, ...authority };
  }

  private get me(): string | null {
    const { userId, clientId } = this.under.principal.values;
    return userId ?? clientId;
  }
}

const WRITES: readonly DecisionAction[] = ['CHANGE', 'CREATE', 'UPDATE', 'DELETE'];

function rowScopeOf(party: ExplainedParty, { object, action }: AskedDecision) {
  return WRITES.includes(action) ? party.writeScope(object) : party.readScope(object);
}
