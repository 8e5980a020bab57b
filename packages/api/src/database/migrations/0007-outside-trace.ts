import { SqlMigration } from './sql-migration';

/**
 * Traces writes made behind the gateway's back: the same entries as the gateway's own, marked `outside`.
 *
 * An owner can drop a trigger and a superuser can become the gateway; comparing records with their last trace finds that.
 */
export class OutsideTrace extends SqlMigration {
  readonly name = 'OutsideTrace0000000000007';
  protected readonly sql = `
-- RFC 9562, version 7. PostgreSQL has it from version 18 only.
create function uuid_v7() returns uuid language sql volatile set search_path = pg_catalog as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

-- A number as RFC 8785 section 3.2.2.3 (ECMAScript) spells it: the shortest digits that read back as the same double.
-- PostgreSQL looks for digits strictly between the two midpoints to the neighbours; ECMAScript lets a midpoint itself
-- count where it reads back, which now and then saves a digit.
create function canonical_number(given numeric) returns text
language plpgsql immutable strict set search_path = pg_catalog set extra_float_digits = 1 as $$
declare
  size float8;
  mantissa text;
  digits text;
  tens integer;
  shorter numeric;
  point integer;
begin
  -- Beyond the range of a double there is no canonical form; the digits as stored are the best there is.
  begin
    size := abs(given)::float8;
  exception when numeric_value_out_of_range then
    return given::text;
  end;
  if size = 0 then return '0'; end if;

  mantissa := split_part(size::text, 'e', 1);
  tens := coalesce(nullif(split_part(size::text, 'e', 2), '')::integer, 0) - length(split_part(mantissa, '.', 2));
  digits := ltrim(replace(mantissa, '.', ''), '0');
  tens := tens + length(digits) - length(rtrim(digits, '0'));
  digits := rtrim(digits, '0');
  if length(digits) > 1 and size < 1.7976931348623157e308 then
    for shorter in select left(digits, -1)::numeric + n from generate_series(0, 1) as n loop
      continue when (shorter || 'e' || (tens + 1))::float8 <> size;
      digits := rtrim(shorter::text, '0');
      tens := tens + 1 + length(shorter::text) - length(digits);
      exit;
    end loop;
  end if;

  point := length(digits) + tens;
  return case when given < 0 then '-' else '' end || case
    when tens >= 0 and point <= 21 then digits || repeat('0', tens)
    when point between 1 and 21 then left(digits, point) || '.' || substr(digits, point + 1)
    when point between -5 and 0 then '0.' || repeat('0', -point) || digits
    else left(digits, 1) || case when length(digits) > 1 then '.' || substr(digits, 2) else '' end
      || 'e' || case when point > 0 then '+' else '' end || (point - 1)
  end;
end $$;

-- RFC 8785 section 3.2.3 sorts keys by UTF-16 code units, which differs from UTF-8 order beyond the basic plane.
create function utf16_units(given text) returns integer[]
language sql immutable strict set search_path = pg_catalog as $$
  select coalesce(array_agg(unit order by place, half), '{}')
  from regexp_split_to_table(given, '') with ordinality as c(letter, place),
    lateral (values
      (1, case when ascii(letter) < 65536 then ascii(letter) else 55296 + ((ascii(letter) - 65536) >> 10) end),
      (2, case when ascii(letter) < 65536 then null else 56320 + ((ascii(letter) - 65536) & 1023) end)
    ) as u(half, unit)
  where letter <> '' and unit is not null
$$;

create function canonical_json(given jsonb) returns text
language plpgsql immutable set search_path = countersign, pg_temp as $$
begin
  return case jsonb_typeof(given)
    when 'object' then (select '{' || coalesce(string_agg(to_json(key)::text || ':' || canonical_json(value), ','
      order by utf16_units(key)), '') || '}' from jsonb_each(given))
    when 'array' then (select '[' || coalesce(string_agg(canonical_json(value), ',' order by place), '') || ']'
      from jsonb_array_elements(given) with ordinality as e(value, place))
    when 'string' then to_json(given #>> '{}')::text
    when 'number' then canonical_number((given #>> '{}')::numeric)
    when 'boolean' then given::text
    else 'null'
  end;
end $$;

-- The value of one column as a slot holds it. NULL becomes JSON null.
create function trace_value(given jsonb, form text) returns jsonb
language sql stable set search_path = pg_catalog set timezone = 'UTC' as $$
  select case
    when given is null or given = 'null' then 'null'::jsonb
    when form = 'timestamp' then to_jsonb(to_char((given #>> '{}')::timestamptz, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    when form = 'string' then to_jsonb(given #>> '{}')
    else given
  end
$$;

-- Writes one entry. A slot stands for every member whose value differs; an image that does not exist counts as null.
-- members: column:member:form, one element each.
create function write_outside_entry(object_name text, action text, members text[], old_row jsonb, new_row jsonb)
returns void language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  entry_id uuid := uuid_v7();
  happened timestamptz(3) := date_trunc('milliseconds', clock_timestamp());
  record_id uuid := coalesce(new_row, old_row) ->> 'id';
  reason text := left('Changed outside the gateway by the database role ' || session_user, 500);
  member record;
  old_value jsonb;
  new_value jsonb;
  salt bytea;
  names text[] := '{}';
  slots jsonb := '{}';
  salts bytea := '';
  commitments bytea := '';
begin
  for member in
    select split_part(m, ':', 1) as column_name, split_part(m, ':', 2) as name, split_part(m, ':', 3) as form
    from unnest(members) as m order by split_part(m, ':', 2) collate "C"
  loop
    old_value := trace_value(old_row -> member.column_name, member.form);
    new_value := trace_value(new_row -> member.column_name, member.form);
    continue when old_value = new_value;
    salt := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    names := names || member.name;
    slots := slots || jsonb_build_object(member.name, jsonb_build_array(old_value, new_value));
    salts := salts || salt;
    commitments := commitments || sha256(salt || convert_to(
      '[' || canonical_json(old_value) || ',' || canonical_json(new_value) || ']', 'UTF8'));
  end loop;
  if names = '{}' then return; end if;

  insert into audit_entry (id, at, action, object_name, record_id, outside, reason, header, commitments)
  values (entry_id, happened, action, object_name, record_id, true, reason,
    '{"action":' || to_json(action) ||
    ',"at":"' || to_char(happened at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"' ||
    ',"client":null' ||
    ',"id":"' || entry_id || '"' ||
    ',"object":' || to_json(object_name) ||
    ',"outside":true,"person":null,"policyVersion":null' ||
    ',"reason":' || to_json(reason) ||
    ',"record":"' || record_id || '"' ||
    ',"request":null' ||
    ',"slots":' || canonical_json(to_jsonb(names)) ||
    ',"user":null,"v":1}', commitments);
  insert into audit_value (entry_id, slots, salts) values (entry_id, slots, salts);
  insert into audit_unsealed (entry_id) values (entry_id);
end $$;

create function trace_outside_change() returns trigger
language plpgsql security definer set search_path = countersign, pg_temp as $$
begin
  perform write_outside_entry(tg_argv[0],
    case tg_op when 'INSERT' then 'CREATE' else tg_op end, string_to_array(tg_argv[1], ','),
    case when tg_op <> 'INSERT' then to_jsonb(old) end, case when tg_op <> 'DELETE' then to_jsonb(new) end);
  return null;
end $$;

create function trace_outside_truncate() returns trigger
language plpgsql security definer set search_path = countersign, pg_temp as $$
declare
  image jsonb;
begin
  for image in execute format('select to_jsonb(t) from %s t', tg_relid::regclass) loop
    perform write_outside_entry(tg_argv[0], 'DELETE', string_to_array(tg_argv[1], ','), image, null);
  end loop;
  return null;
end $$;

-- Traces the table for every session but the gateway's. Call it again after a migration that changes columns.
-- A foreign key column x_id belongs to the relation x; every other column to the field of its name in camelCase.
create function attach_outside_trace(traced regclass, object_name text, gateway_role name) returns void
language plpgsql set search_path = countersign, pg_temp as $$
declare
  members text;
begin
  select string_agg(a.attname || ':' || lower(left(camel, 1)) || substr(camel, 2) || ':' || case a.atttypid
      when 'timestamptz'::regtype then 'timestamp' when 'integer'::regtype then 'number'
      when 'boolean'::regtype then 'boolean' when 'jsonb'::regtype then 'json' else 'string' end, ',' order by a.attnum)
  into members
  from pg_attribute a
  cross join lateral (select exists (select from pg_constraint c
    where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum]) as relation) k
  cross join lateral (select replace(initcap(replace(
    case when relation then regexp_replace(a.attname, '_id$', '') else a.attname end, '_', ' ')), ' ', '') as camel) n
  where a.attrelid = traced and a.attnum > 0 and not a.attisdropped and a.attname <> 'mac';

  execute format('drop trigger if exists outside_change on %s', traced);
  execute format('drop trigger if exists outside_truncate on %s', traced);
  execute format('create trigger outside_change after insert or update or delete on %s for each row
    when (session_user <> %L) execute function trace_outside_change(%L, %L)', traced, gateway_role, object_name, members);
  execute format('create trigger outside_truncate before truncate on %s for each statement
    when (session_user <> %L) execute function trace_outside_truncate(%L, %L)', traced, gateway_role, object_name, members);
end $$;

-- The role that the gateway connects with: set by whoever migrates, else the owner itself.
create function gateway_role() returns name language sql stable set search_path = pg_catalog as $$
  select coalesce(nullif(current_setting('countersign.gateway_role', true), ''), current_user)::name
$$;

-- Trace functions run with the owner's rights: nobody calls them but the triggers.
revoke execute on function write_outside_entry(text, text, text[], jsonb, jsonb) from public;
revoke execute on function trace_outside_change() from public;
revoke execute on function trace_outside_truncate() from public;
revoke execute on function attach_outside_trace(regclass, text, name) from public;

select attach_outside_trace(t::regclass, o, gateway_role()) from (values
  ('person', 'Person'), ('account', 'Account'), ('app_user', 'User'), ('client', 'Client'),
  ('contact', 'Contact'), ('payment_method', 'PaymentMethod'), ('product', 'Product'), ('package', 'Package'),
  ('package_item', 'PackageItem'), ('rate_class', 'RateClass'), ('price', 'Price'), ('contract', 'Contract'),
  ('contract_rate', 'ContractRate'), ('subscription', 'Subscription'), ('usage_record', 'UsageRecord'),
  ('invoice', 'Invoice'), ('invoice_line', 'InvoiceLine'), ('payment', 'Payment'), ('credit_note', 'CreditNote'),
  ('role', 'Role'), ('role_inheritance', 'RoleInheritance'), ('role_assignment', 'RoleAssignment'),
  ('field_permission', 'FieldPermission'), ('object_permission', 'ObjectPermission'),
  ('object_setting', 'ObjectSetting'), ('sharing_group', 'SharingGroup'), ('sharing_member', 'SharingMember'),
  ('sharing_condition', 'SharingCondition'), ('pending_change', 'PendingChange')
) as traced(t, o);
`;
}
