import type { Operand } from '@countersign/policy';
import { objectOf, storedMembers } from '@countersign/schema';
import type { Client } from 'pg';
import { SAMPLE_PRINCIPAL } from '../../../policy/test/rows/random-condition';
import { SAMPLE_OBJECTS, sampleCatalogue } from '../../../policy/test/rows/sample-catalogue';
import type { SampleRecords } from '../../../policy/test/rows/sample-records';
import type { ConditionPrinting } from '../../src/planner/sql/condition-sql';
import { sqlTypeOf } from '../../src/planner/sql/statement-params';

/** Creates a table for each sample object, and puts the records into it. */
export async function fillSampleTables(client: Client, records: SampleRecords): Promise<void> {
  for (const name of SAMPLE_OBJECTS) await createAndFill(client, name, records);
}

async function createAndFill(client: Client, name: string, records: SampleRecords): Promise<void> {
  const { table, ...object } = objectOf(sampleCatalogue, name);
  const members = storedMembers({ table, ...object });
  const columns = members.map((member) => {
    if (member.kind === 'to-one') return `${member.column} uuid`;
    if (member.type.kind === 'decimal')
      return `${member.column} numeric(${member.type.precision},${member.type.scale})`;
    if (member.type.kind === 'timestamp') return `${member.column} timestamptz(3)`;
    return `${member.column} ${sqlTypeOf(member.type)}${sqlTypeOf(member.type) === 'text' ? ' collate "C"' : ''}`;
  });
  await client.query(`create table ${table} (${columns.join(', ')})`);
  const rows = records[name]!.map((record) =>
    Object.fromEntries(members.map((member) => [member.column, record[member.name]])),
  );
  await client.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
    JSON.stringify(rows),
  ]);
}

/** Collects parameters, and values of principal and request as they would be bound. */
export class Bindings {
  readonly values: unknown[] = [];
  private aliases = 0;
  constructor(private readonly slots: readonly unknown[] = []) {}

  readonly bind: ConditionPrinting['bind'] = (operand, type, list) => {
    this.values.push(operandValue(operand, this.slots));
    return `$${this.values.length}::${sqlTypeOf(type)}${list ? '[]' : ''}`;
  };
  readonly freshAlias = () => `s${++this.aliases}`;

  printing(object: string, alias = 't', more: Partial<ConditionPrinting> = {}): ConditionPrinting {
    return { catalogue: sampleCatalogue, object, alias, bind: this.bind, freshAlias: this.freshAlias, ...more };
  }
}

function operandValue(operand: Operand, slots: readonly unknown[]): unknown {
  if (operand.from === 'literal') return operand.value;
  return operand.from === 'principal' ? SAMPLE_PRINCIPAL[operand.name] : slots[operand.slot as number];
}
