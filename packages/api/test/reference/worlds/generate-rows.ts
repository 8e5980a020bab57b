import { type Catalogue, type StoredMember, storedMembers } from '@countersign/schema';
import type { Chance } from './chance';
import { randomValue } from './value-pools';
import type { WorldRow } from './world';

/** Built-in objects whose records are generated; those of the others come from the policy and its people. */
const FILLED_GROUND: readonly string[] = ['Person', 'Account'];

/** Random records of the generated objects, of persons and of accounts; a quarter of what may be null is. */
export function generateRows(chance: Chance, catalogue: Catalogue): Record<string, WorldRow[]> {
  const filled = [...catalogue.objects.values()].filter(
    ({ kind, name }) => kind !== 'system' || FILLED_GROUND.includes(name),
  );
  const ids = new Map(filled.map(({ name }) => [name, chance.times(chance.between(20, 60), () => chance.uuid())]));
  const anyId = [...[...ids.values()].map((of) => of[0]!), '@user:0', '@person:0', '@user:1'];

  const value = (object: string, id: string, member: StoredMember) => {
    if (member.name === 'version') return 1;
    if (member.nullable && chance.percent(25)) return null;
    // Persons and accounts are there before anybody can sign in.
    const known = FILLED_GROUND.includes(object) ? anyId.filter((one) => !one.startsWith('@')) : anyId;
    if (member.kind === 'field') return randomValue(chance, member.type, known);
    const targets = ids.get(member.target)!;
    // Few parents have many children, and many have none.
    const target = targets[chance.int(chance.percent(50) ? 4 : targets.length)]!;
    return target === id && FILLED_GROUND.includes(object) ? null : target;
  };
  const rows = filled.map((object) => {
    const members = storedMembers(object).filter(({ name }) => name !== 'id');
    const made = ids.get(object.name)!.map((id, index): WorldRow => {
      const row = Object.fromEntries(members.map((member) => [member.name, value(object.name, id, member)]));
      return { id, ...row, ...(object.name === 'Account' ? accountValues(chance, index) : {}) };
    });
    return [object.name, made] as const;
  });
  // Persons first: accounts refer to them.
  return Object.fromEntries(rows.sort(([a], [b]) => orderOf(a) - orderOf(b)));
}

function orderOf(object: string): number {
  const at = FILLED_GROUND.indexOf(object);
  return at < 0 ? FILLED_GROUND.length : at;
}

/** The table of accounts has checks of its own. */
function accountValues(chance: Chance, index: number): WorldRow {
  return {
    externalId: chance.percent(50) ? `ext ${index}` : null,
    currency: chance.pick(['EUR', 'USD']),
    creditLimit: chance.percent(60) ? `${index % 4}00.50` : null,
  };
}
