import { SqlMigration } from './sql-migration';

/** Who may read and comment what a rule holds, and whether its checkers are told totals of what they may not see. */
export class ReviewersAndTotals extends SqlMigration {
  readonly name = 'ReviewersAndTotals0000000000056';
  protected readonly sql = `
alter table approval_rule
  add column reviewer_role_id uuid references role on delete restrict,
  add column reveals_hidden_totals boolean;
create index approval_rule_reviewer_role_id_idx on approval_rule (reviewer_role_id);
-- The trace of what happens behind the gateway's back lists columns by name.
select attach_outside_trace('approval_rule'::regclass, 'ApprovalRule', gateway_role());
`;
}
