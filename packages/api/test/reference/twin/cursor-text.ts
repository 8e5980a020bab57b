import { canonicalJson, type TokenSealer } from '@countersign/crypto';
import type { CatalogueField } from '@countersign/schema';
import type { SortKey } from './order-rows';

/** What a cursor is good for: nobody else's, no other connection's, no other filter's and no other sort's. */
export interface CursorPlace {
  readonly userId: string;
  readonly object: string;
  /** The to-one relation that leads back to the parent; null at the root. */
  readonly via: string | null;
  readonly order: readonly SortKey[];
  /** The filter as it was given; null when there was none. */
  readonly where: unknown;
}

/**
 * Cursors, stated once more: sealed sort values, bound to their place. The sealer is deterministic, so the twin's cursors
 * are compared with the gateway's byte by byte; a cursor that forgets what it was bound to is a difference as well.
 */
export class CursorText {
  private readonly context: string;

  /** Throws NotCanonicalJson for a filter that has no canonical form. */
  constructor(
    private readonly sealer: TokenSealer,
    private readonly place: CursorPlace,
  ) {
    const { userId, object, via, order, where } = place;
    this.context = canonicalJson([
      userId,
      object,
      via,
      order.map(({ field, direction }) => [field.name, direction]),
      where,
    ]);
  }

  seal(keys: readonly unknown[]): string {
    const texts = keys.map((key, index) => (key === null ? null : storedText(this.place.order[index]!.field, key)));
    return this.sealer.seal(JSON.stringify(texts), this.context);
  }

  /** The sort values of a cursor of this place; null for any other text. */
  open(cursor: unknown): readonly unknown[] | null {
    const text = typeof cursor === 'string' ? this.sealer.open(cursor, this.context) : null;
    if (text === null) return null;
    const keys = JSON.parse(text) as (string | null)[];
    return keys.map((key, index) => (key === null ? null : readText(this.place.order[index]!.field, key)));
  }
}

/** A sort value as PostgreSQL writes it. */
function storedText({ type }: CatalogueField, value: unknown): string {
  if (type.kind !== 'timestamp') return String(value);
  // 2024-03-31T01:30:00.120Z is 2024-03-31 01:30:00.12+00.
  const [seconds, fraction] = String(value).replace('T', ' ').replace('Z', '').split('.');
  const shown = fraction!.replace(/0+$/, '');
  return `${seconds}${shown === '' ? '' : `.${shown}`}+00`;
}

function readText({ type }: CatalogueField, text: string): unknown {
  switch (type.kind) {
    case 'integer':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'timestamp': {
      const [day, time] = text.replace(/\+00$/, '').split(' ');
      const [seconds, fraction = ''] = time!.split('.');
      return `${day}T${seconds}.${fraction.padEnd(3, '0')}Z`;
    }
    default:
      return text;
  }
}
