import { type Condition, type DecisionTable, describeScope, type RowScope } from '@countersign/policy';
import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import { printScope } from '../../planner/sql/condition-sql';
import { sqlTypeOf } from '../../planner/sql/statement-params';

/** A row scope as it is shown. */
export interface DescribedScope {
  readonly kind: 'ALWAYS' | 'NEVER' | 'ONLY_WHERE';
  readonly words: string;
  /** The scope as it is printed into statements: names and placeholders. Null for those who may not see rules. */
  readonly sql: string | null;
  /** What each placeholder is bound to, by name; never a value. */
  readonly bound: readonly string[];
}

/** For readers of rules everything; for others the words, as far as these name nothing that they do not see clear. */
export type ScopeReader = { readonly seesRules: true } | { readonly seesRules: false; readonly table: DecisionTable };

const KINDS = { always: 'ALWAYS', never: 'NEVER', 'only-where': 'ONLY_WHERE' } as const;

/** Words about a condition that depend on where it was written. */
export interface ConditionWording {
  /** Stands in for words that would name what the reader may not know. */
  readonly untold: string;
  readonly literal: string;
}

const OF_GROUPS: ConditionWording = {
  untold: 'the records that your sharing groups give you',
  literal: 'a value written in the sharing group',
};

export function describeRowScope(
  catalogue: Catalogue,
  object: string,
  scope: RowScope,
  reader: ScopeReader,
  told: ConditionWording = OF_GROUPS,
): DescribedScope {
  const kind = KINDS[scope.kind];
  if (reader.seesRules)
    return { kind, words: describeScope(catalogue, object, scope), ...scopeSql(catalogue, object, scope, told) };
  const tellable = scope.kind !== 'only-where' || namesOnlyClear(catalogue, reader.table, object, scope.condition);
  const words = tellable ? describeScope(catalogue, object, scope) : told.untold;
  return { kind, words, sql: null, bound: [] };
}

function scopeSql(
  catalogue: Catalogue,
  object: string,
  scope: RowScope,
  told: ConditionWording,
): { sql: string; bound: string[] } {
  const bound: string[] = [];
  let aliases = 0;
  const sql = printScope(scope, {
    catalogue,
    object,
    alias: 't',
    freshAlias: () => `s${++aliases}`,
    bind(operand, type, list) {
      const what = operand.from === 'principal' ? `principal.${operand.name}` : told.literal;
      bound.push(`$${bound.length + 1}: ${what}`);
      return `$${bound.length}::${sqlTypeOf(type)}${list ? '[]' : ''}`;
    },
  });
  return { sql, bound };
}

/** Whether a condition speaks only of what this class sees clear: otherwise its words would name hidden fields. */
function namesOnlyClear(catalogue: Catalogue, table: DecisionTable, object: string, condition: Condition): boolean {
  const clear = (name: string): boolean => {
    const member = memberOf(objectOf(catalogue, object), name);
    if (!member || table.see(object, name) !== 'clear') return false;
    return member.kind === 'field' || table.readable(member.target);
  };
  switch (condition.kind) {
    case 'constant':
      return true;
    case 'all':
    case 'any':
      return condition.of.every((inner) => namesOnlyClear(catalogue, table, object, inner));
    case 'not':
      return namesOnlyClear(catalogue, table, object, condition.of);
    case 'compare':
    case 'isNull':
      return clear(condition.field);
    case 'step': {
      const relation = memberOf(objectOf(catalogue, object), condition.relation);
      if (!clear(condition.relation) || !relation || relation.kind === 'field') return false;
      return namesOnlyClear(catalogue, table, relation.target, condition.of);
    }
  }
}
