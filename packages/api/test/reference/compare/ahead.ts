/**
 * Runs a task for each item, a few at a time, as long as the results are asked for in order: much of what a world takes is
 * waiting for the database.
 */
export class Ahead<Item, Result> {
  private readonly started = new Map<number, Promise<Result>>();

  constructor(
    private readonly items: readonly Item[],
    private readonly most: number,
    private readonly run: (item: Item) => Promise<Result>,
  ) {}

  /** The result for an item, or what its task threw. */
  result(item: Item): Promise<Result> {
    const at = this.items.indexOf(item);
    for (const [ahead, next] of this.items.slice(at, at + this.most).entries()) {
      if (this.started.has(at + ahead)) continue;
      const task = this.run(next);
      // Whoever asks for the result is told.
      task.catch(() => {});
      this.started.set(at + ahead, task);
    }
    return this.started.get(at)!;
  }
}
