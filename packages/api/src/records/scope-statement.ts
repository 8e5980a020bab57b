import type { PrincipalValues, RowScope } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import { printScope } from '../planner/sql/condition-sql';
import { StatementParams } from '../planner/sql/statement-params';

/** A statement of the write path that holds row scopes: names and placeholders in its text, values beside it. */
export class ScopeStatement {
  private readonly params = new StatementParams();
  private aliases = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly principal: PrincipalValues,
  ) {}

  /** A condition on the rows of `alias` that is true for those within the scope. */
  scope(object: string, alias: string, scope: RowScope): string {
    return printScope(scope, {
      catalogue: this.catalogue,
      object,
      alias,
      bind: this.params.operand,
      freshAlias: () => `s${++this.aliases}`,
    });
  }

  ids(ids: readonly string[]): string {
    return this.params.add({ kind: 'literal', value: ids }, 'uuid[]');
  }

  get values(): unknown[] {
    return this.params.sources.map((source) => {
      switch (source.kind) {
        case 'literal':
          return source.value;
        case 'principal':
          return this.principal[source.name];
        default:
          throw new Error(`A row scope that asks for ${source.kind}`);
      }
    });
  }
}
