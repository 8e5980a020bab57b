import { inspect } from 'node:util';
import { rootSecretFromBytes } from './root-secret';

const bytes = Buffer.from('an invented root secret of 40 bytes long');
const root = rootSecretFromBytes(bytes);

test('a root secret under 32 bytes is refused, as the current version and as an older one', () => {
  expect(() => rootSecretFromBytes(Buffer.alloc(31))).toThrow(RangeError);
  expect(() => rootSecretFromBytes(bytes, [Buffer.alloc(31)])).toThrow(RangeError);
});

test('the same secret gives every replica the same MACs and tokens', () => {
  const replica = rootSecretFromBytes(Buffer.from(bytes));
  expect(replica.mac('policy').mac('body')).toEqual(root.mac('policy').mac('body'));
  expect(replica.sealer('cursor').seal('page', 'invoices')).toBe(root.sealer('cursor').seal('page', 'invoices'));
});

test('what is made for one purpose is worth nothing for another', () => {
  expect(root.mac('policy').verify('body', root.mac('people').mac('body'))).toBe(false);
  expect(root.sealer('cursor').open(root.sealer('decision').seal('x', 'c'), 'c')).toBeNull();
  const place = { store: 'live', object: 'Account', field: 'taxId', record: '1' };
  expect(() => root.valueSealer('totp').open(root.valueSealer('notes').seal('x', place), place)).toThrow('key');
});

test('a purpose cannot be spelt so that it runs into another derivation', () => {
  for (const purpose of ['', 'A', 'a/b', '../mac', 'a b', 'ä', `a${'b'.repeat(100)}`]) {
    expect(() => root.mac(purpose)).toThrow(RangeError);
    expect(() => root.sealer(purpose)).toThrow(RangeError);
    expect(() => root.valueSealer(purpose)).toThrow(RangeError);
  }
});

test('after a rotation the older version still opens and verifies, and the new one makes', () => {
  const rotated = rootSecretFromBytes(Buffer.alloc(32, 7), [bytes]);
  expect(rotated.mac('m').verify('data', root.mac('m').mac('data'))).toBe(true);
  expect(rotated.sealer('s').open(root.sealer('s').seal('text', 'c'), 'c')).toBe('text');
  const place = { store: 'live', object: 'User', field: 'totp', record: '1' };
  expect(rotated.valueSealer('v').open(root.valueSealer('v').seal('text', place), place).toString()).toBe('text');
  expect(root.mac('m').verify('data', rotated.mac('m').mac('data'))).toBe(false);
  expect(root.sealer('s').open(rotated.sealer('s').seal('text', 'c'), 'c')).toBeNull();
});

test('two versions that share a label byte are both asked', () => {
  const label = (secret: Buffer) => rootSecretFromBytes(secret).mac('m').mac('')[0];
  const twin = Buffer.alloc(32);
  for (let n = 1; label(twin) !== label(bytes); n++) twin.writeUInt32BE(n);
  const both = rootSecretFromBytes(twin, [bytes]);
  expect(both.mac('m').verify('data', root.mac('m').mac('data'))).toBe(true);
  expect(both.sealer('s').open(root.sealer('s').seal('text', 'c'), 'c')).toBe('text');
});

test('neither the secret nor any handle shows key bytes to logs, inspection, JSON or cloning', () => {
  const handles = {
    root,
    mac: root.mac('m'),
    sealer: root.sealer('s'),
    values: root.valueSealer('v'),
    tokens: root.accessTokens({ issuer: 'https://gateway.example', audience: 'api' }),
  };
  const shown = [
    inspect(handles, { showHidden: true, depth: 20, getters: true }),
    JSON.stringify(handles),
    `${Object.values(handles)}`,
    inspect(structuredClone(handles), { depth: 20 }),
    JSON.stringify(Object.values(handles).map((handle) => Object.getOwnPropertyNames(handle))),
  ].join('\n');
  expect(JSON.stringify(handles)).toBe('{"root":{},"mac":{},"sealer":{},"values":{},"tokens":{}}');
  for (const spelling of ['hex', 'base64', 'base64url', 'latin1'] as const) {
    expect(shown).not.toContain(bytes.toString(spelling));
  }
  expect(shown).not.toMatch(/Buffer|Uint8Array|KeyObject|privateKey|#/);
});
