/*
 * Money as whole numbers of hundredths, quantities and unit prices as whole numbers of millionths. A binary float cannot
 * hold a tenth, and an invoice that is off by a cent is wrong.
 */

/** Hundredths of a currency unit. */
export type Cents = bigint;
/** Millionths of a unit. */
export type Micros = bigint;

export function micros(text: string): Micros {
  const [whole, fraction = ''] = text.split('.');
  return BigInt(`${whole}${fraction.padEnd(6, '0')}`);
}

export function centsText(cents: Cents): string {
  return scaledText(cents, 2);
}

export function microsText(value: Micros): string {
  return scaledText(value, 6);
}

/** Quantity times unit price, rounded half away from zero to the cent. */
export function amountOf(quantity: Micros, unitPrice: Micros): Cents {
  return divided(quantity * unitPrice, 10_000_000_000n);
}

/** So many hundredths of a percent of an amount, rounded likewise. */
export function basisPoints(amount: bigint, points: bigint): bigint {
  return divided(amount * points, 10_000n);
}

function divided(value: bigint, by: bigint): bigint {
  const size = value < 0n ? -value : value;
  const rounded = (size + by / 2n) / by;
  return value < 0n ? -rounded : rounded;
}

function scaledText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
