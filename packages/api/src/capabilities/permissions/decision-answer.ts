import type { DecisionAction } from '../../path/decision-action';
import type { DecisionRecord } from '../../path/decision-token';
import type { DescribedScope } from './describe-row-scope';
import type { DescribedCellRule } from './explain-cell-rules';
import type { RuleDetail } from './explain-cells';
import { reasonRemedy } from './remedies';
import type { AskedDecision } from './settle-verdict';

export interface ExplainQuestion {
  readonly decisionId?: string | null;
  readonly object?: string | null;
  readonly field?: string | null;
  readonly action?: DecisionAction | null;
  readonly id?: string | null;
  readonly userId?: string | null;
}

export interface DecisionAnswer extends RuleDetail {
  readonly verdict: 'ALLOWED' | 'MASKED' | 'DENIED';
  /** The public code that the decision ended with; null when none was taken yet. */
  readonly code: string | null;
  readonly object: string | null;
  readonly field: string | null;
  readonly action: DecisionAction | null;
  readonly policyVersion: number | null;
  readonly rowScope: DescribedScope | null;
  readonly recordInScope: boolean | null;
  /** Rules that limit the records in which the field is shown; empty where there is none. */
  readonly cellRules: readonly DescribedCellRule[];
  /** Whether they let it be shown in the record that was asked about. */
  readonly cellShown: boolean | null;
}

/** An explanation of the outcome alone. */
export function bareAnswer(record: DecisionRecord, asked: AskedDecision | null, remedy: string): DecisionAnswer {
  return {
    verdict: record.code === 'OK' ? 'ALLOWED' : 'DENIED',
    code: record.code === 'OK' ? null : record.code,
    object: asked?.object ?? null,
    field: asked?.field ?? null,
    action: asked ? record.action : null,
    policyVersion: record.policyVersion,
    decidingRule: null,
    missing: null,
    grantingRoles: [],
    rowScope: null,
    recordInScope: null,
    cellRules: [],
    cellShown: null,
    remedy: record.because ? reasonRemedy(record.because) : remedy,
  };
}
