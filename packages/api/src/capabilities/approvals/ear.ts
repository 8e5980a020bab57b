/** What was heard since the last look: ids of changes, or that anything may have moved. */
export interface Heard {
  readonly ids: ReadonlySet<string>;
  readonly all: boolean;
}

/** More than this and one looks at everything instead. */
const MOST_IDS = 100;

/** Gathers hints for one listener between its looks; however many come, it holds no more than a few ids. */
export class Ear {
  private ids = new Set<string>();
  private all = false;
  private heard = false;
  private wake: (() => void) | null = null;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.call(), { once: true });
  }

  /** One change has moved; null: any may have. */
  hear(id: string | null): void {
    if (id === null || this.ids.size >= MOST_IDS) this.all = true;
    else this.ids.add(id);
    this.tick();
  }

  /** Nothing has moved that is known of, but rights may have. */
  tick(): void {
    this.heard = true;
    this.call();
  }

  /** What was heard, as soon as anything is; null once it is over. */
  async next(): Promise<Heard | null> {
    while (!this.heard && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.signal.aborted) return null;
    const { ids, all } = this;
    this.ids = new Set();
    this.all = false;
    this.heard = false;
    return { ids, all };
  }

  private call(): void {
    this.wake?.();
    this.wake = null;
  }
}
