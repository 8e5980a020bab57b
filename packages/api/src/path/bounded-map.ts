/**
 * A map that forgets what was used longest ago. Every cache that a client can fill is one of these. With a weight for
 * each value it also forgets when all of them together weigh too much.
 */
export class BoundedMap<Value> {
  private readonly entries = new Map<string, Value>();
  private weight = 0;

  constructor(
    private readonly most: number,
    private readonly heaviest = Number.POSITIVE_INFINITY,
    private readonly weigh: (value: Value) => number = () => 0,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.delete(key);
    this.entries.set(key, value);
    this.weight += this.weigh(value);
    while (this.entries.size > this.most || this.weight > this.heaviest) {
      const [oldest] = this.entries.keys();
      if (oldest === undefined) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const value = this.entries.get(key);
    if (value === undefined) return;
    this.weight -= this.weigh(value);
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
    this.weight = 0;
  }
}
