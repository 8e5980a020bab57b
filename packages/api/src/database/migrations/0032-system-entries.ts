import { SqlMigration } from './sql-migration';

/** The gateway's own starts, stops and the like are found without a walk through everything else. */
export class SystemEntries extends SqlMigration {
  readonly name = 'SystemEntries0000000000032';
  protected readonly sql = `
create index audit_entry_system_idx on audit_entry (at, id) where action = 'SYSTEM';
`;
}
