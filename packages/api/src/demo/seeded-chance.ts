/**
 * Chance that repeats itself: the same seed gives the same sequence, so that two demo databases are alike. It makes
 * example data and nothing else; whatever must not be guessed comes from packages/crypto.
 */
export class SeededChance {
  private readonly state = new Uint32Array(4);

  /** `seed` is any whole number. The generator is sfc32. */
  constructor(seed: number) {
    this.state.set([0x9e3779b9, seed >>> 0, 0xdeadbeef, 1]);
    for (let i = 0; i < 15; i++) this.next();
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + (this.next() % (max - min + 1));
  }

  /** True in so many of a hundred cases. */
  percent(percent: number): boolean {
    return this.next() % 100 < percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.next() % list.length]!;
  }

  /** The list in another order; the given one stays as it is. */
  shuffled<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.whole(0, i);
      [copy[i], copy[j]] = [copy[j]!, copy[i]!];
    }
    return copy;
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.whole(0, 9)).join('');
  }

  /** A UUIDv7 (RFC 9562 §5.7) with the time of the record it is for, in milliseconds since 1970. */
  id(time: number): string {
    const random = Array.from({ length: 3 }, () => this.next().toString(16).padStart(8, '0')).join('');
    const hex = time.toString(16).padStart(12, '0');
    const variant = '89ab'[this.next() & 3];
    const tail = `7${random.slice(0, 3)}-${variant}${random.slice(3, 6)}-${random.slice(6, 18)}`;
    return `${hex.slice(0, 8)}-${hex.slice(8)}-${tail}`;
  }

  /** The next 32 bits. */
  private next(): number {
    const s = this.state;
    const sum = (s[0]! + s[1]! + s[3]!) >>> 0;
    s[3] = s[3]! + 1;
    s[0] = s[1]! ^ (s[1]! >>> 9);
    s[1] = s[2]! + (s[2]! << 3);
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + sum;
    return sum;
  }
}
