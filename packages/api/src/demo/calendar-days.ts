const DAY_MS = 86_400_000;

/** Milliseconds since 1970 at which a calendar day begins, UTC. */
export function startOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function plusDays(day: string, days: number): string {
  return new Date(startOf(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first day of the month so many months away from the month of `day`. */
export function firstOfMonth(day: string, monthsAway: number): string {
  const [year, month] = day.split('-').map(Number);
  return new Date(Date.UTC(year!, month! - 1 + monthsAway, 1)).toISOString().slice(0, 10);
}
