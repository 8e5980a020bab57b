import { RecentMap } from './recent-map';

test('the entries used last are kept, reading being a use, and the oldest one goes', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.size).toBe(2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
  expect(map.size).toBe(2);
});

test('setting an entry again is a use of it and takes no further place', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
});

test('an entry is forgotten only while it holds the value that is to be forgotten', () => {
  const map = new RecentMap<string, number>(2);
  map.set('a', 1);
  map.forget('a', 2);
  map.forget('b', 1);
  expect(map.get('a')).toBe(1);
  map.forget('a', 1);
  expect(map.get('a')).toBeUndefined();
  expect(map.size).toBe(0);
});
