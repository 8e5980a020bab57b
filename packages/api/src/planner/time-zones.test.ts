import { isTimeZone } from './time-zones';

describe('A time zone is a name of the IANA database', () => {
  test.each([
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Etc/GMT+3',
    'EST5EDT',
  ])('%s is one', (name) => expect(isTimeZone(name)).toBe(true));

  test.each(['', 'CEST', 'FOO+3', '+02:00', 'UTC+2', 'Europe/Atlantis', 'Europe/Berlin ', "UTC'--", 'a'.repeat(200)])(
    '%j is none',
    (name) => expect(isTimeZone(name)).toBe(false),
  );

  test('neither is anything that is no text', () => {
    for (const value of [null, undefined, 3, {}, ['UTC']]) expect(isTimeZone(value)).toBe(false);
  });
});
