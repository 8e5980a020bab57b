import { expectedValue, type RecordTrace } from './expected-image';

const trace = (old: unknown, now: unknown, hidden = false): RecordTrace => ({
  id: 'x',
  action: 'UPDATE',
  names: ['f'],
  slots: hidden ? null : { f: [old, now] },
});
const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, at) => permutations(items.filter((_, n) => n !== at)).map((rest) => [item, ...rest]));

describe('What a field has to be, from all traces of its record', () => {
  const life = [trace(null, 1), trace(1, 2), trace(2, 1), trace(1, 3)];

  test('is the value that was reached once more than it was left, in whatever order they come', () => {
    for (const order of permutations(life)) expect(expectedValue('f', order)).toEqual({ kind: 'is', text: '3' });
  });

  test('is null where no trace speaks of it, and after the record was deleted', () => {
    expect(expectedValue('g', life)).toEqual({ kind: 'is', text: 'null' });
    expect(expectedValue('f', [...life, trace(3, null)])).toEqual({ kind: 'is', text: 'null' });
  });

  test('cannot be told when a trace between is missing, and that shows', () => {
    for (const missing of [0, 1, 2]) {
      expect(
        expectedValue(
          'f',
          life.filter((_, n) => n !== missing),
        ).kind,
      ).toBe('broken');
    }
  });

  test('is the last value still when older values were removed', () => {
    const hidden = [trace(null, 1, true), trace(1, 2), trace(2, 3)];
    expect(expectedValue('f', hidden)).toEqual({ kind: 'is', text: '3' });
    expect(expectedValue('f', [trace(null, 1, true)])).toEqual({ kind: 'unknown' });
    expect(expectedValue('f', [trace(null, 1, true), trace(1, 2), trace(2, 1)])).toEqual({ kind: 'unknown' });
  });

  test('compares values, not their spelling', () => {
    const traces = [trace(null, { a: 1, b: 2 }), trace({ b: 2, a: 1 }, 'x')];
    expect(expectedValue('f', traces)).toEqual({ kind: 'is', text: '"x"' });
  });
});
