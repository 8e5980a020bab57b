import { RootSecret } from '@countersign/crypto';
import { Cursors } from '../planner/cursors';
import type { CursorBinding } from '../planner/sql/read-statement';
import { reveal } from './reveal';

const SECRET = new Uint8Array(32).fill(7);
const sealer = new RootSecret(SECRET).sealer('cursor');
const binding: CursorBinding = {
  object: 'Invoice',
  via: null,
  orderBy: [],
  where: undefined,
  page: { direction: 'forward', size: 1, most: 1, after: null, before: null },
};
const cursorsOf = (caller: string) => new Cursors(sealer, caller, [binding, { ...binding, via: 'account' }], {});
const mark = (text: string) => `\u0001${text}\u0001`;

describe('What the database left open is finished without parsing the rows', () => {
  test('records are counted and cursors sealed, and no mark is left', () => {
    const records = { Account: 1 };
    const text = `[${mark('#0')}{"a":1},${mark('#1')}{"b":${mark('0:["x","1"]')}},${mark('#0')}{"c":${mark('1:["x","1"]')}}]`;
    const revealed = reveal(text, cursorsOf('me'), ['Invoice', 'Account'], records);
    expect(records).toEqual({ Account: 2, Invoice: 2 });
    const [first, second, third] = JSON.parse(revealed.text);
    expect(first).toEqual({ a: 1 });
    expect(cursorsOf('me').open(0, second.b)).toEqual(['x', '1']);
    expect(cursorsOf('me').open(1, third.c)).toEqual(['x', '1']);
  });

  test('text without marks stays as it is', () => {
    expect(reveal('{"a":"b"}', cursorsOf('me'), [], {}).text).toBe('{"a":"b"}');
    expect(reveal('null', cursorsOf('me'), ['Invoice'], {}).text).toBe('null');
  });

  test('records that show protected values are named, each once', () => {
    const text = `${mark('#0:id-1')}{}${mark('#0:id-2')}{}${mark('#0:id-1')}{}${mark('#0')}{}`;
    const records = {};
    expect(reveal(text, cursorsOf('me'), ['PaymentMethod'], records).protectedIds).toEqual(['id-1', 'id-2']);
    expect(records).toEqual({ PaymentMethod: 4 });
  });

  test('sort values may hold anything but a mark: colons, brackets, quotes, other control characters escaped', () => {
    const keys = ['a:b#c', ']}"\\', '\u0001', null];
    const text = `{"cursor":${mark(`0:${JSON.stringify(keys)}`)}}`;
    const { cursor } = JSON.parse(reveal(text, cursorsOf('me'), [], {}).text);
    expect(cursorsOf('me').open(0, cursor)).toEqual(keys);
  });
});

describe('A cursor opens where it was made and nowhere else', () => {
  const cursor = cursorsOf('me').seal(0, '["x"]');

  test('not for somebody else, not in another place, not under another secret', () => {
    expect(cursorsOf('me').open(0, cursor)).toEqual(['x']);
    const elsewhere = new Cursors(new RootSecret(new Uint8Array(32).fill(8)).sealer('cursor'), 'me', [binding], {});
    for (const open of [
      () => cursorsOf('you').open(0, cursor),
      () => cursorsOf('me').open(1, cursor),
      () => elsewhere.open(0, cursor),
    ]) {
      expect(open).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    }
  });

  test.each([
    [null],
    [undefined],
    [5],
    [''],
    ['x'],
    [`${cursor}=`],
    [cursor.slice(1)],
    [cursor.toLowerCase()],
    [{}],
    [[cursor]],
  ])('not as %j', (made) => {
    expect(() => cursorsOf('me').open(0, made)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  test('equal pages give equal cursors, so answers can be compared', () => {
    expect(cursorsOf('me').seal(0, '["x"]')).toBe(cursor);
  });
});
