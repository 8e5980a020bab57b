import type { Operand, PrincipalValueName } from '@countersign/policy';
import type { FieldType } from '@countersign/schema';
import { Fault } from '../../path/faults';
import { isSource, type Source } from '../source';

/** Where a parameter's value comes from when the statement runs. */
export type ParamSource =
  | { readonly kind: 'policy-version' }
  | { readonly kind: 'people-epoch' }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'principal'; readonly name: PrincipalValueName }
  | { readonly kind: 'request'; readonly source: Source; readonly type: FieldType; readonly list: boolean }
  /** The id of one record; a text that is no id is the id of no record. */
  | { readonly kind: 'record-id'; readonly source: Source }
  | { readonly kind: 'time-zone'; readonly source: Source }
  | { readonly kind: 'page-size'; readonly source: Source }
  /** The `key`th sort value of the cursor that a connection was given. */
  | { readonly kind: 'cursor'; readonly connection: number; readonly end: 'after' | 'before'; readonly key: number };

/** PostgreSQL takes 65,535; a statement that comes near is no honest one. */
const MOST_PARAMS = 10_000;

/** The parameters of one statement, in the order of their placeholders. */
export class StatementParams {
  readonly sources: ParamSource[] = [];
  readonly judged: ParamSource[] = [];

  /** Adds a parameter and gives its typed placeholder, `$3::uuid`. Throws COST_LIMIT. */
  add(from: ParamSource, sqlType: string): string {
    if (this.sources.length >= MOST_PARAMS) {
      throw new Fault('COST_LIMIT', { message: 'The filters of the operation are too large together.' });
    }
    this.sources.push(from);
    return `$${this.sources.length}::${sqlType}`;
  }

  /** Has a value judged as if it were bound. PostgreSQL refuses parameters that a statement does not use. */
  judge(from: ParamSource): void {
    this.judged.push(from);
  }

  /** The placeholder of a condition's operand. */
  readonly operand = (operand: Operand, type: FieldType, list: boolean): string => {
    const sqlType = list ? `${sqlTypeOf(type)}[]` : sqlTypeOf(type);
    switch (operand.from) {
      case 'literal':
        return this.add({ kind: 'literal', value: operand.value }, sqlType);
      case 'principal':
        return this.add({ kind: 'principal', name: operand.name }, sqlType);
      case 'request':
        if (!isSource(operand.slot)) throw new Error('A request operand that is no source');
        return this.add({ kind: 'request', source: operand.slot, type, list }, sqlType);
    }
  };

  /** In the place of {@link operand}, for a condition that is judged and not printed. */
  readonly judgedOperand = (operand: Operand, type: FieldType, list: boolean): string => {
    if (operand.from === 'request' && isSource(operand.slot)) {
      this.judge({ kind: 'request', source: operand.slot, type, list });
    }
    return 'null';
  };
}

/** The PostgreSQL type in which values of a field type are compared. */
export function sqlTypeOf(type: FieldType): string {
  switch (type.kind) {
    case 'uuid':
      return 'uuid';
    case 'text':
    case 'enum':
      return 'text';
    case 'integer':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'decimal':
      return 'numeric';
    case 'date':
      return 'date';
    case 'timestamp':
      return 'timestamptz';
    case 'json':
      return 'jsonb';
  }
}
