import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { Fault } from '../../path/faults';
import type { RequestScope } from '../../path/request-scope';
import type { DecisionAnswer } from './decision-answer';
import { type ExplainDeps, explainOneDecision } from './explain-decision';
import { explainWholeOperation, type OperationDeps } from './explain-operation';
import {
  DecisionExplanation,
  ExplainDecisionInput,
  ExplainOperationInput,
  OperationExplanation,
} from './explanation-types';
import { showManifest } from './show-manifest';

/** Explanations that one request may ask for: each may cost as much as a request of its own. */
const MOST_EXPLANATIONS = 20;

@Resolver()
export class PermissionsResolver {
  private readonly asked = new WeakMap<RequestScope, number>();

  constructor(private readonly deps: ExplainDeps & OperationDeps) {}

  @Query(() => DecisionExplanation, { description: 'Why something was refused, or would be, and what would help.' })
  async explainDecision(
    @Arg('input', () => ExplainDecisionInput) input: ExplainDecisionInput,
    @Ctx() scope: RequestScope,
  ): Promise<DecisionAnswer> {
    this.count(scope);
    return explainOneDecision(this.deps, scope, input);
  }

  @Query(() => OperationExplanation, {
    description: 'Every decision that a document would take if you ran it. Nothing of it is run.',
  })
  async explainOperation(
    @Arg('input', () => ExplainOperationInput) input: ExplainOperationInput,
    @Ctx() scope: RequestScope,
  ): Promise<OperationExplanation> {
    this.count(scope);
    return showManifest(await explainWholeOperation(this.deps, scope, input));
  }

  private count(scope: RequestScope): void {
    const count = (this.asked.get(scope) ?? 0) + 1;
    this.asked.set(scope, count);
    if (count > MOST_EXPLANATIONS) {
      throw new Fault('COST_LIMIT', { message: `A request has at most ${MOST_EXPLANATIONS} things explained.` });
    }
  }
}
