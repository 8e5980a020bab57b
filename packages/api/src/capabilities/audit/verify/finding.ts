/** What a check found, with the place to look at. */
export interface Finding {
  readonly kind: FindingKind;
  /** In words, for people. It names fields and places, never a value. */
  readonly message: string;
  /** Ids of the entries it is about. */
  readonly entries?: readonly string[];
  /** Positions in the log, from the first up to but not including the second. */
  readonly positions?: readonly [from: number, to: number];
  /** A record, as `Invoice 0190…`. */
  readonly record?: string;
}

export type FindingKind =
  | 'entry-changed'
  | 'entry-missing'
  | 'entry-unlisted'
  | 'value-changed'
  | 'value-missing'
  | 'value-stray'
  | 'leaf-changed'
  | 'leaf-missing'
  | 'node-changed'
  | 'head-changed'
  | 'head-unsigned'
  | 'anchor-differs'
  | 'queue-stray'
  | 'record-changed'
  | 'record-missing'
  | 'record-untraced'
  | 'trace-missing';

/** As many as anybody reads; all of them are counted. */
const MOST_KEPT = 10_000;

/** Collects findings. A log that was truncated has millions of them, so only the first are kept. */
export class Findings {
  private readonly kept: Finding[] = [];
  private counted = 0;

  add(finding: Finding): void {
    this.counted += 1;
    if (this.kept.length < MOST_KEPT) this.kept.push(finding);
  }

  get count(): number {
    return this.counted;
  }

  get list(): readonly Finding[] {
    return this.kept;
  }
}
