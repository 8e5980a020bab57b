import type { Condition, RowScope } from '@countersign/policy';
import { type Catalogue, objectOf, storedMembers } from '@countersign/schema';
import type { Decided } from '../read-plan';
import { type ConditionPrinting, printCondition, printScope } from './condition-sql';
import type { StatementParams } from './statement-params';

/** Where rows come from, and what has to hold for them: parts of FROM and WHERE. */
export interface SeenRows {
  readonly from: string;
  readonly where: readonly string[];
}

/**
 * Prints the rows of objects as the caller sees them: within a row scope, and with NULL in the place of withheld cells.
 *
 * INVARIANT: whatever a statement reads for a client it reads from here. An object with cell rules stands in FROM as a
 * subquery in which each member under a rule is `case when <condition> then column end`, so that no position, whichever
 * it is, can meet the true value. The row scope stands inside, because it is the admin's and reads true values. PostgreSQL
 * pulls such a subquery up, so that indexes serve as without it. Objects of whose rules the plan uses none are printed
 * plainly.
 */
export class RowsAsSeen {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly params: Pick<StatementParams, 'operand'>,
    private readonly cells: Decided['cells'],
    private readonly freshAlias: () => string,
  ) {}

  of(object: string, scope: RowScope, alias: string): SeenRows {
    const { table } = objectOf(this.catalogue, object);
    if (!this.cells.has(object)) return { from: `${table} ${alias}`, where: this.scope(object, scope, alias) };
    const row = this.freshAlias();
    const inner = `select ${this.columns(object, row)} from ${table} ${row}${whereText(this.scope(object, scope, row))}`;
    return { from: `(${inner}) ${alias}`, where: [] };
  }

  /** A condition of a client: its steps see only what the client may see. */
  condition(object: string, condition: Condition, stepScopes: ReadonlyMap<string, RowScope>, alias: string): string {
    return printCondition(condition, {
      ...this.printing(object, alias),
      rows: (target, inner) => this.of(target, stepScopes.get(target) ?? { kind: 'never' }, inner),
    });
  }

  private scope(object: string, scope: RowScope, alias: string): string[] {
    return scope.kind === 'always' ? [] : [printScope(scope, this.printing(object, alias))];
  }

  private columns(object: string, row: string): string {
    const cells = this.cells.get(object)!;
    return storedMembers(objectOf(this.catalogue, object))
      .map(({ name, column }) => {
        const rule = cells.get(name);
        if (!rule) return `${row}.${column}`;
        return `case when ${printCondition(rule, this.printing(object, row))} then ${row}.${column} end as ${column}`;
      })
      .join(',');
  }

  private printing(object: string, alias: string): ConditionPrinting {
    const { catalogue, params, freshAlias } = this;
    return { catalogue, object, alias, bind: params.operand, freshAlias };
  }
}

/** ` where …`, or nothing where nothing has to hold. */
export function whereText(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
}
