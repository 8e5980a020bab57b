import type { CatalogueField, CatalogueMember, CatalogueObject } from './catalogue';
import { CatalogueInvalid, memberOf, objectOf } from './catalogue';
import { createCatalogue } from './create-catalogue';

const plain = { nullable: false, write: 'always', tags: [], description: 'Something.' } as const;
const id: CatalogueField = { kind: 'field', name: 'id', column: 'id', type: { kind: 'uuid' }, ...plain };
const version: CatalogueField = { ...id, name: 'version', column: 'version', type: { kind: 'integer' } };
const label: CatalogueField = { ...id, name: 'label', column: 'label', type: { kind: 'text', maxLength: 9 } };

function thing(members: readonly CatalogueMember[] = [], more: Partial<CatalogueObject> = {}): CatalogueObject {
  return {
    name: 'Thing',
    singular: 'thing',
    plural: 'things',
    table: 'thing',
    kind: 'custom',
    description: 'A thing.',
    members: [id, version, ...members],
    verbs: [],
    uniques: [],
    authenticated: false,
    ...more,
  };
}

function problems(...objects: CatalogueObject[]): string {
  try {
    createCatalogue(objects);
    return '';
  } catch (error) {
    if (error instanceof CatalogueInvalid) return error.problems.join('\n');
    throw error;
  }
}

test('a catalogue is frozen through and through', () => {
  const object = objectOf(createCatalogue([thing([label])]), 'Thing');
  expect(Object.isFrozen(object)).toBe(true);
  expect(Object.isFrozen(memberOf(object, 'label'))).toBe(true);
});

test.each<[string, RegExp, CatalogueObject[]]>([
  ['two objects of one name', /Thing is defined twice/, [thing(), thing()]],
  [
    'two objects that share a root name',
    /root name things is taken/,
    [thing(), thing([], { name: 'Other', singular: 'other', table: 'other' })],
  ],
  ['a table name that needs quoting', /not a usable table name/, [thing([], { table: 'thing; drop table x' })]],
  ['a column name that needs quoting', /bad column/, [thing([{ ...label, column: 'La bel' }])]],
  ['a member name that is no GraphQL name', /not a usable GraphQL name/, [thing([{ ...label, name: '__label' }])]],
  ['two members of one name', /the name label is taken/, [thing([label, label])]],
  [
    'a relation whose input name meets a field',
    /the name labelId is taken/,
    [
      thing([
        { ...label, name: 'labelId' },
        { kind: 'to-one', name: 'label', target: 'Thing', column: 'label_id', ...plain },
      ]),
    ],
  ],
  [
    'a relation that leads nowhere',
    /does not exist/,
    [thing([{ kind: 'to-one', name: 'ghost', target: 'Ghost', column: 'ghost_id', ...plain }])],
  ],
  [
    'a to-many that does not lead back',
    /does not lead back/,
    [thing([{ kind: 'to-many', name: 'parts', target: 'Thing', via: 'label', description: 'Parts.' }, label])],
  ],
  [
    'a mask on something that is not text',
    /only text fields have a mask form/,
    [thing([{ ...version, name: 'count', mask: 'last4' }])],
  ],
  [
    'an enum without values',
    /an enum needs values/,
    [thing([{ ...label, type: { kind: 'enum', name: 'Kind', values: [] } }])],
  ],
  [
    'a row scope that follows a field',
    /scopeVia label is not a to-one relation/,
    [thing([label], { scopeVia: 'label' })],
  ],
  ['a uniqueness over nothing', /unique over ghost/, [thing([], { uniques: [['ghost']] })]],
])('%s is refused', (_, problem, objects) => {
  expect(problems(...objects)).toMatch(problem);
});

test('an object without id and version is refused, and every problem is named at once', () => {
  const text = problems(thing([], { members: [], table: 'T' }));
  expect(text).toMatch(/no field id/);
  expect(text).toMatch(/no field version/);
  expect(text).toMatch(/not a usable table name/);
});
