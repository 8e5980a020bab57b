import * as fc from 'fast-check';

/** A mutation run tries each property once for each of hundreds of mutants, so its jest settings ask for a share of the cases. */
const share = Number((globalThis as Record<string, unknown>).SHARE_OF_PROPERTY_RUNS ?? 1);
// With other cases in every run the same mutant would be killed today and survive tomorrow; nobody reads the case that killed it.
if (share < 1) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1, endOnFailure: true });

/** How many cases a property tries: as many as were asked for, or a share of them in a mutation run. */
export function propertyRuns(asked: number): number {
  return Math.ceil(asked * share);
}

/** How often at least a property has to meet what it is about; a share of the cases has to meet it once. */
export function meetings(asked: number): number {
  return share < 1 ? 0 : asked;
}
