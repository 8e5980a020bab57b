/** Months of each billing period; periods begin with the calendar's months, quarters and years. */
const MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

export interface BillingPeriod {
  /** Its first day, `2026-04-01`. */
  readonly from: string;
  /** The first day after it: that on which it is billed. */
  readonly billedOn: string;
}

/** The period of that length that a day lies in, or one so many periods away. */
export function billingPeriod(length: string, day: string, away = 0): BillingPeriod {
  const months = MONTHS[length] ?? 1;
  const [year, month] = day.split('-').map(Number);
  const first = Math.floor((month! - 1) / months) * months + away * months;
  const dayOf = (from: number) => new Date(Date.UTC(year!, from, 1)).toISOString().slice(0, 10);
  return { from: dayOf(first), billedOn: dayOf(first + months) };
}
