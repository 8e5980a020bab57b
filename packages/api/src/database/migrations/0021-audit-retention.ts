import { SqlMigration } from './sql-migration';

/**
 * Old and new values may be removed once they are old enough; headers and commitments stay for ever. How young a value
 * the gateway's role may remove is said here, where only the owner can change it.
 */
export class AuditRetention extends SqlMigration {
  readonly name = 'AuditRetention0000000000021';
  protected readonly sql = `
alter table audit_log add column keep_values_days integer not null default 90 check (keep_values_days >= 1);

-- Removes the values of entries that are older and in the log, at most so many; gives how many. What happened to the
-- values is said by entries of the action SYSTEM, so theirs stay.
create function prune_audit_values(before timestamptz, most integer) returns bigint
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  least integer := (select keep_values_days from audit_log);
  gone bigint;
begin
  if before is null or before > clock_timestamp() - make_interval(days => least) then
    raise exception 'values that are not older than % days stay', least;
  end if;
  with old as (
    select v.entry_id from audit_entry e join audit_value v on v.entry_id = e.id
    where e.at < before and e.action <> 'SYSTEM' and exists (select from audit_leaf l where l.entry_id = e.id)
    order by e.at limit most
  ), pruned as (
    delete from audit_value v using old where v.entry_id = old.entry_id returning 1
  )
  select count(*) into gone from pruned;
  return gone;
end $$;
revoke execute on function prune_audit_values(timestamptz, integer) from public;

do $$
begin
  if gateway_role() = current_user then return; end if;
  execute format('grant execute on function prune_audit_values(timestamptz, integer) to %I', gateway_role());
end $$;
`;
}
