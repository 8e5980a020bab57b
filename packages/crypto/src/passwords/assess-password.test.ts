import { assessPassword } from './assess-password';
import { generatePassword } from './generate-password';

const contextWords = ['Countersign', 'Northwind Telecom', 'anna.berg@northwind.example', 'Anna Berg'];
const alone = (password: string) => assessPassword(password, { contextWords, secondFactor: false });
const withFactor = (password: string) => assessPassword(password, { contextWords, secondFactor: true });
const reasons = (result: ReturnType<typeof alone>) => (result.ok ? [] : result.reasons).join(' ');

test('length counts code points: 15 alone, 8 beside a second factor, at most 256', () => {
  expect(reasons(alone('kwzrv7pmqtx2hg'))).toBe('Use at least 15 characters.');
  expect(alone('kwzrv7pmqtx2hgb')).toEqual({ ok: true });
  expect(reasons(withFactor('kwzrv7p'))).toContain('Use at least 8 characters.');
  expect(withFactor('kw7zrv9p')).toEqual({ ok: true });
  expect(reasons(alone('🦉🌵🧭🎻🪁🧲🫖'))).toContain('Use at least 15 characters.');
  const long = 'kwzrv7pmqtx2hgb4'.repeat(16);
  expect(reasons(alone(`${long}x`))).toBe('Use at most 256 characters.');
});

test('no rule of composition: lower case alone, spaces and any script will do', () => {
  for (const password of [
    'violet harbour grumbles twice',
    'кошка любит зелёный трамвай',
    '雨の日は古い橋を渡って海まで歩く',
  ]) {
    expect([password, alone(password)]).toEqual([password, { ok: true }]);
  }
});

test.each(['password', '1234567890', 'iloveyou', 'PASSWORD', 'qwertyuiop'])('%s is refused as common', (password) => {
  expect(reasons(withFactor(password))).toContain('common passwords');
});

test.each([
  'passwordpassword',
  'aaaaaaaaaaaaaaaaaaaa',
  '123456789012345',
  'qwertyuiopasdfgh',
  'abcdefghijklmnopqrstuvwxyz',
  'P@ssw0rd2026!!!!',
])('%s is long and still refused as easy to guess', (password) => {
  expect(reasons(alone(password))).toMatch(/too easy to guess|common passwords/);
});

test.each([
  'countersign2026',
  'Countersign-Countersign',
  'anna.berg@northwind.example',
  'AnnaBerg-Northwind1',
  'northwindtelecom!',
])('%s is refused for its context words', (password) => {
  expect(reasons(alone(password))).toContain('mostly made of your name');
  const elsewhere = assessPassword(password, { contextWords: [], secondFactor: true });
  expect(reasons(elsewhere)).not.toContain('mostly made of your name');
});

test('a context word within an otherwise strong password is no objection', () => {
  expect(alone('anna rides seventeen purple whales')).toEqual({ ok: true });
});

test('a text that is not valid Unicode is refused', () => {
  expect(reasons(alone(`\ud800${'kwzrv7pmqtx2hgb'}`))).toContain('not valid text');
});

test('no input of the greatest length holds the processor for long', () => {
  alone('warm up the lists first');
  for (const piece of ['p@ssw0rd!', 'a1', '4@831!0$57+', '1234567890', '11/11/1111', '!', 'abcabcabd', '$1!|']) {
    const start = process.cpuUsage();
    alone(piece.repeat(256).slice(0, 256));
    const used = process.cpuUsage(start);
    // Without limits the first of these takes six seconds.
    expect((used.user + used.system) / 1000).toBeLessThan(700);
  }
});

test('a generated password is 20 unmistakable characters in groups, accepted, and never the same', () => {
  const passwords = Array.from({ length: 500 }, () => generatePassword());
  expect(new Set(passwords).size).toBe(500);
  for (const password of passwords)
    expect(password).toMatch(/^([2-9bcdfghjkmnpqrstvwxz]{5}-){3}[2-9bcdfghjkmnpqrstvwxz]{5}$/);
  for (const password of passwords.slice(0, 20)) expect(alone(password)).toEqual({ ok: true });
  // Every character of the alphabet appears: 27 of them over 20 places are 95 bits.
  expect(new Set(passwords.join('').replaceAll('-', '')).size).toBe(27);
});
