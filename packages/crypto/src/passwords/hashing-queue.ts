/** Thrown when too many passwords wait to be hashed: refuse the caller for now, nothing was checked. */
export class HashingBusy extends Error {
  override readonly name = 'HashingBusy';

  constructor() {
    super('too many passwords are waiting to be hashed');
  }
}

/**
 * Runs a few pieces of work at a time and lets a bounded number wait. Each Argon2 run holds 19 MiB and a thread of the
 * pool that files and DNS use too, so a burst of sign-ins has to queue, and a flood has to be turned away.
 */
export class HashingQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly mayWait: number,
    private readonly mostMs = 30_000,
  ) {}

  /**
   * The work's own result. Throws HashingBusy at once when the queue is full, and when the work does not end in time: work
   * that is lost must not keep its place, or two such would lock everybody out.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.atOnce) {
      this.#running += 1;
    } else {
      if (this.#waiting.length >= this.mayWait) throw new HashingBusy();
      // Who waits takes over the place of who ends, so the count stays as it is.
      await new Promise<void>((start) => this.#waiting.push(start));
    }
    try {
      return await inTime(work(), this.mostMs);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

function inTime<T>(work: Promise<T>, mostMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HashingBusy()), mostMs);
    timer.unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
