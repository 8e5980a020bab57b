import { checkLiteral, type PrincipalValues } from '@countersign/policy';
import { type FieldType, isUuid } from '@countersign/schema';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import type { Head } from '../path/rooms';
import type { Cursors } from './cursors';
import { checkedPageSize } from './page-sizes';
import { resolveSource } from './source';
import type { ReadStatement } from './sql/read-statement';
import type { ParamSource } from './sql/statement-params';
import { isTimeZone } from './time-zones';

export interface BindInput {
  readonly head: Head;
  readonly principal: PrincipalValues;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly cursors: Cursors;
  readonly limits: Limits;
}

/**
 * The values of a statement's parameters for one request. Every value a client sent is checked against its type here, so
 * that PostgreSQL never has to refuse one: a cast that fails would tell about rows. Throws BAD_USER_INPUT.
 */
export function bindParams(statement: ReadStatement, input: BindInput): unknown[] {
  const keys = new Map<string, readonly (string | null)[]>();
  const cursorKey = (from: Extract<ParamSource, { kind: 'cursor' }>): string | null => {
    const name = `${from.connection}:${from.end}`;
    let opened = keys.get(name);
    if (!opened) {
      const page = statement.connections[from.connection]!.page;
      opened = input.cursors.open(from.connection, resolveSource(page[from.end]!, input.variables));
      keys.set(name, opened);
    }
    return opened[from.key] ?? null;
  };
  const value = (from: ParamSource): unknown => {
    switch (from.kind) {
      case 'policy-version':
        return input.head.policyVersion;
      case 'people-epoch':
        return input.head.peopleEpoch;
      case 'literal':
        return from.value;
      case 'principal':
        return input.principal[from.name];
      case 'record-id': {
        const id = resolveSource(from.source, input.variables);
        return isUuid(id) ? id : null;
      }
      case 'time-zone':
        return checkedTimeZone(resolveSource(from.source, input.variables));
      case 'page-size':
        return checkedPageSize(resolveSource(from.source, input.variables), input.limits.page);
      case 'cursor':
        return cursorKey(from);
      case 'request':
        return requestValue(from, input);
    }
  };
  for (const from of statement.judged) value(from);
  return statement.params.map(value);
}

function requestValue(from: Extract<ParamSource, { kind: 'request' }>, { variables, limits }: BindInput): unknown {
  const value = resolveSource(from.source, variables);
  if (!from.list) return checked(from.type, value);
  if (!Array.isArray(value)) throw new Fault('BAD_USER_INPUT', { message: '`in` takes a list.' });
  if (value.length > limits.listValues) {
    throw new Fault('BAD_USER_INPUT', { message: `A list in a filter holds at most ${limits.listValues} values.` });
  }
  return value.map((item) => checked(from.type, item));
}

/** PostgreSQL would take any letters for a zone; nothing but names of the IANA database reaches it. */
function checkedTimeZone(value: unknown): string {
  if (isTimeZone(value)) return value;
  throw new Fault('BAD_USER_INPUT', { message: 'A time zone is an IANA name such as "Europe/Berlin".' });
}

function checked(type: FieldType, value: unknown): unknown {
  const literal = checkLiteral(type, value);
  if ('problem' in literal)
    throw new Fault('BAD_USER_INPUT', { message: `A value of the filter is not acceptable: ${literal.problem}.` });
  return literal.value;
}
