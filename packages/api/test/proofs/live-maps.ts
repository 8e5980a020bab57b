import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BoundedMap } from '../../src/path/bounded-map';

export interface Memory {
  readonly heapMb: number;
  /** Bounded maps that something still holds, and the entries in all of them. */
  readonly maps: number;
  readonly entries: number;
}

/** Takes note of every bounded map that is written to from now on, without keeping any alive. */
export class LiveMaps {
  private readonly seen = new WeakSet<object>();
  private refs: WeakRef<{ readonly size: number }>[] = [];

  constructor() {
    const { set } = BoundedMap.prototype;
    const note = (map: { readonly size: number }) => {
      if (this.seen.has(map)) return;
      this.seen.add(map);
      this.refs.push(new WeakRef(map));
    };
    BoundedMap.prototype.set = function (...given) {
      note(this);
      set.apply(this, given);
    };
  }

  /** What is left after everything was collected that can be. */
  async measure(): Promise<Memory> {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // What a finished turn held is released in the next one.
    for (let round = 0; round < 4; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      collect();
    }
    const live = this.refs.flatMap((ref) => ref.deref() ?? []);
    this.refs = this.refs.filter((ref) => ref.deref() !== undefined);
    return {
      heapMb: Math.round(process.memoryUsage().heapUsed / 1_048_576),
      maps: live.length,
      entries: live.reduce((sum, map) => sum + map.size, 0),
    };
  }
}
