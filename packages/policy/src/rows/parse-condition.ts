import type { Catalogue, FieldType } from '@countersign/schema';
import {
  buildCondition,
  CONDITION_LIMITS,
  ConditionInvalid,
  type ConditionLeaf,
  type ConditionLimits,
} from './build-condition';
import { checkLiteral } from './check-literal';
import { type Condition, type Operand, PRINCIPAL_VALUES, type PrincipalValueName } from './condition';

export interface ParseMode {
  /**
   * True for conditions written by admins: a text like `$principal.accountId` stands for a value of whoever asks.
   * False for everyone else: there it is a text like any other.
   */
  readonly allowPrincipal: boolean;
  /** Limits that differ from {@link CONDITION_LIMITS}. */
  readonly limits?: Partial<ConditionLimits>;
}

const PRINCIPAL_PREFIX = '$principal.';
/** Principal values that are ids; the others are texts. An id may be compared with a text, a text never with a uuid. */
const PRINCIPAL_IDS: ReadonlySet<string> = new Set(['userId', 'personId', 'accountId', 'clientId']);

/**
 * Reads a condition in its JSON form, which equals the GraphQL `where` input of the object:
 * `{ status: { in: ["PAID"] }, account: { segment: { eq: "SMB" } }, or: [...] }`. Literals are checked against the
 * fields' types and normalised (see checkLiteral), so that equal conditions become equal values.
 *
 * Throws {@link ConditionInvalid} with every problem found, each led by its path.
 */
export function parseCondition(catalogue: Catalogue, objectName: string, json: unknown, mode: ParseMode): Condition {
  return buildCondition(catalogue, objectName, json, literalLeaf(mode), { ...CONDITION_LIMITS, ...mode.limits });
}

/** What is wrong with a condition in its JSON form; nothing when it can be parsed. */
export function conditionProblems(catalogue: Catalogue, objectName: string, json: unknown, mode: ParseMode): string[] {
  try {
    parseCondition(catalogue, objectName, json, mode);
    return [];
  } catch (error) {
    if (error instanceof ConditionInvalid) return [...error.problems];
    throw error;
  }
}

function literalLeaf(mode: ParseMode): ConditionLeaf {
  const one = (type: FieldType, raw: unknown, path: string): Operand => {
    if (mode.allowPrincipal && typeof raw === 'string' && raw.startsWith(PRINCIPAL_PREFIX)) {
      return principalValue(type, raw.slice(PRINCIPAL_PREFIX.length), path);
    }
    const checked = checkLiteral(type, raw);
    if ('problem' in checked) throw new ConditionInvalid([`${path}: ${checked.problem}`]);
    return { from: 'literal', value: checked.value };
  };
  return (type, raw, path, list) => {
    if (!list) return one(type, raw, path);
    if (!Array.isArray(raw)) throw new ConditionInvalid([`${path}: expected a list`]);
    const problems: string[] = [];
    const operands = raw.flatMap((element, i) => {
      try {
        return [one(type, element, `${path}[${i}]`)];
      } catch (error) {
        if (!(error instanceof ConditionInvalid)) throw error;
        problems.push(...error.problems);
        return [];
      }
    });
    if (problems.length > 0) throw new ConditionInvalid(problems);
    return operands;
  };
}

function principalValue(type: FieldType, name: string, path: string): Operand {
  const known: PrincipalValueName | undefined = PRINCIPAL_VALUES.find((candidate) => candidate === name);
  if (!known) {
    const names = PRINCIPAL_VALUES.map((value) => PRINCIPAL_PREFIX + value).join(', ');
    throw new ConditionInvalid([`${path}: the principal has no ${name}; it has ${names}`]);
  }
  const fits = type.kind === 'text' || type.kind === (PRINCIPAL_IDS.has(known) ? 'uuid' : 'enum');
  if (!fits)
    throw new ConditionInvalid([`${path}: ${PRINCIPAL_PREFIX}${known} cannot be compared with a ${type.kind}`]);
  return { from: 'principal', name: known };
}
