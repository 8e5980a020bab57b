import { BoundedMap } from './bounded-map';

describe('A bounded map forgets what was used longest ago', () => {
  const filled = (most: number, ...more: [number?, ((value: string) => number)?]) => {
    const map = new BoundedMap<string>(most, ...more);
    for (const key of ['a', 'b', 'c']) map.set(key, key.repeat(4));
    return map;
  };
  const left = (map: BoundedMap<string>) => ['a', 'b', 'c', 'd'].filter((key) => map.get(key) !== undefined).join('');

  test('when there are too many', () => {
    const map = filled(3);
    map.get('a');
    map.set('d', 'dddd');
    expect([map.size, left(map)]).toEqual([3, 'acd']);
  });

  test('when they weigh too much together', () => {
    const map = filled(99, 12, (value) => value.length);
    expect(left(map)).toBe('abc');
    map.set('d', 'd');
    expect(left(map)).toBe('bcd');
    map.set('d', 'dddddddd');
    expect(left(map)).toBe('cd');
  });

  test('and all of it, rather than keep what is too heavy by itself', () => {
    const map = filled(99, 12, (value) => value.length);
    map.set('d', 'd'.repeat(13));
    expect([map.size, left(map)]).toEqual([0, '']);
    map.set('a', 'a');
    expect(left(map)).toBe('a');
  });

  test('a value that is set again weighs once', () => {
    const map = filled(99, 12, (value) => value.length);
    for (let i = 0; i < 9; i += 1) map.set('c', 'cccc');
    expect(left(map)).toBe('abc');
    map.clear();
    expect(map.size).toBe(0);
  });
});
