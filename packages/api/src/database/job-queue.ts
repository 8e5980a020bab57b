import { runMigrations } from 'graphile-worker';
import { type Client, escapeIdentifier, type Pool } from 'pg';
import { quietWorkerLog } from './quiet-worker-log';

/** The schema of graphile-worker's tables: one of ours, so that another program may have its own in the same database. */
export const JOBS_SCHEMA = 'countersign_jobs';

/** The last migration of the graphile-worker that this program was written for. */
export const JOBS_REVISION = 19;

/**
 * Brings graphile-worker's tables up to date, as their owner, and lets the gateway's role work with them. It turns row
 * security on for its tables and writes no policy, so that only their owner would see a job: the gateway owns nothing.
 */
export async function migrateJobs(pool: Pool, gatewayRole: string): Promise<void> {
  await runMigrations({ pgPool: pool, schema: JOBS_SCHEMA, logger: quietWorkerLog, noHandleSignals: true });
  const role = escapeIdentifier(gatewayRole);
  await pool.query(`
    grant usage on schema ${JOBS_SCHEMA} to ${role};
    grant select on ${JOBS_SCHEMA}.migrations to ${role};
    grant select, insert, update, delete on ${JOBS_SCHEMA}._private_jobs to ${role};
    grant select, insert, update on ${JOBS_SCHEMA}._private_job_queues, ${JOBS_SCHEMA}._private_tasks to ${role};
    do $$ declare name text; begin
      foreach name in array array['_private_jobs', '_private_job_queues', '_private_tasks'] loop
        if not exists (select from pg_policy
          where polname = 'gateway' and polrelid = format('${JOBS_SCHEMA}.%I', name)::regclass) then
          execute format('create policy gateway on ${JOBS_SCHEMA}.%I using (true) with check (true)', name);
        end if;
      end loop;
    end $$`);
}

/** Migrations of the job queue that a database lacks, and those that this program does not know. */
export async function compareJobs(client: Client): Promise<{ pending: string[]; unknown: string[] }> {
  const name = `graphile-worker ${JOBS_REVISION}`;
  const { rows: reachable } = await client.query(
    `select from pg_namespace where nspname=$1 and has_schema_privilege(oid, 'usage')`,
    [JOBS_SCHEMA],
  );
  if (reachable.length === 0) return { pending: [name], unknown: [] };
  const { rows: there } = await client.query(`select from pg_tables where schemaname=$1 and tablename='migrations'`, [
    JOBS_SCHEMA,
  ]);
  if (there.length === 0) return { pending: [name], unknown: [] };
  const { rows } = await client.query<{ id: number | null }>(`select max(id) as id from ${JOBS_SCHEMA}.migrations`);
  const revision = rows[0]?.id ?? 0;
  return {
    pending: revision < JOBS_REVISION ? [name] : [],
    unknown: revision > JOBS_REVISION ? [`graphile-worker ${revision}`] : [],
  };
}
