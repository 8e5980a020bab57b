import { createCatalogue } from '@countersign/schema';
import { field, object, toMany, toOne } from '../cases/case-catalogue';
import { bothAllow } from './answer-vector';
import { FIELD_ACTIONS, OBJECT_ACTIONS } from './levels';
import { rememberedTable } from './remembered-table';
import { settleLevels } from './settle-levels';
import { tableLayout } from './table-layout';

const catalogue = createCatalogue([
  object('Account', 'billing', [field('name'), toMany('cards', 'Card', 'account')]),
  object('Card', 'billing', [field('number', { mask: 'last4' }), toOne('account', 'Account')]),
]);
const layout = tableLayout(catalogue);

/** Casbin's answers as the bits of what is allowed: `Card.number` for a member, `Card` for the object itself. */
function answers(allowed: Readonly<Record<string, readonly string[]>>): Uint8Array {
  const vector = new Uint8Array(layout.size);
  for (const [place, actions] of Object.entries(allowed)) {
    const [name = '', member] = place.split('.');
    const cells = layout.objects.get(name)!;
    const names: readonly string[] = member ? FIELD_ACTIONS : OBJECT_ACTIONS;
    vector[member ? cells.cellOf.get(member)! : cells.start] = actions.reduce(
      (bits, action) => bits | (1 << names.indexOf(action)),
      0,
    );
  }
  return vector;
}
const tableOf = (vector: Uint8Array) => rememberedTable(layout, settleLevels(layout, vector), 'digest');
const MASKED = ['see-masked'];
const CLEAR = ['see-masked', 'see-clear'];

test('each object has its own cell and one for each member, and no two share one', () => {
  const cells = [...layout.objects.values()].flatMap(({ start, cellOf }) => [start, ...cellOf.values()]);
  expect(cells).toEqual(Array.from({ length: layout.size }, (_, at) => at));
});

test('masked is none for a field without a mask form, and for a relation', () => {
  const table = tableOf(
    answers({ 'Account.name': MASKED, 'Card.number': MASKED, 'Card.account': MASKED, 'Account.cards': CLEAR }),
  );
  expect([
    table.see('Account', 'name'),
    table.see('Card', 'number'),
    table.see('Card', 'account'),
    table.see('Account', 'cards'),
  ]).toEqual(['none', 'masked', 'none', 'clear']);
});

test('id is clear exactly where another member can be seen, whatever was said about it', () => {
  const table = tableOf(answers({ 'Account.id': CLEAR, 'Card.number': MASKED }));
  expect([table.readable('Account'), table.see('Account', 'id')]).toEqual([false, 'none']);
  expect([table.readable('Card'), table.see('Card', 'id')]).toEqual([true, 'clear']);
});

test('change is an axis of its own, keeps to columns, and makes nothing visible', () => {
  const table = tableOf(
    answers({
      'Account.id': ['change'],
      'Account.name': ['change'],
      'Account.cards': ['change'],
      'Card.number': [...CLEAR, 'change'],
    }),
  );
  expect(['id', 'name', 'cards'].map((name) => table.change('Account', name))).toEqual([true, true, false]);
  expect([table.see('Account', 'name'), table.see('Account', 'id'), table.readable('Account')]).toEqual([
    'none',
    'none',
    false,
  ]);
  expect([table.see('Card', 'number'), table.change('Card', 'number'), table.change('Card', 'id')]).toEqual([
    'clear',
    true,
    false,
  ]);
});

test('what may be done to an object is answered action by action', () => {
  const table = tableOf(answers({ Account: ['create', 'export'], Card: ['approve'] }));
  expect(OBJECT_ACTIONS.filter((action) => table.may('Account', action))).toEqual(['create', 'export']);
  expect(OBJECT_ACTIONS.filter((action) => table.may('Card', action))).toEqual(['approve']);
  expect(table.may('Gone', 'create')).toBe(false);
  expect(table.may('Account', 'see-clear' as 'create')).toBe(false);
});

test('a narrowed token may do what both its roles and its scopes allow', () => {
  const [one, other] = [
    answers({ 'Card.number': CLEAR, Card: ['create'] }),
    answers({ 'Card.number': MASKED, Account: ['create'] }),
  ];
  expect(bothAllow(one, other)).toEqual(answers({ 'Card.number': MASKED }));
});
