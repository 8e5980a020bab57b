import { Fault } from '../path/faults';

/** Sizes that get a statement of their own, so that PostgreSQL plans with the number in sight. */
const LITERAL_SIZES: readonly number[] = [10, 20, 25, 50, 100];
const BUCKETS: readonly number[] = [...LITERAL_SIZES, 200, 500, 1_000, 10_000];

/** True for a size that is printed into the statement. */
export function isLiteralSize(size: number): boolean {
  return LITERAL_SIZES.includes(size);
}

/** The smallest round number that is not below the size: what a plan with a bound size is costed at. */
export function sizeBucket(size: number): number {
  return BUCKETS.find((bucket) => size <= bucket) ?? Number.POSITIVE_INFINITY;
}

/** A page size as the client gave it, or BAD_USER_INPUT. */
export function checkedPageSize(value: unknown, limit: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new Fault('BAD_USER_INPUT', { message: 'A page size is a whole number from 0.' });
  }
  if (value > limit) throw new Fault('BAD_USER_INPUT', { message: `A page holds at most ${limit} records.` });
  return value;
}
