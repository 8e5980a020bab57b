import { type CatalogueMember, type CatalogueObject, inputName, storedMembers } from '@countersign/schema';
import { startTestGateway, type TestGateway, type TestLine, type TestPerson } from '../harness/test-gateway';

/*
 * A random policy, and a thousand questions about it. What an explanation says is compared with what a real query or
 * mutation of the same person is answered.
 */
const PAIRS = 1_000;
const BATCH = 20;
const NOBODY_ID = '01900000-0000-7000-8000-000000000000';
const OBJECTS = ['Account', 'Contact', 'Invoice', 'InvoiceLine', 'Payment', 'Product', 'PaymentMethod'];
const ACTIONS = ['READ', 'SEE', 'SEE', 'FILTER', 'SORT', 'CHANGE', 'CHANGE', 'CREATE', 'UPDATE', 'DELETE'];
const FIELD_USES = ['SEE', 'FILTER', 'SORT', 'CHANGE'];

interface Pair {
  readonly person: TestPerson;
  readonly object: CatalogueObject;
  readonly member: CatalogueMember | null;
  readonly action: string;
}

/** Mulberry32: chance that is the same on every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = chance(20_260_301);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
const some = <T>(from: readonly T[], share: number): T[] => from.filter(() => random() < share);

describe('An explanation says what is enforced', () => {
  let gateway: TestGateway;
  let people: TestPerson[];
  let objects: CatalogueObject[];
  const roles = Array.from({ length: 10 }, (_, n) => `zq-role-${n}`);

  beforeAll(async () => {
    gateway = await startTestGateway();
    objects = OBJECTS.map((name) => gateway.catalogue.objects.get(name)!);
    await gateway.install([
      ...OBJECTS.map((objectName) => ({
        verb: 'create' as const,
        object: 'ObjectSetting',
        input: { objectName, sharing: 'OPEN' },
      })),
      ...roles.flatMap((role) => gateway.roleRecords(role, randomLines())),
    ]);
    people = [];
    for (let n = 0; n < 12; n += 1) {
      people.push(await gateway.person({ name: 'Ran Dom', audience: 'STAFF', roles: some(roles, 0.3) }));
    }
  });
  afterAll(() => gateway.stop());

  function randomLines(): Omit<TestLine, 'role'>[] {
    const lines = new Map<string, Omit<TestLine, 'role'>>();
    const effect = () => (random() < 0.15 ? 'DENY' : 'ALLOW');
    for (const object of ['*', ...OBJECTS]) {
      if (random() < (object === '*' ? 0.9 : 0.35)) continue;
      const members = object === '*' ? [] : gateway.catalogue.objects.get(object)!.members;
      const names = members.map(({ name }) => name).filter((name) => name !== 'id');
      const fixed = members.filter((member) => member.kind === 'to-many' || member.write === 'never');
      const masked = members.filter((member) => member.kind === 'field' && member.mask !== undefined);
      for (const { name: field } of some(masked, 0.6)) {
        lines.set(`${object} ${field} SEE_MASKED`, { object, field, action: 'SEE_MASKED' });
      }
      for (const field of [...some(['*'], 0.2), ...some(names, 0.3)]) {
        const isFixed = fixed.some(({ name }) => name === field);
        const action = pick(['SEE_CLEAR', 'SEE_CLEAR', 'SEE_MASKED', ...(isFixed ? [] : ['CHANGE'])]);
        lines.set(`${object} ${field} ${action}`, { object, field, action, effect: effect() });
      }
      for (const action of some(['CREATE', 'UPDATE', 'DELETE'], 0.5)) {
        lines.set(`${object} ${action}`, { object, action, effect: effect() });
      }
    }
    return [...lines.values()];
  }

  function randomPair(): Pair {
    const object = pick(objects);
    const action = pick(ACTIONS);
    const sortable = object.members.filter((member) => member.kind === 'field' && member.type.kind !== 'json');
    // Few fields have a masked form, so they are asked about more often than the dice say.
    const masked = object.members.filter((member) => member.kind === 'field' && member.mask !== undefined);
    const shown = action === 'SEE' && masked.length > 0 && random() < 0.5 ? masked : object.members;
    const member = FIELD_USES.includes(action) ? pick(action === 'SORT' ? sortable : shown) : null;
    return { person: pick(people), object, member, action };
  }

  /** Explains up to twenty pairs of one person in one request. */
  async function explained(pairs: readonly Pair[]): Promise<string[]> {
    const roots = pairs.map(({ object, member, action }, n) => {
      const field = member ? `, field: "${member.name}"` : '';
      return `e${n}: explainDecision(input: { object: "${object.name}", action: ${action}${field} }) { ...All }`;
    });
    const all =
      'fragment All on DecisionExplanation { verdict object field action decidingRule { id role } missing { kind } grantingRoles rowScope { words sql bound } remedy }';
    const { body, text } = await gateway.ask(pairs[0]!.person.token, `{ ${roots.join('\n')} } ${all}`);
    if (body.errors) throw new Error(text);
    texts.push(text);
    return pairs.map((_, n) => body.data[`e${n}`].verdict);
  }

  const texts: string[] = [];

  /** The verdict as the gateway enforces it on real operations. */
  async function enforced({ person, object, member, action }: Pair): Promise<string> {
    const { plural, name } = object;
    const passes = async (document: string): Promise<boolean> => {
      const { body } = await gateway.ask(person.token, document);
      const refused = ['FORBIDDEN', 'FIELD_FORBIDDEN', 'GRAPHQL_VALIDATION_FAILED'];
      const codes = (body.errors ?? []).map(({ extensions }) => extensions.code);
      const unexpected = codes.find((code) => !refused.includes(code) && code !== 'NOT_FOUND');
      if (unexpected) throw new Error(`${document}: ${JSON.stringify(body.errors)}`);
      return !codes.some((code) => refused.includes(code));
    };
    const yes = (allowed: boolean) => (allowed ? 'ALLOWED' : 'DENIED');
    const filters = () => passes(`{ ${plural}(where: ${filterOf(member!)}) { totalCount } }`);
    switch (action) {
      case 'READ':
        return yes(await passes(`{ ${plural} { nodes { id } } }`));
      case 'SEE': {
        if (!(await passes(`{ ${plural} { nodes { ${selectionOf(member!)} } } }`))) return 'DENIED';
        return (await filters()) ? 'ALLOWED' : 'MASKED';
      }
      case 'FILTER':
        return yes(await filters());
      case 'SORT':
        return yes(await passes(`{ ${plural}(orderBy: [{ ${member!.name}: ASC }]) { totalCount } }`));
      case 'CHANGE': {
        const input = `{ ${member!.kind === 'to-many' ? member!.name : inputName(member!)}: ${literalOf(member!)} }`;
        const changed = `update${name}(id: "${NOBODY_ID}", expectedVersion: 1, input: ${input}) { userErrors { code } }`;
        return yes(await passes(`mutation { ${changed} }`));
      }
      case 'CREATE': {
        const { body } = await gateway.ask(
          person.token,
          `mutation { create${name}(input: ${inputOf(object)}) { userErrors { code } } }`,
        );
        return yes(!body.errors?.some(({ extensions }) => extensions.code === 'FORBIDDEN'));
      }
      default: {
        const input = action === 'UPDATE' ? ', input: {}' : '';
        const verb = `${action.toLowerCase()}${name}`;
        return yes(
          await passes(`mutation { ${verb}(id: "${NOBODY_ID}", expectedVersion: 1${input}) { userErrors { code } } }`),
        );
      }
    }
  }

  test(`on ${PAIRS} random pairs of a person and a decision, over HTTP`, async () => {
    const pairs = Array.from({ length: PAIRS }, randomPair).filter(
      // What is set only once is changed by a create, whose other fields would have a say.
      ({ member, action }) =>
        !(action === 'CHANGE' && member && member.kind !== 'to-many' && member.write === 'create'),
    );
    const seen = new Map<string, number>();
    const differences: string[] = [];
    for (const person of people) {
      const own = pairs.filter((pair) => pair.person === person);
      for (let from = 0; from < own.length; from += BATCH) {
        const batch = own.slice(from, from + BATCH);
        const verdicts = await explained(batch);
        for (const [n, pair] of batch.entries()) {
          const real = await enforced(pair);
          seen.set(real, (seen.get(real) ?? 0) + 1);
          if (verdicts[n] === real) continue;
          const { object, member, action } = pair;
          differences.push(`${action} ${object.name}.${member?.name}: explained ${verdicts[n]}, enforced ${real}`);
        }
      }
    }
    expect(differences).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(['ALLOWED', 'DENIED', 'MASKED']);
    expect([...seen.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(PAIRS * 0.9);
    for (const count of seen.values()) expect(count).toBeGreaterThan(5);
  }, 240_000);

  test('and names neither a role nor a rule to somebody who may not read the rules', async () => {
    const { rows } = await gateway.core.database.pool.query<{ id: string }>(
      'select id from field_permission union all select id from object_permission union all select id from role',
    );
    expect(texts.length).toBeGreaterThan(40);
    const told = texts.join('\n');
    expect(rows.filter(({ id }) => told.includes(id))).toEqual([]);
    expect(told).not.toMatch(/zq-role/);
    expect(told).not.toMatch(/"sql":"|"kind":"|"bound":\["/);
  });
});

function selectionOf(member: CatalogueMember): string {
  if (member.kind === 'field') return member.name;
  return member.kind === 'to-one' ? `${member.name} { id }` : `${member.name} { nodes { id } }`;
}

function filterOf(member: CatalogueMember): string {
  return member.kind === 'to-many' ? `{ ${member.name}: { some: {} } }` : `{ ${member.name}: { isNull: true } }`;
}

function inputOf(object: CatalogueObject): string {
  const settable = storedMembers(object).filter((member) => member.write !== 'never');
  return `{ ${settable.map((member) => `${inputName(member)}: ${literalOf(member)}`).join(', ')} }`;
}

function literalOf(member: CatalogueMember): string {
  if (member.kind !== 'field') return `"${NOBODY_ID}"`;
  switch (member.type.kind) {
    case 'uuid':
      return `"${NOBODY_ID}"`;
    case 'text':
      return '"x"';
    case 'integer':
      return '1';
    case 'boolean':
      return 'true';
    case 'decimal':
      return '"1"';
    case 'date':
      return '"2026-01-01"';
    case 'timestamp':
      return '"2026-01-01T00:00:00Z"';
    case 'enum':
      return member.type.values[0]!;
    case 'json':
      return '{}';
  }
}
