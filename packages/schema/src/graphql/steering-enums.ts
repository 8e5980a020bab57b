import { GraphQLEnumType, type GraphQLEnumTypeConfig } from 'graphql';

const STEERS = 'countersign.steersPlan';

/**
 * An enum whose values decide what a statement looks like. Other values are bound when a plan runs; these are read while
 * planning, so that each of them needs a plan of its own.
 */
export function steeringEnum(config: GraphQLEnumTypeConfig): GraphQLEnumType {
  return new GraphQLEnumType({ ...config, extensions: { [STEERS]: true } });
}

/** Whether plans depend on the values of this type. */
export function steersPlan(type: unknown): boolean {
  return type instanceof GraphQLEnumType && type.extensions[STEERS] === true;
}

export const SortDirection = steeringEnum({
  name: 'SortDirection',
  description: 'ASC puts empty values last, DESC puts them first.',
  values: { ASC: { value: 'ASC' }, DESC: { value: 'DESC' } },
});

/** The periods that days and instants are grouped into. */
export const DATE_UNITS = ['DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'] as const;
export type DateUnit = (typeof DATE_UNITS)[number];

export const DateUnitEnum = steeringEnum({
  name: 'DateUnit',
  description: 'A period of the calendar. Weeks start on Monday (ISO 8601). A period is answered as its first day.',
  values: Object.fromEntries(DATE_UNITS.map((unit) => [unit, { value: unit }])),
});
