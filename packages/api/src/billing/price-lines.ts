import type { RecordImage } from '../database/record-image';
import { basisPoints, type Micros, micros } from './exact-amounts';

/** So many units at one price. */
export interface PricedLine {
  readonly quantity: Micros;
  readonly unitPrice: Micros;
}

/**
 * The lines that a quantity makes at a price: one at its amount, the steps of a tiered price each by itself, or all of it
 * at the step of a volume price that it reaches. Null when the price does not say: its tiers cannot be read, or end
 * below the quantity.
 */
export function priceLines(price: RecordImage, quantity: Micros): readonly PricedLine[] | null {
  const { model, amount } = price;
  if (model === 'FLAT' || model === 'PER_UNIT') {
    return amount === null ? null : [{ quantity, unitPrice: micros(String(amount)) }];
  }
  const tiers = tiersOf(price.tiers);
  if (!tiers) return null;
  if (model === 'VOLUME') {
    const reached = tiers.find(({ upTo }) => upTo === null || quantity <= upTo);
    return reached ? [{ quantity, unitPrice: reached.unitPrice }] : null;
  }
  const lines: PricedLine[] = [];
  let from = 0n;
  for (const { upTo, unitPrice } of tiers) {
    const to = upTo === null || quantity < upTo ? quantity : upTo;
    if (to > from) lines.push({ quantity: to - from, unitPrice });
    from = to > from ? to : from;
  }
  return quantity > from ? null : lines;
}

interface Tier {
  /** Null: without end. */
  readonly upTo: Micros | null;
  readonly unitPrice: Micros;
}

function tiersOf(value: unknown): Tier[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const tiers: Tier[] = [];
  for (const step of value as { upTo?: unknown; amount?: unknown }[]) {
    const [upTo, unitPrice] = [microsOf(step?.upTo), microsOf(step?.amount)];
    if (unitPrice === null || (upTo === null && (step.upTo ?? null) !== null)) return null;
    tiers.push({ upTo, unitPrice });
  }
  return tiers;
}

function microsOf(value: unknown): Micros | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\d{1,20}(\.\d{1,6})?$/.test(text) ? micros(text) : null;
}

/** What a contract rate comes to for one unit: its amount less its discount. */
export function unitPriceOfRate({ amount, discountPercent }: RecordImage): Micros {
  const points = discountPercent === null ? 0n : micros(String(discountPercent)) / 10_000n;
  return basisPoints(micros(String(amount)), 10_000n - points);
}
