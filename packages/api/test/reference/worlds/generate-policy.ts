import type { CellRuleDefinition, PermissionAction, PermissionLine, RoleDefinition } from '@countersign/policy';
import type { Catalogue, CatalogueObject } from '@countersign/schema';
import type { Chance } from './chance';
import { generateCondition } from './generate-condition';
import type { World, WorldGroup, WorldPerson } from './world';

type Line = Omit<PermissionLine, 'id'>;

const MOST_LINES = 60;
const SYSTEM_OBJECTS = [
  'Person',
  'User',
  'Role',
  'RoleAssignment',
  'SharingGroup',
  'SharingMember',
  'SharingCondition',
];
const ROLES = ['reader', 'clerk', 'auditor', 'seller', 'partner', 'owner'];
const GROUPS = ['North', 'South', 'Own', 'Everyone'];

/** Random roles with inheritance, lines, shared objects, sharing groups and people. */
export function generatePolicy(
  chance: Chance,
  catalogue: Catalogue,
  rows: World['rows'],
): Pick<World, 'roles' | 'lines' | 'sharing' | 'groups' | 'cells' | 'people'> {
  const names = ROLES.slice(0, chance.between(3, ROLES.length));
  const roles = names.map((name, index): RoleDefinition => {
    return { name, inherits: chance.percent(55) ? chance.some(names.slice(0, index), 2) : [] };
  });
  const groups = generateGroups(chance, catalogue, rows, names);
  return {
    roles,
    lines: generateLines(chance, catalogue, names),
    sharing: [...catalogue.objects.values()].flatMap(({ name, kind }) => {
      if (!chance.percent(kind === 'system' ? 85 : 75)) return [];
      return [{ object: name, sharing: chance.percent(88) ? ('open' as const) : ('groups-only' as const) }];
    }),
    groups,
    cells: generateCells(chance, catalogue, rows, names),
    people: generatePeople(chance, rows, names, groups),
  };
}

function generateLines(chance: Chance, catalogue: Catalogue, roles: readonly string[]): Line[] {
  const lines = new Map<string, Line>();
  const add = (line: Line) => {
    const { role, object, field, action, effect } = line;
    if (lines.size < MOST_LINES) lines.set([role, object, field, action, effect].join(), line);
  };
  const objects = [...catalogue.objects.values()];
  const own = objects.filter(({ kind }) => kind !== 'system');
  for (const role of roles) {
    const clear = { role, action: 'see-clear', effect: 'allow' } as const;
    if (chance.percent(45)) add({ ...clear, object: '*', field: '*' });
    else for (const { name } of own) if (chance.percent(60)) add({ ...clear, object: name, field: '*' });
  }
  // Casbin looks at every line for every answer, so most worlds have few.
  const most = Math.min(chance.between(12, MOST_LINES), chance.between(20, MOST_LINES));
  for (let tries = 0; lines.size < most && tries < 200; tries += 1) {
    const line = randomLine(chance, chance.pick(roles), objects, own);
    if (line) add(line);
  }
  return [...lines.values()];
}

function randomLine(
  chance: Chance,
  role: string,
  objects: readonly CatalogueObject[],
  own: readonly CatalogueObject[],
): Line | null {
  const effect = chance.percent(22) ? 'deny' : 'allow';
  if (chance.percent(4)) return { role, object: chance.pick(own).name, field: '-', action: 'update', effect };
  const action: PermissionAction = chance.weighted([
    [4, 'see-masked'],
    [7, 'see-clear'],
    [1, 'change'],
  ]);
  const system = chance.percent(22);
  const object = chance.pick(system ? objects.filter(({ name }) => SYSTEM_OBJECTS.includes(name)) : own);
  const member = chance.pick(object.members);
  if (member.kind === 'to-many' && action === 'change') return null;
  if (member.name === 'id' && effect === 'deny') return null;
  if (system || chance.percent(70)) return { role, object: object.name, field: member.name, action, effect };
  if (chance.percent(50)) return { role, object: object.name, field: '*', action, effect: 'allow' };
  const cardholder = member.kind !== 'to-many' && member.tags.includes('cardholder');
  return cardholder || member.name === 'id' ? null : { role, object: '*', field: member.name, action, effect };
}

function generateGroups(
  chance: Chance,
  catalogue: Catalogue,
  rows: World['rows'],
  roles: readonly string[],
): WorldGroup[] {
  const ground = { catalogue, rows, principal: true, likes: () => true, caution: 100 };
  const own = [...catalogue.objects.values()].filter(({ kind }) => kind !== 'system').map(({ name }) => name);
  return GROUPS.slice(0, chance.between(2, GROUPS.length)).map((name) => ({
    name,
    access: chance.percent(50) ? 'read' : 'read-write',
    conditions: chance.times(chance.between(1, 4), () => {
      const object = chance.pick(chance.percent(10) ? ['Person', 'User'] : own);
      const condition = generateCondition(chance, ground, object, chance.between(0, 2));
      // Most of what is drawn at random lets hardly anything through.
      return { object, condition: chance.percent(55) ? { or: [condition, wideCondition(chance)] } : condition };
    }),
    roles: chance.percent(25) ? chance.some(roles, 1) : [],
  }));
}

/** Rules on single cells, few of them on built-in objects. Most hold for some records and not for others. */
function generateCells(
  chance: Chance,
  catalogue: Catalogue,
  rows: World['rows'],
  roles: readonly string[],
): Omit<CellRuleDefinition, 'id'>[] {
  const ground = { catalogue, rows, principal: true, likes: () => true, caution: 100 };
  const objects = [...catalogue.objects.values()];
  const own = objects.filter(({ kind }) => kind !== 'system');
  return chance.times(chance.percent(15) ? 0 : chance.between(1, 9), () => {
    const object = chance.pick(chance.percent(8) ? objects : own);
    const usable = object.members.filter(({ kind, name }) => kind !== 'to-many' && name !== 'id' && name !== 'version');
    const relations = usable.filter(({ kind }) => kind === 'to-one');
    const member = chance.pick(relations.length > 0 && chance.percent(30) ? relations : usable);
    const drawn = generateCondition(chance, ground, object.name, chance.between(0, 2));
    const some = { id: { in: chance.some(rows[object.name] ?? [], 15).map(({ id }) => id) } };
    const condition = chance.weighted([
      [5, drawn],
      [4, { or: [drawn, some] }],
      [2, { not: some }],
    ]);
    return { role: chance.pick(roles), object: object.name, field: member.name, condition };
  });
}

function wideCondition(chance: Chance): unknown {
  return chance.pick([{}, { version: { gte: 0 } }, { not: { version: { in: [7] } } }, { id: { isNull: false } }]);
}

function generatePeople(
  chance: Chance,
  rows: World['rows'],
  roles: readonly string[],
  groups: readonly WorldGroup[],
): WorldPerson[] {
  const accounts = (rows.Account ?? []).map(({ id }) => String(id));
  return ['Ada', 'Bo', 'Cy', 'Di', 'Eva'].map((name, index) => {
    const audience = index < 3 ? 'staff' : 'portal';
    return {
      name,
      audience,
      roles: chance.some(roles, chance.between(1, 3)),
      groups: chance
        .some(groups, audience === 'portal' ? chance.between(1, 3) : chance.int(3))
        .map((group) => group.name),
      account: audience === 'portal' || chance.percent(30) ? chance.pick(accounts.slice(0, 4)) : null,
      region: chance.percent(60) ? chance.pick(['EMEA', 'APAC']) : null,
    };
  });
}
