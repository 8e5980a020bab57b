const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant at a place, as days since 1970-01-01; worked out by Intl. */
export function dayAt(instant: string, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', era: 'short' } as const;
    format = new Intl.DateTimeFormat('en-u-ca-gregory', { ...numbers, timeZone });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  const number = (part: 'year' | 'month' | 'day') => Number(parts.get(part));
  // The year before the first one is 1 BC.
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  return dayNumber(year, number('month'), number('day'));
}

/** A calendar date as days since 1970-01-01. */
export function dayOf(date: string): number {
  return dayNumber(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10)));
}

/**
 * The first day of the period that a day is in. Days are those of years 1 to 9999: at the ends of time, where an instant
 * falls on a day beyond at some places, the nearest one is taken.
 */
export function periodOf(day: number, unit: string): string {
  const within = Math.min(Math.max(day, dayNumber(1, 1, 1)), dayNumber(9999, 12, 31));
  const date = new Date(within * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  switch (unit) {
    case 'DAY':
      return dateText(within);
    case 'WEEK':
      return dateText(within - ((date.getUTCDay() + 6) % 7));
    case 'MONTH':
      return dateText(dayNumber(year, month, 1));
    case 'QUARTER':
      return dateText(dayNumber(year, month - ((month - 1) % 3), 1));
    case 'YEAR':
      return dateText(dayNumber(year, 1, 1));
    default:
      throw new Error(`nobody knows a ${unit}`);
  }
}

function dayNumber(year: number, month: number, day: number): number {
  // Date.UTC takes small years for those of the last century.
  return new Date(0).setUTCFullYear(year, month - 1, day) / DAY_MS;
}

function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
