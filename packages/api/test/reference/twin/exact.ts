/** A decimal as whole units of its last place: 1.50 is 150 of scale 2. */
export function unitsOf(value: unknown): bigint {
  return BigInt(String(value).replace('.', ''));
}

/** The decimal text of whole units. */
export function decimalText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const text = scale > 0 ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return units < 0n ? `-${text}` : text;
}

/** A division of whole units, rounded half away from zero. */
export function rounded(units: bigint, by: bigint): bigint {
  const size = units < 0n ? -units : units;
  const found = (2n * size + by) / (2n * by);
  return units < 0n ? -found : found;
}
