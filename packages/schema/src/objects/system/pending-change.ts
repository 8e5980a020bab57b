import { field, object, text, uuid } from '../../catalogue/decorators';
import { pendingChangeStatus } from '../enumerations';
import { SystemRecord } from '../system-record';

@object({
  kind: 'system',
  table: 'pending_change',
  plural: 'pendingChanges',
  description: 'A change set that waits for the agreement of a second person.',
  verbs: [],
})
export class PendingChange extends SystemRecord {
  @field(pendingChangeStatus, { write: 'never', default: 'PENDING', description: 'Where the change stands.' })
  status!: string;

  @field(text(63, '^[A-Za-z][A-Za-z0-9]{0,62}$'), {
    write: 'never',
    description: 'The object of the first record that the change touches.',
  })
  objectName!: string;

  @field(text(500), {
    nullable: true,
    write: 'never',
    description: 'Why the maker asks for it, or why nobody can decide it yet.',
  })
  reason!: string | null;

  @field(uuid, { write: 'never', description: 'The person who asks for the change.' })
  maker!: string;
}
