import type { CompareOperator, Condition, Operand, RowScope } from '@countersign/policy';
import {
  type Catalogue,
  type CatalogueObject,
  type FieldType,
  memberOf,
  objectOf,
  type StoredMember,
  type ToManyRelation,
  type ToOneRelation,
} from '@countersign/schema';

const BOOLEAN: FieldType = { kind: 'boolean' };
const SQL_NAME = /^[a-z_][a-z0-9_]*$/;

export interface ConditionPrinting {
  readonly catalogue: Catalogue;
  /** The object whose rows `alias` stands for. */
  readonly object: string;
  readonly alias: string;
  /**
   * Binds a value and returns its typed placeholder, `$3::uuid`; with `list` one array, `$4::text[]`.
   * The cast names no precision (`$5::numeric`): a value that must be rounded could throw.
   */
  readonly bind: (operand: Operand, type: FieldType, list: boolean) => string;
  /** An alias that the statement does not use yet. */
  readonly freshAlias: () => string;
  /**
   * How a stored member is read; `alias.column` when absent. Foreign keys as well.
   */
  readonly column?: (object: string, member: string, alias: string) => string;
  /**
   * The records that a relation leads to, in conditions of clients: FROM item and what must hold of it, which is the
   * target's row scope. Absent for conditions written by admins, whose steps see every record.
   */
  readonly rows?: (targetObject: string, alias: string) => { readonly from: string; readonly where: readonly string[] };
}

/**
 * Prints a condition as SQL that is true for exactly the records that meet it, and false or NULL for all others.
 *
 * It holds names from the catalogue and placeholders, never a value, and nothing in it can throw on a row: typed
 * comparisons only, no arithmetic, no cast of a column, no pattern. So a row that the caller may not see cannot make
 * itself felt through an error. Negations are pushed down to the comparisons (`not` of a step to a parent is a step
 * with `not` inside), so each step is a plain EXISTS, which PostgreSQL can turn into a semi-join.
 *
 * Throws for names that are not in the catalogue.
 */
export function printCondition(condition: Condition, printing: ConditionPrinting): string {
  if (!SQL_NAME.test(printing.alias)) throw new Error(`${printing.alias} is not a usable alias`);
  return print(condition, false, printing);
}

/** Prints a row scope, in the way of {@link printCondition}. */
export function printScope(scope: RowScope, printing: ConditionPrinting): string {
  switch (scope.kind) {
    case 'always':
      return 'true';
    case 'never':
      return 'false';
    case 'only-where':
      return printCondition(scope.condition, printing);
  }
}

/** `negated`: print what is true where the condition is false. */
function print(condition: Condition, negated: boolean, at: ConditionPrinting): string {
  switch (condition.kind) {
    case 'constant':
      return String(condition.value !== negated);
    case 'all':
    case 'any': {
      const everyPart = (condition.kind === 'all') !== negated;
      if (condition.of.length === 0) return String(everyPart);
      const parts = condition.of.map((part) => print(part, negated, at));
      return parts.length === 1 ? parts[0]! : `(${parts.join(everyPart ? ' and ' : ' or ')})`;
    }
    case 'not':
      return print(condition.of, !negated, at);
    case 'compare':
      return printComparison(condition, negated, at);
    case 'isNull':
      return printNullness(condition, negated, at);
    case 'step':
      return printStep(condition, negated, at);
  }
}

function printComparison(condition: Condition & { kind: 'compare' }, negated: boolean, at: ConditionPrinting): string {
  const member = memberOf(objectOf(at.catalogue, at.object), condition.field);
  if (member?.kind !== 'field') throw new Error(`${at.object} has no field ${condition.field}`);
  const value = at.bind(condition.operand, member.type, condition.operator === 'in');
  const text = compared(columnOf(member, at), condition.operator, value);
  return negated ? `not (${text})` : text;
}

/** One comparison of a column with a placeholder. */
export function compared(column: string, operator: CompareOperator, value: string): string {
  switch (operator) {
    case 'eq':
      return `${column} = ${value}`;
    case 'ne':
      return `${column} <> ${value}`;
    case 'in':
      return `${column} = any(${value})`;
    case 'lt':
      return `${column} < ${value}`;
    case 'lte':
      return `${column} <= ${value}`;
    case 'gt':
      return `${column} > ${value}`;
    case 'gte':
      return `${column} >= ${value}`;
    case 'contains':
      return `strpos(${column}, ${value}) > 0`;
    case 'startsWith':
      return `starts_with(${column}, ${value})`;
  }
}

