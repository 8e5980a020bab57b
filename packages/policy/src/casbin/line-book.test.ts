import { casePolicy } from '../cases/case-policy';
import { LineBook } from './line-book';

const { lines } = casePolicy({ clerk: [], boss: [] }, [
  'allow clerk see-clear Invoice.amount',
  'deny boss see-masked Invoice.*',
  'allow boss see-masked *.amount',
  'deny clerk see-clear *.*',
  'allow clerk change Invoice.amount',
  'allow boss export Invoice',
]);
const book = new LineBook(lines);
const named = (object: string, field: string, action: Parameters<LineBook['linesOfCell']>[2], ...roles: string[]) =>
  book.linesOfCell(object, field, action, new Set(roles)).map((line) => line.at(-1));

test('seeing clear allows seeing masked, and a deny of seeing masked denies seeing clear; nothing else implies anything', () => {
  expect(book.all).toEqual([
    ['role:clerk', 'Invoice', 'amount', 'see-clear', 'allow', 'line 1'],
    ['role:clerk', 'Invoice', 'amount', 'see-masked', 'allow', 'line 1'],
    ['role:boss', 'Invoice', '*', 'see-masked', 'deny', 'line 2'],
    ['role:boss', 'Invoice', '*', 'see-clear', 'deny', 'line 2'],
    ['role:boss', '*', 'amount', 'see-masked', 'allow', 'line 3'],
    ['role:clerk', '*', '*', 'see-clear', 'deny', 'line 4'],
    ['role:clerk', 'Invoice', 'amount', 'change', 'allow', 'line 5'],
    ['role:boss', 'Invoice', '-', 'export', 'allow', 'line 6'],
  ]);
});

test('the lines of a cell are those that name it or reach for it, of the roles that count, in the order of the policy', () => {
  expect(named('Invoice', 'amount', 'see-clear', 'clerk', 'boss')).toEqual(['line 1', 'line 2', 'line 4']);
  expect(named('Invoice', 'amount', 'see-masked', 'clerk', 'boss')).toEqual(['line 1', 'line 2', 'line 3']);
  expect(named('Invoice', 'amount', 'see-masked', 'boss')).toEqual(['line 2', 'line 3']);
  expect(named('Invoice', 'number', 'see-clear', 'clerk', 'boss')).toEqual(['line 2', 'line 4']);
  expect(named('Account', 'amount', 'see-masked', 'clerk', 'boss')).toEqual(['line 3']);
  expect(named('Account', 'name', 'change', 'clerk', 'boss')).toEqual([]);
  expect(named('Invoice', 'amount', 'see-clear')).toEqual([]);
});

test('a line is known by where it comes from, and no line by nothing', () => {
  expect(book.all.map((line) => book.sourceOf(line)?.id)).toEqual([1, 1, 2, 2, 3, 4, 5, 6].map((at) => `line ${at}`));
  expect(book.sourceOf([])).toBeNull();
});
