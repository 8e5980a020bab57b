import { SqlMigration } from './sql-migration';

/**
 * What the gateway's role may do. It owns nothing; it can add to the audit log and read it, never change or remove it.
 * Skipped when the gateway connects as the owner (a development set-up), because an owner needs no grants.
 */
export class GatewayGrants extends SqlMigration {
  readonly name = 'GatewayGrants0000000000008';
  protected readonly sql = `
do $$
declare
  role_name name := gateway_role();
begin
  if role_name = current_user then return; end if;
  execute format('grant usage on schema countersign to %I', role_name);
  execute format('grant select, insert, update, delete on
    person, account, app_user, client, contact, payment_method, product, package, package_item, rate_class, price,
    contract, contract_rate, subscription, usage_record, invoice, invoice_line, payment, credit_note,
    role, role_inheritance, role_assignment, field_permission, object_permission, object_setting,
    sharing_group, sharing_member, sharing_condition, pending_change, user_credential to %I', role_name);
  execute format('grant select, insert on audit_entry, audit_value, audit_unsealed, policy_version to %I', role_name);
  execute format('grant select, update on authority_head to %I', role_name);
  execute format('grant select, insert, delete on sign_in_attempt, operation_event to %I', role_name);
  execute format('grant select on audit_record to %I', role_name);
end $$;
`;
}
