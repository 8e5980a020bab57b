import { Fault } from '../../../path/faults';

/**
 * Closes what must not happen while the log cannot vouch for it: changes, and reading protected values. It opens again by
 * itself. Until it is told something for the first time it is open: a command that runs beside a gateway has no keeper.
 */
export class AuditGate {
  private told: { readonly ageMs: number; readonly at: number } | null = null;
  private alarm: string | null = null;

  /** `ticks` counts milliseconds and never goes back. */
  constructor(
    private readonly limitMs: number,
    private readonly ticks: () => number,
  ) {}

  /** The tail as it was just now. */
  tell(ageMs: number): void {
    this.told = { ageMs, at: this.ticks() };
  }

  /** The log is not the one that was anchored; null: it is. */
  raise(alarm: string | null): void {
    this.alarm = alarm;
  }

  /** Why it is closed, or null. INVARIANT: a keeper that has fallen silent closes it as well. */
  get closedBecause(): string | null {
    if (this.alarm !== null) return this.alarm;
    if (this.told === null) return null;
    if (this.told.ageMs > this.limitMs) {
      return `the oldest entry without an anchor has waited for ${Math.round(this.told.ageMs / 1000)} seconds`;
    }
    const silentMs = this.ticks() - this.told.at;
    if (silentMs > this.limitMs) return `nobody has looked at the log for ${Math.round(silentMs / 1000)} seconds`;
    return null;
  }

  /** Throws AUDIT_UNAVAILABLE while it is closed. */
  requireOpen(): void {
    const reason = this.closedBecause;
    if (reason !== null) throw new Fault('AUDIT_UNAVAILABLE', { inside: reason });
  }
}
