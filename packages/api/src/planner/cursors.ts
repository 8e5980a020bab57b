import { canonicalJson, type TokenSealer } from '@countersign/crypto';
import { Fault } from '../path/faults';
import { resolveTree } from './source';
import type { CursorBinding } from './sql/read-statement';

/**
 * Cursors are sealed and bound to their caller, filter and sort: they open nowhere else. A sealed cursor tells its holder
 * nothing, and nobody can make one up to probe values of a column.
 */
export class Cursors {
  private readonly contexts: (string | undefined)[] = [];

  constructor(
    private readonly sealer: TokenSealer,
    private readonly caller: string,
    private readonly connections: readonly CursorBinding[],
    private readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  /** The cursor of a record whose sort values are `keys`, as JSON text. */
  seal(connection: number, keys: string): string {
    return this.sealer.seal(keys, this.context(connection));
  }

  /** The sort values that a cursor remembers. Throws BAD_USER_INPUT for a cursor that is not of this place and caller. */
  open(connection: number, cursor: unknown): readonly (string | null)[] {
    const text = typeof cursor === 'string' ? this.sealer.open(cursor, this.context(connection)) : null;
    if (text === null) {
      throw new Fault('BAD_USER_INPUT', { message: 'A cursor works only with the filter and sort that it came from.' });
    }
    return JSON.parse(text) as (string | null)[];
  }

  private context(connection: number): string {
    const known = this.contexts[connection];
    if (known !== undefined) return known;
    const { object, via, orderBy, where } = this.connections[connection]!;
    const sort = orderBy.map((key) => [key.field.name, key.direction]);
    const made = contextText([this.caller, object, via, sort, resolveTree(where, this.variables)]);
    this.contexts[connection] = made;
    return made;
  }
}

function contextText(parts: readonly unknown[]): string {
  try {
    return canonicalJson(parts);
  } catch (error) {
    // A filter may hold a value that nothing is compared with (`or: []` beside it), so that it was never judged.
    throw new Fault('BAD_USER_INPUT', { message: 'A value of the filter is not acceptable.', inside: error });
  }
}
