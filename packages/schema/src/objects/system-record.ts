import { field, integer, timestamp, uuid } from '../catalogue/decorators';

/** What every record has. The gateway alone sets these; no input names them. */
export abstract class SystemRecord {
  @field(uuid, { write: 'never', description: 'Identifies the record for good; never reused.' })
  id!: string;

  @field(integer({ min: 1 }), {
    write: 'never',
    description: 'Counts the changes of the record; updates name the version they saw.',
  })
  version!: number;

  @field(timestamp, { write: 'never', description: 'When the record was created.' })
  createdAt!: Date;

  @field(timestamp, { write: 'never', description: 'When the record was last changed.' })
  updatedAt!: Date;

  // Plain ids, not relations: who did it stays on record after the user is gone.
  @field(uuid, { nullable: true, write: 'never', description: 'The user or client who created the record.' })
  createdBy!: string | null;

  @field(uuid, { nullable: true, write: 'never', description: 'The user or client who last changed the record.' })
  updatedBy!: string | null;
}