function printNullness(condition: Condition & { kind: 'isNull' }, negated: boolean, at: ConditionPrinting): string {
  const member = memberOf(objectOf(at.catalogue, at.object), condition.field);
  if (!member || member.kind === 'to-many') throw new Error(`${at.object}.${condition.field} cannot be null`);
  const { operand } = condition;
  if (operand.from === 'literal') return nullTest(member, (operand.value === true) !== negated, at);
  const text = `(${nullTest(member, true, at)}) = ${at.bind(operand, BOOLEAN, false)}`;
  return negated ? `not (${text})` : text;
}

function nullTest(member: StoredMember, wantsNull: boolean, at: ConditionPrinting): string {
  if (member.kind === 'to-one' && at.rows) {
    // A parent that is hidden from the caller is shown as null, so it has to be null here too.
    const exists = printExists(member, null, at);
    return wantsNull ? `not ${exists}` : exists;
  }
  return `${columnOf(member, at)} is ${wantsNull ? 'null' : 'not null'}`;
}

function printStep(condition: Condition & { kind: 'step' }, negated: boolean, at: ConditionPrinting): string {
  const relation = memberOf(objectOf(at.catalogue, at.object), condition.relation);
  if (!relation || relation.kind === 'field') throw new Error(`${at.object} has no relation ${condition.relation}`);
  if ((relation.kind === 'to-one') !== (condition.quantifier === 'one')) {
    throw new Error(`${at.object}.${relation.name} cannot be stepped through by ${condition.quantifier}`);
  }
  if (relation.kind === 'to-one') {
    return printByKey(condition.of, relation, negated, at) ?? printExists(relation, { of: condition.of, negated }, at);
  }
  const exists = printExists(relation, { of: condition.of, negated: false }, at);
  return (condition.quantifier === 'some') === negated ? `not ${exists}` : exists;
}

/** A parent asked for nothing but its id, or for being there, needs no look at its table: the foreign key says it. */
function printByKey(inner: Condition, relation: ToOneRelation, negated: boolean, at: ConditionPrinting): string | null {
  if (at.rows || !asksOnlyForId(inner)) return null;
  const key = columnOf(relation, at);
  const target: CatalogueObject = objectOf(at.catalogue, relation.target);
  const text = print(inner, negated, { ...at, object: target.name, column: () => key });
  // Without a parent the step is unknown, which an empty list or a constant alone would not be.
  return text === 'true' ? `${key} is not null` : `(${key} is not null and ${text})`;
}

function asksOnlyForId(condition: Condition): boolean {
  switch (condition.kind) {
    case 'constant':
      return true;
    case 'compare':
      return condition.field === 'id';
    case 'not':
      return asksOnlyForId(condition.of);
    case 'all':
    case 'any':
      return condition.of.every(asksOnlyForId);
    case 'isNull':
    case 'step':
      return false;
  }
}

type InnerCondition = { readonly of: Condition; readonly negated: boolean } | null;

function printExists(relation: ToOneRelation | ToManyRelation, inner: InnerCondition, at: ConditionPrinting): string {
  const target = objectOf(at.catalogue, relation.target);
  const alias = at.freshAlias();
  if (!SQL_NAME.test(alias)) throw new Error(`${alias} is not a usable alias`);
  const there: ConditionPrinting = { ...at, object: target.name, alias };
  const { from, where } = at.rows?.(target.name, alias) ?? { from: `${target.table} ${alias}`, where: [] };
  const parts = [
    joinOf(relation, target, at, there),
    ...where,
    ...(inner ? [print(inner.of, inner.negated, there)].filter((text) => text !== 'true') : []),
  ];
  return `exists (select 1 from ${from} where ${parts.join(' and ')})`;
}

function joinOf(
  relation: ToOneRelation | ToManyRelation,
  target: CatalogueObject,
  here: ConditionPrinting,
  there: ConditionPrinting,
) {
  if (relation.kind === 'to-one') return `${there.alias}.id = ${columnOf(relation, here)}`;
  const back = memberOf(target, relation.via);
  if (back?.kind !== 'to-one') throw new Error(`${target.name}.${relation.via} does not lead back`);
  return `${columnOf(back, there)} = ${here.alias}.id`;
}

function columnOf(member: StoredMember, at: ConditionPrinting): string {
  return at.column ? at.column(at.object, member.name, at.alias) : `${at.alias}.${member.column}`;
}
