import { SqlMigration } from './sql-migration';

/**
 * The functions of the log go by index, whatever the planner believes. A session keeps the plans that it made while the
 * log was small, and what was right for a thousand entries is a scan of everything, many times over, for a million.
 */
export class AuditPlans extends SqlMigration {
  readonly name = 'AuditPlans0000000000022';
  protected readonly sql = `
-- As before, but everything is looked up row by row: a join is turned round as soon as statistics lag behind, which they
-- do whenever many entries come at once.
create or replace function seal_audit_queue(most integer)
returns table (log_id uuid, added bigint, size bigint, root bytea, head_size bigint, seen_at float8)
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  before bigint;
  fresh bigint;
  height integer := 1;
  picked uuid[];
begin
  if not pg_try_advisory_xact_lock(7243650120) then return; end if;
  select l.id into log_id from audit_log l;
  select coalesce(max(l.position) + 1, 0) into before from audit_leaf l;
  select coalesce(max(h.size), 0) into head_size from audit_head h;
  if before < head_size then
    raise exception 'audit_leaf has % leaves, and a head was signed over %', before, head_size;
  end if;

  -- Whatever was committed by then is seen below.
  seen_at := extract(epoch from clock_timestamp()) * 1000;
  picked := array(
    select q.entry_id from audit_unsealed q
    where (select true from audit_entry e where e.id = q.entry_id)
      and (select true from audit_leaf l where l.entry_id = q.entry_id) is null
    order by q.entry_id limit most);
  delete from audit_unsealed q where q.entry_id = any(picked);
  get diagnostics added = row_count;
  if added <> cardinality(picked) then raise exception 'somebody else changes the queue of the audit log'; end if;
  insert into audit_leaf (position, entry_id, hash)
  select before - 1 + p.place, p.id, (
    select sha256('\\x00'::bytea || convert_to(e.header, 'UTF8') || e.commitments) from audit_entry e where e.id = p.id)
  from unnest(picked) with ordinality as p(id, place);

  size := before + added;
  while (size >> height) > 0 loop
    fresh := before >> height;
    if (size >> height) > fresh then
      if height = 1 then
        insert into audit_node (level, index, hash)
        select 1, l.position >> 1, sha256('\\x01'::bytea || l.hash ||
          (select r.hash from audit_leaf r where r.position = l.position + 1))
        from audit_leaf l
        where l.position >= fresh * 2 and l.position < (size >> 1) * 2 and l.position & 1 = 0;
      else
        insert into audit_node (level, index, hash)
        select height, l.index >> 1, sha256('\\x01'::bytea || l.hash ||
          (select r.hash from audit_node r where r.level = height - 1 and r.index = l.index + 1))
        from audit_node l
        where l.level = height - 1 and l.index >= fresh * 2
          and l.index < (size >> height) * 2 and l.index & 1 = 0;
      end if;
    end if;
    height := height + 1;
  end loop;
  root := audit_root(size);
  return next;
end $$;

alter function seal_audit_queue(integer) set enable_seqscan = off;
alter function audit_root(bigint) set enable_seqscan = off;
alter function prune_audit_values(timestamptz, integer) set enable_seqscan = off;
`;
}
