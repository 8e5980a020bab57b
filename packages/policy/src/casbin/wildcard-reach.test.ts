import { caseCatalogue } from '../cases/case-catalogue';
import { wildcardReach } from './wildcard-reach';

test.each<[object: string, field: string, covered: boolean]>([
  ['Account', 'name', true],
  ['Account', 'email', true],
  ['Account', 'invoices', true],
  ['Account', '-', true],
  ['Invoice', 'account', true],
  ['Meter', 'serial', true],
  ['Meter', '-', true],
  ['Account', 'cardNumber', false],
  ['Account', 'serial', false],
  ['Account', '*', false],
  ['User', 'email', false],
  ['User', '-', false],
  ['Gone', '-', false],
  ['constructor', 'name', false],
])('whether wildcards cover %s.%s: %s', (object, field, covered) => {
  expect(wildcardReach(caseCatalogue())(object, field)).toBe(covered);
});
