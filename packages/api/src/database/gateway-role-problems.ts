import type { Pool } from 'pg';

interface RoleFacts {
  readonly name: string;
  readonly attributes: string[];
  readonly member_of: string[];
  readonly owned: string[];
}

const FACTS = `
  select r.rolname as name,
    array_remove(array[
      case when r.rolsuper then 'superuser' end,
      case when r.rolbypassrls then 'bypassrls' end,
      case when r.rolcreaterole then 'createrole' end,
      case when r.rolreplication then 'replication' end], null) as attributes,
    array(select p.rolname::text from pg_roles p
           where p.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program',
                               'pg_read_server_files', 'pg_write_server_files')
             and pg_has_role(r.oid, p.oid, 'member')) as member_of,
    array(select o.what from (
            select 'database ' || quote_ident(datname) as what, datdba as owner from pg_database
             where datname = current_database()
            union all select 'schema ' || quote_ident(nspname), nspowner from pg_namespace where nspname in ('countersign', 'countersign_jobs')
            union all select 'table ' || c.relname, c.relowner from pg_class c
              join pg_namespace n on n.oid = c.relnamespace
             where n.nspname in ('countersign', 'countersign_jobs') and c.relkind in ('r', 'p', 'v', 'm')
            union all select 'function ' || f.proname, f.proowner from pg_proc f
              join pg_namespace n on n.oid = f.pronamespace
             where n.nspname in ('countersign', 'countersign_jobs')) o
           where pg_has_role(r.oid, o.owner, 'member') order by 1 limit 5) as owned
  from pg_roles r where r.rolname = session_user`;

/**
 * Why the role behind a pool must not serve requests: with these rights whoever gets hold of the gateway could rewrite
 * its audit log. Empty when nothing is wrong. Production refuses to start on any; a demo warns.
 */
export async function gatewayRoleProblems(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<RoleFacts>(FACTS);
  const [role] = rows;
  if (!role) return ["the gateway's role is not listed in pg_roles"];
  // A superuser owns everything anyway: one reason says it all.
  if (role.attributes.includes('superuser')) return [`the gateway's role ${role.name} is a superuser`];
  return [
    ...role.attributes.map((attribute) => `the gateway's role ${role.name} has the attribute ${attribute}`),
    ...role.member_of.map((other) => `the gateway's role ${role.name} is a member of ${other}`),
    ...role.owned.map((what) => `the gateway's role ${role.name} owns the ${what}, or can become its owner`),
  ];
}
