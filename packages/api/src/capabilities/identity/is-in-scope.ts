import { isUuid, objectOf } from '@countersign/schema';
import type { Pool } from 'pg';
import type { RequestScope } from '../../path/request-scope';
import { HeadMoved, underHead } from '../../path/under-head';
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
  return underHead(request, async ({ snapshot, authority, principal, head }) => {
    const scope = access === 'read' ? authority.readScope(objectName) : authority.writeScope(objectName);
    const params = new StatementParams();
    const bound = [
      params.add({ kind: 'policy-version' }, 'bigint'),
      params.add({ kind: 'people-epoch' }, 'bigint'),
      params.add({ kind: 'literal', value: id }, 'uuid'),
    ];
    let aliases = 0;
    const freshAlias = () => `s${++aliases}`;
    const within = printScope(scope, {
      catalogue: snapshot.catalogue,
      object: objectName,
      alias: 't',
      bind: params.operand,
      freshAlias,
    });
    const { table } = objectOf(snapshot.catalogue, objectName);
    const values = params.sources.map((from) => {
      if (from.kind === 'policy-version') return head.policyVersion;
      if (from.kind === 'people-epoch') return head.peopleEpoch;
      if (from.kind === 'principal') return principal.values[from.name];
      return from.kind === 'literal' ? from.value : null;
    });
    const { rows } = await pool.query<{ found: boolean }>(
      `select exists(select 1 from ${table} t where t.id=${bound[2]} and ${within}) as found from authority_head h
       where h.policy_version=${bound[0]} and h.people_epoch=${bound[1]}`,
      values,
    );
    if (!rows[0]) throw new HeadMoved();
    return rows[0].found;
  });
}
