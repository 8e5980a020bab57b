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

/** Asks for several root fields in one document: each is null, with an error of its own. */
async function expectAllRefused(
  gateway: TestGateway,
  token: string,
  positions: readonly string[],
  extensions: { readonly code: string; readonly coordinate?: string },
): Promise<void> {
  if (positions.length === 0) return;
  const { body } = await gateway.ask(token, `{ ${positions.map((position, i) => `p${i}: ${position}`).join(' ')} }`);
  expect(body.data).toEqual(Object.fromEntries(positions.map((_, i) => [`p${i}`, null])));
  expect(body.errors?.map((error) => error.path)).toEqual(expect.arrayContaining(positions.map((_, i) => [`p${i}`])));
  expect(body.errors).toHaveLength(positions.length);
  for (const error of body.errors!) expect(error).toMatchObject({ extensions });
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
      for (const member of object.members) {
        const one = `{ ${object.singular}(id: "${NOBODY_ID}") { ${selectionOf(member)} } }`;
        const many = `{ ${object.plural} { nodes { ${selectionOf(member)} } } }`;
        const filtered = `{ ${object.plural}(where: ${filterOf(member)}) { totalCount } }`;
        for (const query of [one, many, filtered]) {
          const { body } = await gateway.ask(nobody, query);
          expect(Object.values(body.data)).toEqual([null]);
          expect(body.errors!.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
        }
        await expectAllRefused(gateway, nobody, aggregatePositions(object, member.name), { code: 'FORBIDDEN' });
      }
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
      for (const member of object.members) {
        if (member.name === 'id' || member.name === 'createdAt') continue;
        const coordinate = `${object.name}.${member.name}`;
        const selected = await gateway.ask(token, `{ ${object.plural} { nodes { ${selectionOf(member)} } } }`);
        expect(selected.body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate } }]);
        const positions = [
          `(where: ${filterOf(member)})`,
          `(where: { not: ${filterOf(member)} })`,
          `(where: { or: [${filterOf(member)}] })`,
        ];
        if (member.kind === 'field' && member.type.kind !== 'json')
          positions.push(`(orderBy: [{ ${member.name}: ASC }])`);
        for (const position of positions) {
          const { body } = await gateway.ask(token, `{ ${object.plural}${position} { totalCount } }`);
          expect(body.data).toEqual({ [object.plural]: null });
          expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate } }]);
        }
        await expectAllRefused(gateway, token, aggregatePositions(object, member.name), {
          code: 'FIELD_FORBIDDEN',
          coordinate,
        });
        if (member.kind === 'to-many') {
          const nested = `{ ${object.plural} { nodes { ${aggregateName(member.name)} { groups { count } } } } }`;
          const { body } = await gateway.ask(token, nested);
          expect(body.errors).toMatchObject([{ extensions: { code: 'FIELD_FORBIDDEN', coordinate } }]);
        }
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
