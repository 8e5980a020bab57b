import {
  type GraphQLInputType,
  type GraphQLLeafType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Chance } from '../worlds/chance';
import { randomValue } from '../worlds/value-pools';

interface Variable {
  readonly definition: string;
  /** Undefined: the request leaves it out. */
  readonly value: unknown;
  readonly remake: () => unknown;
}

/** The variables of one document, and other values for them. */
export class Variables {
  private readonly all = new Map<string, Variable>();

  /** Adds a variable; returns its name with the dollar sign. */
  add(type: string, value: unknown, remake: () => unknown, fallback?: string): string {
    const name = `v${this.all.size}`;
    const definition = `$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`;
    this.all.set(name, { definition, value, remake });
    return `$${name}`;
  }

  get definitions(): string {
    return this.all.size === 0 ? '' : ` (${[...this.all.values()].map(({ definition }) => definition).join(', ')})`;
  }

  values(): Record<string, unknown> {
    return this.collect(({ value }) => value);
  }

  /** Some of the variables with other values. */
  again(chance: Chance): Record<string, unknown> {
    return this.collect(({ value, remake }) => (chance.percent(60) ? remake() : value));
  }

  private collect(of: (variable: Variable) => unknown): Record<string, unknown> {
    const found = [...this.all].map(([name, variable]) => [name, of(variable)] as const);
    return Object.fromEntries(found.filter(([, value]) => value !== undefined));
  }
}

export interface Printing {
  readonly chance: Chance;
  readonly variables: Variables;
  /** How often a value becomes a variable, of a hundred. */
  readonly lifting: number;
}

/** Prints a value in the place of an input type; here and there a variable takes its place. */
export function printInput(
  at: Printing,
  value: unknown,
  type: GraphQLInputType,
  remake: () => unknown = () => leafAgain(at.chance, type),
): string {
  const { chance, variables, lifting } = at;
  if (!chance.percent(lifting)) return printLiteral(at, value, type);
  const must = isNonNullType(type);
  const nullable = !must && (value === null || chance.percent(60));
  const bare = String(getNullableType(type));
  const other = () => {
    if (!nullable || !chance.percent(8)) return remake();
    return chance.percent(50) ? null : undefined;
  };
  if (value !== null && chance.percent(12)) {
    const fallback = printLiteral({ ...at, lifting: 0 }, value, type);
    return variables.add(nullable ? bare : `${bare}!`, chance.percent(50) ? undefined : value, other, fallback);
  }
  const left = nullable && chance.percent(3);
  return variables.add(nullable ? bare : `${bare}!`, left ? undefined : value, other);
}

function printLiteral(at: Printing, value: unknown, type: GraphQLInputType): string {
  const bare = getNullableType(type);
  if (value === null || value === undefined) return 'null';
  if (isListType(bare)) {
    const items = Array.isArray(value) ? value : [value];
    const texts = items.map((item) => printInput({ ...at, lifting: at.lifting / 2 }, item, bare.ofType));
    return items.length === 1 && at.chance.percent(15) ? texts[0]! : `[${texts.join(', ')}]`;
  }
  if (isInputObjectType(bare) && typeof value === 'object') {
    const fields = bare.getFields();
    const texts = Object.entries(value).map(([name, inner]) => {
      const field = fields[name];
      // An unknown name is for validation to refuse.
      if (!field) return `${name}: null`;
      const lifting = bare.isOneOf ? 0 : at.lifting / 2;
      return `${name}: ${printInput({ ...at, lifting }, inner, field.type)}`;
    });
    return `{${texts.join(', ')}}`;
  }
  // What is no name at all would be no document either.
  return isEnumType(bare) && /^[A-Za-z_]\w*$/.test(String(value)) ? String(value) : JSON.stringify(value);
}

/** Another value of an input type, shallow. */
function leafAgain(chance: Chance, type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return chance.times(chance.int(3), () => leafAgain(chance, bare.ofType));
  if (!isInputObjectType(bare)) return leafValue(chance, bare as GraphQLLeafType);
  const fields = Object.values(bare.getFields());
  if (fields.length === 0 || (!bare.isOneOf && chance.percent(40))) return {};
  const field = chance.pick(fields);
  return { [field.name]: leafAgain(chance, field.type) };
}

function leafValue(chance: Chance, leaf: GraphQLLeafType): unknown {
  if (isEnumType(leaf)) return chance.pick(leaf.getValues()).name;
  switch (leaf.name) {
    case 'ID':
      return chance.uuid();
    case 'Int':
      return randomValue(chance, { kind: 'integer' }, []);
    case 'Boolean':
      return chance.percent(50);
    case 'Decimal':
      return chance.pick(['0', '1.5', '-10', '5']);
    case 'Date':
      return randomValue(chance, { kind: 'date' }, []);
    case 'DateTime':
      return randomValue(chance, { kind: 'timestamp' }, []);
    default:
      return randomValue(chance, { kind: 'text', maxLength: 200 }, []);
  }
}
