import fc from 'fast-check';
import { type JsonSize, scanJson } from './scan-json';

const NO_LIMIT: JsonSize = { depth: Infinity, containers: Infinity, commas: Infinity };

function measure(value: unknown): JsonSize {
  if (value === null || typeof value !== 'object') return { depth: 0, containers: 0, commas: 0 };
  const inner = Object.values(value).map(measure);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    containers: 1 + inner.reduce((sum, { containers }) => sum + containers, 0),
    commas: Math.max(0, inner.length - 1) + inner.reduce((sum, { commas }) => sum + commas, 0),
  };
}

describe('Counting JSON before it is parsed', () => {
  test('counts what parsing it would make, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(scanJson(Buffer.from(text), NO_LIMIT)).toEqual(measure(JSON.parse(text)));
      }),
      { numRuns: 300 },
    );
  });

  test.each(['"\\"[{,"', '"\\\\"', '"\\\\\\"[,"', '"', '"\\', '"[[[,,,'])('%s is a string and nothing else', (text) => {
    expect(scanJson(Buffer.from(text), NO_LIMIT)).toEqual({ depth: 0, containers: 0, commas: 0 });
  });

  test('ends with the first count that is over its limit', () => {
    const text = Buffer.from('['.repeat(1_000_000));
    expect(scanJson(text, { depth: 32, containers: 100, commas: 100 })).toEqual({
      depth: 33,
      containers: 33,
      commas: 0,
    });
    expect(scanJson(Buffer.from('[],'.repeat(1_000)), { depth: 32, containers: 5_000, commas: 10 }).commas).toBe(11);
  });

  test('a text of backslashes takes no longer than any other', () => {
    const text = Buffer.from(`"${'\\\\"'.repeat(300_000)}`);
    expect(scanJson(text, NO_LIMIT).depth).toBe(0);
    expect(scanJson(Buffer.from(`"${'\\'.repeat(1_000_000)}"`), NO_LIMIT).depth).toBe(0);
  });
});
