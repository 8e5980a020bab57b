/** The forms in which a text could stand somewhere: as it is, in another case, encoded, or escaped. */
export function canaryForms(canary: string): string[] {
  const bytes = Buffer.from(canary);
  // In base64 a text looks different at each of three places, and only its inner part is sure.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  const escaped = [...canary].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  return [...new Set([canary, canary.toLowerCase(), canary.toUpperCase(), bytes.toString('hex'), escaped, ...base64])];
}
