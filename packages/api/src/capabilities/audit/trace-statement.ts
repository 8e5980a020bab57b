import type { RowScope } from '@countersign/policy';
import type { Pool } from 'pg';
import type { DecidedUnder } from '../../path/rooms';
import { HeadMoved } from '../../path/under-head';
import { printScope } from '../../planner/sql/condition-sql';
import { StatementParams } from '../../planner/sql/statement-params';

/** A statement that reads the audit log under the head it was decided under; values are parameters. */
export class TraceStatement {
  private readonly params = new StatementParams();
  private aliases = 0;

  constructor(readonly under: DecidedUnder) {}

  /** The placeholder of a value, `$3::uuid`. */
  value(value: unknown, sqlType: string): string {
    return this.params.add({ kind: 'literal', value }, sqlType);
  }

  /** A condition on the rows of `alias` that is true for those within the scope. */
  scope(object: string, alias: string, scope: RowScope): string {
    return printScope(scope, {
      catalogue: this.under.snapshot.catalogue,
      object,
      alias,
      bind: this.params.operand,
      freshAlias: () => this.alias(),
    });
  }

  alias(): string {
    this.aliases += 1;
    return `s${this.aliases}`;
  }

  /** Runs a select of one JSON value. Throws HeadMoved when the head is no longer the one decided under. */
  async json<T>(pool: Pool, select: string): Promise<T> {
    const { head, principal } = this.under;
    const version = this.value(head.policyVersion, 'bigint');
    const epoch = this.value(head.peopleEpoch, 'bigint');
    const { rows } = await pool.query<{ found: T }>(
      `select (${select}) as found from authority_head h where h.policy_version=${version} and h.people_epoch=${epoch}`,
      this.params.sources.map((from) => {
        if (from.kind === 'principal') return principal.values[from.name];
        return from.kind === 'literal' ? from.value : null;
      }),
    );
    if (!rows[0]) throw new HeadMoved();
    return rows[0].found;
  }
}
