import { explainDecision, OBJECT_FIELD, type PermissionLine } from '@countersign/policy';
import { rightsOf } from '../../snapshot/rights-of';
import type { ExplainedParty } from './explained-party';
import type { Cell, SettledVerdict } from './settle-verdict';

/** A permission line as it is shown, in the spelling of the records that hold the lines. */
export interface ShownRule {
  readonly id: string;
  readonly role: string;
  readonly object: string;
  readonly field: string | null;
  readonly action: string;
  readonly effect: string;
}

/** What stands in the way. `kind` tells about rules, so it is null for those who may not see them. */
export interface MissingGrant {
  readonly kind: 'GRANT' | 'DENY' | 'SCOPE' | null;
  readonly object: string;
  readonly field: string | null;
  readonly action: string;
}

export interface RuleDetail {
  readonly decidingRule: ShownRule | null;
  readonly missing: MissingGrant | null;
  readonly grantingRoles: readonly string[];
  readonly remedy: string;
}

/** The rules behind a verdict, from Casbin itself. Only for those who may see rules. */
export async function ruleDetail(party: ExplainedParty, settled: SettledVerdict): Promise<RuleDetail> {
  const decidingRule = await decidingRuleOf(party, settled);
  if (!settled.lacking) return { decidingRule, missing: null, grantingRoles: [], remedy: '' };
  const told = await explainDecision(party.policy, { rights: rightsOf(party.principal), ...settled.lacking });
  const kind = told.missing ? ({ grant: 'GRANT', deny: 'DENY', scope: 'SCOPE' } as const)[told.missing.kind] : null;
  return {
    decidingRule,
    missing: missingGrant(settled.lacking, kind),
    grantingRoles: told.grantingRoles,
    remedy: told.remedy,
  };
}

/** The line that Casbin names for a verdict: the one that allows it, or the one that denies it; null when none speaks. */
export async function decidingRuleOf(party: ExplainedParty, { granted, lacking }: SettledVerdict) {
  const cell = granted ?? lacking;
  if (!cell) return null;
  const { line } = await party.policy.explainCell(rightsOf(party.principal), cell.object, cell.field, cell.action);
  return line ? shownRule(line) : null;
}

/** The same for those who may not see rules: what would have to be granted, and whom to ask. */
export function plainDetail({ lacking }: SettledVerdict): RuleDetail {
  const missing = lacking ? missingGrant(lacking, null) : null;
  const remedy = lacking ? `Ask a security admin for a role that lets you ${wording(lacking)}.` : '';
  return { decidingRule: null, missing, grantingRoles: [], remedy };
}

function shownRule({ id, role, object, field, action, effect }: PermissionLine): ShownRule {
  return {
    id,
    role,
    object,
    field: field === OBJECT_FIELD ? null : field,
    action: spelt(action),
    effect: spelt(effect),
  };
}

function missingGrant(cell: Cell, kind: MissingGrant['kind']): MissingGrant {
  // An object is read by seeing any field of it.
  if (cell.field === 'id') return { kind, object: cell.object, field: null, action: 'READ' };
  return {
    kind,
    object: cell.object,
    field: cell.field === OBJECT_FIELD ? null : cell.field,
    action: spelt(cell.action),
  };
}

function spelt(word: string): string {
  return word.toUpperCase().replace('-', '_');
}

function wording({ object, field, action }: Cell): string {
  if (field === OBJECT_FIELD) return `${action} ${object} records`;
  if (field === 'id') return `read ${object} records`;
  return action === 'change' ? `change ${object}.${field}` : `see ${object}.${field} clear`;
}
