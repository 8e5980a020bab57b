import type { RightsClass } from '../fields/decision-table';
import { OBJECT_FIELD, type PermissionAction } from '../fields/levels';
import type { CellVerdict, CompiledPolicy } from '../versions/compile-policy';
import type { PermissionLine } from '../versions/policy-body';

/** What was asked: may someone with these rights do this to this field (`-`: to the object as a whole)? */
export interface DecisionQuestion {
  readonly rights: RightsClass;
  readonly object: string;
  readonly field: string;
  readonly action: PermissionAction;
}

/** What stands between a caller and a denied cell. */
export type Missing =
  /** No line speaks: some role must be given this permission, or the caller one of the roles that have it. */
  | { readonly kind: 'grant'; readonly object: string; readonly field: string; readonly action: PermissionAction }
  /** An explicit deny stands; no grant outweighs it. */
  | { readonly kind: 'deny'; readonly line: PermissionLine }
  /** The roles suffice; the token was narrowed below them. */
  | { readonly kind: 'scope'; readonly scopes: readonly string[] };

export interface DecisionExplanation {
  readonly verdict: 'allowed' | 'denied';
  /** The line that decided, as Casbin names it; null when none spoke. */
  readonly decidingLine: PermissionLine | null;
  /** Null when it is allowed. */
  readonly missing: Missing | null;
  /** Roles that would make it allowed if the caller had one of them as well; sorted. */
  readonly grantingRoles: readonly string[];
  /** What to ask for, in plain English; empty when it is allowed. Shows rules: only for holders of the explain right. */
  readonly remedy: string;
}

/** Explains one cell by asking Casbin for its verdict and, when that is no, which roles would change it. */
export async function explainDecision(
  policy: CompiledPolicy,
  question: DecisionQuestion,
): Promise<DecisionExplanation> {
  const { rights, object, field, action } = question;
  const verdict = await policy.explainCell(rights, object, field, action);
  const roles = verdict.allowed ? [] : await policy.rolesThatGrant(rights, object, field, action);
  return describeDecision(question, verdict, roles);
}

/** The explanation that a verdict amounts to. Pure: `grantingRoles` are the answer of `rolesThatGrant`. */
export function describeDecision(
  question: DecisionQuestion,
  verdict: CellVerdict,
  grantingRoles: readonly string[],
): DecisionExplanation {
  const { allowed, line } = verdict;
  if (allowed) return { verdict: 'allowed', decidingLine: line, missing: null, grantingRoles: [], remedy: '' };
  const missing = missingFor(question, verdict);
  const roles = missing.kind === 'grant' ? [...grantingRoles].sort() : [];
  return {
    verdict: 'denied',
    decidingLine: line,
    missing,
    grantingRoles: roles,
    remedy: remedyText(question, missing, roles),
  };
}

function missingFor({ rights, object, field, action }: DecisionQuestion, { line, decidedBy }: CellVerdict): Missing {
  if (decidedBy === 'scopes') return { kind: 'scope', scopes: rights.scopes ?? [] };
  return line ? { kind: 'deny', line } : { kind: 'grant', object, field, action };
}

function remedyText(question: DecisionQuestion, missing: Missing, roles: readonly string[]): string {
  const wish = wording(question);
  switch (missing.kind) {
    case 'scope':
      return `Your roles allow you to ${wish}, but this token is narrowed below them: use a token with a wider scope.`;
    case 'deny': {
      const { id, role } = missing.line;
      return `Rule ${id} of the role ${role} denies it, and a deny outweighs every grant: the rule or the role would have to go.`;
    }
    case 'grant':
      if (roles.length === 0)
        return `No role that could be added lets you ${wish}: a rule that allows it must be published.`;
      return `Ask for ${roles.length === 1 ? 'the role' : 'one of the roles'} ${roles.join(', ')} to ${wish}.`;
  }
}

function wording({ object, field, action }: DecisionQuestion): string {
  if (field === OBJECT_FIELD) return `${action} ${object} records`;
  if (action === 'change') return `change ${object}.${field}`;
  return `see ${object}.${field}${action === 'see-masked' ? ' masked' : ''}`;
}
