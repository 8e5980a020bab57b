import type { PrincipalValues, RowScope } from '@countersign/policy';
import { isUuid, objectOf } from '@countersign/schema';
import type { Pool } from 'pg';
import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import { HeadMoved, readUnderHead } from '../../path/under-head';
import { printScope } from '../../planner/sql/condition-sql';
import { StatementParams } from '../../planner/sql/statement-params';

/** Whether a record lies in the caller's scope. A record that does not exist lies in nobody's. */
export async function isInScope(
  pool: Pool,
  request: RequestScope,
  objectName: string,
  id: string,
  access: 'read' | 'read-write',
): Promise<boolean> {
  if (!isUuid(id)) return false;
  return readUnderHead(request, async (under) => {
    const { authority } = under;
    const scope = access === 'read' ? authority.readScope(objectName) : authority.writeScope(objectName);
    return liesIn(pool, under, { object: objectName, id, scope, values: under.principal.values });
  });
}

/** A record, a row scope, and the principal whose values the scope asks for. */
export interface ScopeQuestion {
  readonly object: string;
  readonly id: string;
  readonly scope: RowScope;
  readonly values: PrincipalValues;
}

/** Whether a record lies in a row scope; no record, no. Throws HeadMoved when the head is no longer the one given. */
export async function liesIn(
  pool: Pool,
  { snapshot, head }: Pick<DecidedUnder, 'snapshot' | 'head'>,
  { object, id, scope, values }: ScopeQuestion,
): Promise<boolean> {
  if (!isUuid(id)) return false;
  const params = new StatementParams();
  const bound = [
    params.add({ kind: 'policy-version' }, 'bigint'),
    params.add({ kind: 'people-epoch' }, 'bigint'),
    params.add({ kind: 'literal', value: id }, 'uuid'),
  ];
  let aliases = 0;
  const within = printScope(scope, {
    catalogue: snapshot.catalogue,
    object,
    alias: 't',
    bind: params.operand,
    freshAlias: () => `s${++aliases}`,
  });
  const { table } = objectOf(snapshot.catalogue, object);
  const { rows } = await pool.query<{ found: boolean }>(
    `select exists(select 1 from ${table} t where t.id=${bound[2]} and ${within}) as found from authority_head h
     where h.policy_version=${bound[0]} and h.people_epoch=${bound[1]}`,
    params.sources.map((from) => {
      if (from.kind === 'policy-version') return head.policyVersion;
      if (from.kind === 'people-epoch') return head.peopleEpoch;
      if (from.kind === 'principal') return values[from.name];
      return from.kind === 'literal' ? from.value : null;
    }),
  );
  if (!rows[0]) throw new HeadMoved();
  return rows[0].found;
}
