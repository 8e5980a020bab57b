/** A decimal number without rounding: `units` divided by ten to the power of `scale`. */
export interface ExactDecimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Reads a decimal as it is written, or a number as it prints. Throws for what has no plain decimal form. */
export function exactDecimal(value: unknown): ExactDecimal {
  const parts = /^(-?\d+)(?:\.(\d+))?$/.exec(typeof value === 'string' ? value : String(value));
  if (!parts) throw new Error('Expected a decimal');
  const fraction = parts[2] ?? '';
  return { units: BigInt(parts[1] + fraction), scale: fraction.length };
}

/** The units that the number has at a scale that is not below its own. */
export function unitsAt(decimal: ExactDecimal, scale: number): bigint {
  return decimal.units * 10n ** BigInt(scale - decimal.scale);
}

/** Negative, zero or positive, exactly. */
export function compareDecimals(a: ExactDecimal, b: ExactDecimal): number {
  const scale = Math.max(a.scale, b.scale);
  const left = unitsAt(a, scale);
  const right = unitsAt(b, scale);
  return left === right ? 0 : left < right ? -1 : 1;
}
