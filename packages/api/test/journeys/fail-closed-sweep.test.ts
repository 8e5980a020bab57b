import {
  aggregateName,
  builtinCatalogue,
  type CatalogueMember,
  type CatalogueObject,
  inputName,
  storedMembers,
} from '@countersign/schema';
import { aggregatePositions } from '../harness/aggregate-positions';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Generated from the catalogue, so that an object or field added tomorrow is swept as well.
 */
const catalogue = builtinCatalogue();
const objects = [...catalogue.objects.values()];
const NOBODY_ID = '01900000-0000-7000-8000-000000000000';

/** The selection that reads a member, whatever it is. */
function selectionOf(member: CatalogueMember): string {
  if (member.kind === 'field') return member.name;
  return member.kind === 'to-one' ? `${member.name} { id }` : `${member.name} { nodes { id } }`;
}

/** A filter that uses a member, whatever it is. */
function filterOf(member: CatalogueMember): string {
  if (member.kind === 'to-many') return `{ ${member.name}: { some: {} } }`;
  return `{ ${member.name}: { isNull: true } }`;
}

function inputLiteral(object: CatalogueObject): string {
  const parts = storedMembers(object)
    .filter((member) => member.write !== 'never')
    .map((member) => `${inputName(member)}: ${literalOf(member)}`);
  return `{ ${parts.join(', ')} }`;
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

/** A root field that has to be refused, and the coordinate that its error has to name. */
interface Refused {
  readonly root: string;
  readonly coordinate?: string;
}

const ROOTS_A_DOCUMENT = 40;

/** Asks for root fields, many in one document: each is null, with an error of its own. */
async function expectAllRefused(
  gateway: TestGateway,
  token: string,
  code: string,
  roots: readonly Refused[],
): Promise<void> {
  for (let from = 0; from < roots.length; from += ROOTS_A_DOCUMENT) {
    const asked = roots.slice(from, from + ROOTS_A_DOCUMENT);
    const { body } = await gateway.ask(token, `{ ${asked.map(({ root }, i) => `p${i}: ${root}`).join(' ')} }`);
    expect(body.data).toEqual(Object.fromEntries(asked.map((_, i) => [`p${i}`, null])));
    const errors = new Map(body.errors?.map((error) => [String(error.path), error.extensions]));
    expect(errors.size).toBe(body.errors?.length);
    const told = asked.map(({ root }, i) => [root, errors.get(`p${i}`)?.code, errors.get(`p${i}`)?.coordinate]);
    expect(told).toEqual(asked.map(({ root, coordinate }) => [root, code, coordinate ?? expect.anything()]));
    expect(errors.size).toBe(asked.length);
  }
}

describe('Without a role nothing is read and nothing is written', () => {
  let gateway: TestGateway;
  let nobody: string;
  let portal: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    nobody = (await gateway.person({ name: 'No Role', audience: 'STAFF' })).token;
    portal = (await gateway.person({ name: 'No Portal Role', audience: 'PORTAL' })).token;
  });
  afterAll(() => gateway.stop());

  test.each(objects.map((object) => [object.name, object] as const))(
    '%s: every read is refused',
    async (_name, object) => {
      const roots = object.members.flatMap((member) => [
        `${object.singular}(id: "${NOBODY_ID}") { ${selectionOf(member)} }`,
        `${object.plural} { nodes { ${selectionOf(member)} } }`,
        `${object.plural}(where: ${filterOf(member)}) { totalCount }`,
        ...aggregatePositions(object, member.name),
      ]);
      await expectAllRefused(
        gateway,
        nobody,
        'FORBIDDEN',
        roots.map((root) => ({ root })),
      );
    },
  );

  test.each(objects.map((object) => [object.name, object] as const))(
    '%s: a portal does not even learn that it exists',
    async (_name, object) => {
      const real = await gateway.ask(portal, `{ ${object.plural} { nodes { id } } }`);
      const invented = await gateway.ask(portal, `{ ${'q'.repeat(object.plural.length)} { nodes { id } } }`);
      expect(real.status).toBe(400);
      expect(blank(real.text).replaceAll(object.plural, 'NAME')).toBe(
        blank(invented.text).replaceAll('q'.repeat(object.plural.length), 'NAME'),
      );
    },
  );

  test.each(objects.map((object) => [object.name, object] as const))(
    '%s: every generic mutation is refused',
    async (_name, object) => {
      for (const verb of object.verbs) {
        const args = {
          create: `input: ${inputLiteral(object)}`,
          update: `id: "${NOBODY_ID}", expectedVersion: 1, input: {}`,
          delete: `id: "${NOBODY_ID}", expectedVersion: 1`,
        }[verb];
        const name = `${verb}${object.name}`;
        const { body } = await gateway.ask(nobody, `mutation { ${name}(${args}) { userErrors { code } } }`);
        expect(Object.values(body.data ?? { none: null })).toEqual([null]);
        expect(body.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
        const set = `mutation { applyChangeSet(changes: [{ ${name}: { ${args} } }]) { userErrors { code } } }`;
        const inSet = await gateway.ask(nobody, set);
        expect(inSet.body.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      }
    },
  );
});

describe('A role that sees one field sees that field alone', () => {
  let gateway: TestGateway;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    gateway = await startTestGateway();
    const lines = objects.map((object) => ({
      role: 'one-field',
      object: object.name,
      field: 'createdAt',
      action: 'SEE_CLEAR',
    }));
    await gateway.install([
      ...gateway.roleRecords('one-field', lines),
      ...objects.map(({ name }) => ({
        verb: 'create' as const,
        object: 'ObjectSetting',
        input: { objectName: name, sharing: 'OPEN' },
      })),
    ]);
    tokens.set('staff', (await gateway.person({ name: 'One Field', audience: 'STAFF', roles: ['one-field'] })).token);
  });
  afterAll(() => gateway.stop());

  test.each(objects.map((object) => [object.name, object] as const))(
    '%s: no other member, in no position',
    async (_name, object) => {
      const token = tokens.get('staff')!;
      const seen = await gateway.ask(token, `{ ${object.plural}(first: 1) { nodes { id createdAt } } }`);
      expect(seen.body.errors).toBeUndefined();
      const others = object.members.filter(({ name }) => name !== 'id' && name !== 'createdAt');
      const coordinates = others.map(({ name }) => `${object.name}.${name}`);
      const everything = `{ ${object.plural} { nodes { ${others.map(selectionOf).join(' ')} } } }`;
      const selected = await gateway.ask(token, everything);
      expect(selected.body.errors?.map(({ extensions }) => [extensions.code, extensions.coordinate])).toEqual(
        coordinates.map((coordinate) => ['FIELD_FORBIDDEN', coordinate]),
      );
      const roots = others.flatMap((member): Refused[] => {
        const sortable = member.kind === 'field' && member.type.kind !== 'json';
        const positions = [
          `${object.plural}(where: ${filterOf(member)}) { totalCount }`,
          `${object.plural}(where: { not: ${filterOf(member)} }) { totalCount }`,
          `${object.plural}(where: { or: [${filterOf(member)}] }) { totalCount }`,
          ...(sortable ? [`${object.plural}(orderBy: [{ ${member.name}: ASC }]) { totalCount }`] : []),
          ...aggregatePositions(object, member.name),
        ];
        return positions.map((root) => ({ root, coordinate: `${object.name}.${member.name}` }));
      });
      await expectAllRefused(gateway, token, 'FIELD_FORBIDDEN', roots);
      for (const member of others.filter(({ kind }) => kind === 'to-many')) {
        const nested = `{ ${object.plural} { nodes { ${aggregateName(member.name)} { groups { count } } } } }`;
        const { body } = await gateway.ask(token, nested);
        expect(body.errors).toMatchObject([
          { extensions: { code: 'FIELD_FORBIDDEN', coordinate: `${object.name}.${member.name}` } },
        ]);
      }
      const counted = await gateway.ask(token, `{ ${aggregateName(object.plural)} { groups { count } } }`);
      expect(counted.body.errors).toBeUndefined();
    },
  );

  test('the served schema holds that field alone', async () => {
    const { text } = await gateway.get('/schema.graphql', tokens.get('staff')!);
    for (const object of objects) {
      const type = new RegExp(`^type ${object.name} \\{\\n([^}]*)\\n\\}`, 'm').exec(text)?.[1] ?? '';
      expect(
        type
          .match(/^ {2}\w+(?=[:(])/gm)
          ?.map((name) => name.trim())
          .sort(),
      ).toEqual(['createdAt', 'id']);
    }
  });
});

/** An answer without what differs by chance. */
function blank(text: string): string {
  return text
    .replace(/"(requestId|decisionId)":"[^"]*"/g, '"$1":""')
    .replace(/"locations":\[[^\]]*\]/g, '"locations":[]');
}
