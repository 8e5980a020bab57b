/** The exact product, rounded half away from zero to `scale` digits after the point. Factors must be decimals. */
export function multiplyDecimals(factors: readonly string[], scale: number): string {
  const parts = factors.map((factor) => {
    const [whole, fraction = ''] = factor.split('.');
    return { digits: BigInt(`${whole}${fraction}`), scale: fraction.length };
  });
  const product = parts.reduce((all, { digits }) => all * digits, 1n);
  const given = parts.reduce((all, part) => all + part.scale, 0);
  const size = product < 0n ? -product : product;
  const rounded = given <= scale ? size * 10n ** BigInt(scale - given) : halfUp(size, 10n ** BigInt(given - scale));
  const text = rounded.toString().padStart(scale + 1, '0');
  const sign = product < 0n && rounded > 0n ? '-' : '';
  return scale === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function halfUp(value: bigint, by: bigint): bigint {
  return (value + by / 2n) / by;
}
