import { givenReason } from './given-reason';

/** As Node hands a header over: one character for each byte. */
const bytes = (text: string) => Buffer.from(text).toString('latin1');

test.each([
  ['nothing', undefined, null],
  ['blanks', '   ', null],
  ['plain words', ' Ticket 4711 ', 'Ticket 4711'],
  ['UTF-8 as it is', bytes('Rückfrage 日本'), 'Rückfrage 日本'],
  ['the extended form, which browsers can send', `UTF-8''R%C3%BCckfrage%20%E6%97%A5`, 'Rückfrage 日'],
  ['a byte that is no UTF-8', 'R\u00fcck', 'Rück'],
  ['an extended form that is none', `UTF-8''%zz`, `UTF-8''%zz`],
  ['a percent sign that means itself', 'ten %C3%BC off', 'ten %C3%BC off'],
])('the reason given as %s', (_name, header, reason) => {
  expect(givenReason(header)).toBe(reason);
});
