import { BoundedMap } from '../path/bounded-map';
import type { ProtectedUse } from './protected-fields';
import type { Decision, Refusal, WithheldSelection } from './read-plan';
import type { Source } from './source';
import type { ReadStatement } from './sql/read-statement';

/** A root field, decided and printed: what one statement answers for every request of the same key. */
export interface PreparedRead {
  readonly statement: ReadStatement;
  /** Names the statement for PostgreSQL, so that it is parsed once per connection. Absent: it is not kept there. */
  readonly name?: string;
  /** Values that it may answer. */
  readonly cost: number;
  readonly refusals: readonly Refusal[];
  readonly decisions: readonly Decision[];
  /** What of it leaves a trace. */
  readonly protectedUse: ProtectedUse;
  readonly withheld: readonly WithheldSelection[];
}

/**
 * What a prepared read depends on. Leave one out, and a plan decided for one caller or one filter would serve another.
 */
export interface PlanKey {
  readonly catalogueRevision: string;
  readonly policyVersion: number;
  readonly document: string;
  readonly operationName: string | null;
  /** Response keys down to the root field or the inner record. */
  readonly place: string;
  readonly variableShape: string;
  readonly rightsKey: string;
}

/** Characters of all statements that are remembered, and of the values in them. A client decides how long theirs are. */
const MOST_TEXT = 32_000_000;

export class PlanCache {
  private readonly plans: BoundedMap<PreparedRead>;
  /** The latest policy version that a plan was asked for under. */
  private newest = 0;

  constructor(most = 2_000) {
    this.plans = new BoundedMap(most, MOST_TEXT, ({ statement }) => textOf(statement));
  }

  find(key: PlanKey, make: () => PreparedRead): PreparedRead {
    const text = keyText(key);
    const known = this.plans.get(text);
    if (known) return known;
    const made = make();
    // Versions only rise: what was made under an earlier one is never asked for again, and keeps its catalogue in memory.
    if (key.policyVersion > this.newest) {
      this.plans.clear();
      this.newest = key.policyVersion;
    }
    if (key.policyVersion === this.newest) this.plans.set(text, made);
    // What is asked once is not worth keeping in every connection.
    return { ...made, name: undefined };
  }

  clear(): void {
    this.plans.clear();
  }
}

function textOf({ text, params }: ReadStatement): number {
  const constants = params.map((param) => ('source' in param ? constantText(param.source) : 0));
  return constants.reduce((sum, length) => sum + length, text.length);
}

/** The length of what stands in the text of the document. */
function constantText(from: Source): number {
  if (from.kind === 'list') return from.items.reduce((sum, item) => sum + constantText(item), 0);
  return from.kind === 'constant' && typeof from.value === 'string' ? from.value.length : 0;
}

function keyText(key: PlanKey): string {
  // U+0000 cannot occur in any part.
  return [
    key.catalogueRevision,
    key.policyVersion,
    key.document,
    key.operationName ?? '',
    key.place,
    key.variableShape,
    key.rightsKey,
  ].join('\u0000');
}
