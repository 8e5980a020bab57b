import { SqlMigration } from './sql-migration';

/**
 * The Merkle log over the audit entries (RFC 6962): leaves in order, the hashes of complete subtrees, signed heads.
 *
 * The gateway's role reads all of it and writes none of it; what it may do is to ask for the queue to be sealed and to
 * add a head, and both functions refuse what does not continue the log.
 */
export class AuditLog extends SqlMigration {
  readonly name = 'AuditLog0000000000020';
  protected readonly sql = `
-- The database's clock, so that the age of the queue does not depend on anybody else's.
alter table audit_unsealed add column queued_at timestamptz(3) not null default clock_timestamp();
create index audit_unsealed_queued_at_idx on audit_unsealed (queued_at);

create table audit_log (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid()
);
insert into audit_log default values;

create table audit_leaf (
  position bigint primary key check (position >= 0),
  entry_id uuid not null,
  hash bytea not null check (octet_length(hash) = 32)
);

create unique index audit_leaf_entry_id_idx on audit_leaf (entry_id);

-- The subtree of 2^level leaves that begins at leaf index * 2^level. Only complete ones: they never change.
create table audit_node (
  level smallint not null check (level between 1 and 62),
  index bigint not null check (index >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, index)
);

create table audit_head (
  size bigint primary key check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  at timestamptz(3) not null,
  key_id text collate "C" not null check (char_length(key_id) between 1 and 120),
  signature bytea not null check (octet_length(signature) = 64)
);

-- The root over the first so many leaves, from complete subtrees alone. NULL when one of them is missing.
create function audit_root(size bigint) returns bytea
language plpgsql stable set search_path = countersign, pg_temp as $$
declare
  root bytea;
  part bytea;
begin
  if size = 0 then return sha256(''); end if;
  for height in 0..62 loop
    exit when (size >> height) = 0;
    continue when ((size >> height) & 1) = 0;
    if height = 0 then
      select hash into part from audit_leaf where position = size - 1;
    else
      select n.hash into part from audit_node n where n.level = height and n.index = (size >> height) - 1;
    end if;
    if not found then return null; end if;
    root := case when root is null then part else sha256('\\x01'::bytea || part || root) end;
  end loop;
  return root;
end $$;

-- Gives the entries that it sees in the queue, at most so many, their places in the log. What commits later is in the
-- next call. No row: somebody else is at it. Entries keep to the order of their ids within one call only.
create function seal_audit_queue(most integer)
returns table (log_id uuid, added bigint, size bigint, root bytea, head_size bigint, seen_at float8)
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  before bigint;
  fresh bigint;
  height integer := 1;
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
  with picked as (
    select q.entry_id from audit_unsealed q
    where exists (select from audit_entry e where e.id = q.entry_id)
      and not exists (select from audit_leaf l where l.entry_id = q.entry_id)
    order by q.entry_id limit most
  ), taken as (
    delete from audit_unsealed q using picked p where q.entry_id = p.entry_id returning q.entry_id
  ), placed as (
    insert into audit_leaf (position, entry_id, hash)
    select before - 1 + row_number() over (order by t.entry_id), t.entry_id,
      sha256('\\x00'::bytea || convert_to(e.header, 'UTF8') || e.commitments)
    from taken t join audit_entry e on e.id = t.entry_id
    returning 1
  )
  select count(*) into added from placed;

  size := before + added;
  while (size >> height) > 0 loop
    fresh := before >> height;
    if (size >> height) > fresh then
      if height = 1 then
        insert into audit_node (level, index, hash)
        select 1, l.position >> 1, sha256('\\x01'::bytea || l.hash || r.hash)
        from audit_leaf l join audit_leaf r on r.position = l.position + 1
        where l.position >= fresh * 2 and l.position < (size >> 1) * 2 and l.position & 1 = 0;
      else
        insert into audit_node (level, index, hash)
        select height, l.index >> 1, sha256('\\x01'::bytea || l.hash || r.hash)
        from audit_node l join audit_node r on r.level = l.level and r.index = l.index + 1
        where l.level = height - 1 and l.index >= fresh * 2
          and l.index < (size >> height) * 2 and l.index & 1 = 0;
      end if;
    end if;
    height := height + 1;
  end loop;
  root := audit_root(size);
  return next;
end $$;

-- Adds a head over all leaves. The signature was made outside: the database holds no key.
create function add_audit_head(size bigint, root bytea, at timestamptz, key_id text, signature bytea) returns void
language plpgsql security definer set search_path = countersign, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(7243650120) then raise exception 'somebody else seals the audit log'; end if;
  if add_audit_head.size is distinct from (select max(l.position) + 1 from audit_leaf l)
    or add_audit_head.root is distinct from audit_root(add_audit_head.size) then
    raise exception 'this is not the head of the audit log';
  end if;
  if exists (select from audit_head h where h.size >= add_audit_head.size) then
    raise exception 'the audit log has this head, or a later one';
  end if;
  insert into audit_head (size, root, at, key_id, signature)
  values (add_audit_head.size, add_audit_head.root, add_audit_head.at, add_audit_head.key_id, add_audit_head.signature);
end $$;

revoke execute on function audit_root(bigint) from public;
revoke execute on function seal_audit_queue(integer) from public;
revoke execute on function add_audit_head(bigint, bytea, timestamptz, text, bytea) from public;

do $$
declare
  role_name name := gateway_role();
begin
  if role_name = current_user then return; end if;
  execute format('grant select on audit_log, audit_leaf, audit_node, audit_head to %I', role_name);
  execute format('grant execute on function audit_root(bigint), seal_audit_queue(integer),
    add_audit_head(bigint, bytea, timestamptz, text, bytea) to %I', role_name);
end $$;
`;
}
