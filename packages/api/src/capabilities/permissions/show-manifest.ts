import type { DecisionAction } from '../../path/decision-action';
import type { SeeLevel } from '../identity';
import { describeRowScope, type ScopeReader } from './describe-row-scope';
import { cellWords } from './explain-cell-rules';
import { decidingRuleOf, type ShownRule } from './explain-cells';
import type { ManifestDecision, OperationManifest } from './explain-operation';
import { maySeeCellRules, maySeeRules } from './explain-right';
import { type ExplainedParty, presentParty } from './explained-party';
import type { ExplainedUse, OperationExplanation } from './explanation-types';
import { FIELD_USES, settleVerdict } from './settle-verdict';

/** A manifest as it is answered: with the scope of each object in words and, for readers of rules, each deciding rule. */
export async function showManifest(manifest: OperationManifest): Promise<OperationExplanation> {
  const { under, problems, entries } = manifest;
  const { catalogue, policyVersion } = under.snapshot;
  const { table } = under.authority;
  const party = await presentParty(under, under.principal);
  const seesRules = maySeeRules(catalogue, under.authority);
  const seesCellRules = maySeeCellRules(catalogue, under.authority);
  const cellReader: ScopeReader = seesCellRules ? { seesRules: true } : { seesRules: false, table };
  const scopes = new Map<string, string>();
  const rules = new Map<string, ShownRule | null>();

  const scopeOf = (object: string, writes: boolean): string => {
    const key = `${object} ${writes}`;
    const scope = writes ? party.writeScope(object) : party.readScope(object);
    const words =
      scopes.get(key) ??
      describeRowScope(catalogue, object, scope, seesRules ? { seesRules } : { seesRules, table }).words;
    scopes.set(key, words);
    return words;
  };
  const ruleOf = async (decision: ManifestDecision): Promise<ShownRule | null> => {
    if (!seesRules) return null;
    const key = `${decision.coordinate} ${decision.use}`;
    const known = rules.get(key);
    if (known !== undefined) return known;
    const rule = await decidingRule(party, decision);
    rules.set(key, rule);
    return rule;
  };
  const shown = async (decision: ManifestDecision): Promise<ExplainedUse> => {
    const { coordinate, use, see, allowed } = decision;
    const rule = await ruleOf(decision);
    const [object = '', member = ''] = coordinate.split('.');
    const scope = scopeOf(object, see === null);
    const cellRule = allowed ? cellWords(catalogue, party, object, member, cellReader) : null;
    const level = (see?.toUpperCase() as SeeLevel | undefined) ?? null;
    return { coordinate, use, allowed, see: level, rule, scope, cellRule };
  };
  const roots: OperationExplanation['roots'] = [];
  for (const entry of entries) {
    const decisions: ExplainedUse[] = [];
    for (const decision of entry.decisions) decisions.push(await shown(decision));
    roots.push({ ...entry, decisions });
  }
  return { policyVersion, problems: problems.map(({ code, message }) => ({ code, message })), roots };
}

function decidingRule(party: ExplainedParty, { coordinate, use }: ManifestDecision): Promise<ShownRule | null> {
  const [object = '', field = null] = coordinate.split('.') as [string?, string?];
  return decidingRuleOf(
    party,
    settleVerdict(party.policy.catalogue, party.table, { object, field, action: actionOf(use, field) }),
  );
}

/** Whatever reads a field without showing it needs what a filter needs. */
function actionOf(use: string, field: string | null): DecisionAction {
  if (use === 'SELECT') return 'SEE';
  if (field !== null) return FIELD_USES.includes(use as DecisionAction) ? (use as DecisionAction) : 'FILTER';
  return use as DecisionAction;
}
