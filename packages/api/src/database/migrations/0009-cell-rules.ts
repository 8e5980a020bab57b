import { systemColumns } from './record-columns';
import { SqlMigration } from './sql-migration';

/** Cell rules: in which records holders of a role see a field. */
export class CellRules extends SqlMigration {
  readonly name = 'CellRules0000000000009';
  protected readonly sql = `
create table cell_rule (${systemColumns},
  role_id uuid not null references role on delete restrict,
  object_name text collate "C" not null check (object_name ~ '^[A-Za-z][A-Za-z0-9]{0,62}$'),
  field_name text collate "C" not null check (field_name ~ '^[A-Za-z][A-Za-z0-9]{0,62}$'),
  condition jsonb not null
);
create index cell_rule_role_id_idx on cell_rule (role_id);

select attach_outside_trace('cell_rule'::regclass, 'CellRule', gateway_role());

do $$
declare
  role_name name := gateway_role();
begin
  if role_name = current_user then return; end if;
  execute format('grant select, insert, update, delete on cell_rule to %I', role_name);
end $$;
`;
}
