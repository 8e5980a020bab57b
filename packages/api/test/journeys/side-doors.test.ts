import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CatalogueObject, inputName, storedMembers } from '@countersign/schema';
import { buildSchema, type GraphQLSchema, getIntrospectionQuery, isInputObjectType, isObjectType } from 'graphql';
import { blank } from '../harness/answers';
import { ARGUMENTS, kindOf, PATH_KINDS } from '../harness/path-kinds';
import { sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const ROOT = path.resolve(__dirname, '../../../..');
/** Values of the sample ledger, of every kind of field. Looked for in answers without their random ids, which may hold anything. */
const VALUES = /Account \d\d|DE12345678\d|contact\d+@example|N-\d+-\d|secret note|First\d|ext-\d|000\.00/;

/** Without a field an object would be closed as a whole. */
const OPEN = ['id', 'createdAt'];

/*
 * The caller follows every relation of every object and may read one field of each. Every path through the served schema to every
 * field is asked for; the kinds of paths are listed in one place.
 */
describe('There is no side door to a field', () => {
  let gateway: TestGateway;
  let whole: GraphQLSchema;
  let objects: CatalogueObject[];
  let token: string;
  let admin: string;
  const records = new Map<string, { id: string; version: number }>();
  const closed = (object: CatalogueObject) =>
    object.members.filter(({ name, kind }) => kind === 'field' && !OPEN.includes(name));

  beforeAll(async () => {
    gateway = await startTestGateway();
    const ledger = await sampleLedger(gateway);
    admin = ledger.admin.token;
    objects = [...gateway.catalogue.objects.values()];
    await gateway.install(
      gateway.roleRecords(
        'relations',
        objects.flatMap((object) => [
          ...object.members
            .filter(({ kind, name }) => kind !== 'field' || name === 'createdAt')
            .map(({ name }) => ({ object: object.name, field: name, action: 'SEE_CLEAR' })),
          ...(object.kind === 'billing' ? [{ object: object.name, action: 'UPDATE' }] : []),
        ]),
      ),
    );
    token = (await gateway.person({ name: 'Rel Ations', audience: 'STAFF', roles: ['relations'] })).token;
    whole = buildSchema((await gateway.get('/schema.graphql', admin)).text);
    for (const { name, plural } of objects.filter(({ kind }) => kind === 'billing')) {
      const { data } = (await gateway.ask(admin, `{ ${plural}(first: 1) { nodes { id version } } }`)).body;
      if (data[plural].nodes[0]) records.set(name, data[plural].nodes[0]);
    }
  });
  afterAll(() => gateway?.stop());

  test('every type, field and argument of the schema belongs to a kind of path that is thought of', () => {
    const problems: string[] = [];
    for (const type of Object.values(whole.getTypeMap())) {
      if (type.name.startsWith('__') || !(isObjectType(type) || isInputObjectType(type))) continue;
      const found = kindOf(type.name, objects);
      if (!found) {
        problems.push(
          `${type.name} is new: add it to a kind of PATH_KINDS in test/harness/path-kinds.ts, with the root fields that have to be refused or the test that closes it.`,
        );
        continue;
      }
      const { kind, object } = found;
      const known = new Set([
        ...kind.own,
        ...(object ? object.members.flatMap((m) => [m.name, `${m.name}Aggregate`]) : []),
      ]);
      if (object) for (const member of storedMembers(object)) known.add(inputName(member));
      for (const field of Object.values(type.getFields())) {
        const isVerb = kind.own.includes('*') || kind.types.includes('ChangeInput') || /Payload$/.test(type.name);
        if (!isVerb && !known.has(field.name)) {
          problems.push(`${type.name}.${field.name} is new: say in PATH_KINDS how a field can be reached through it.`);
        }
        for (const { name } of 'args' in field ? field.args : []) {
          if (!ARGUMENTS.includes(name)) {
            problems.push(
              `The argument ${name} of ${type.name}.${field.name} is new: add it to ARGUMENTS and to a kind of path.`,
            );
          }
        }
      }
    }
    expect(problems).toEqual([]);
  });

  test('every kind is closed: by paths that are made for each field, or by a test that exists', () => {
    for (const { name, roots, selected, closedBy } of PATH_KINDS) {
      expect([name, Boolean(roots ?? selected ?? closedBy)]).toEqual([name, true]);
      if (closedBy) expect(readFileSync(path.join(ROOT, closedBy.file), 'utf8')).toContain(closedBy.title);
    }
  });

  test('selected: on every road, each field is refused once, and the database is not asked for it', async () => {
    let roads = 0;
    for (const object of objects) {
      const names = closed(object).map(({ name }) => name);
      const all = names.join(' ');
      const inner = objects.flatMap((from) =>
        from.members.flatMap((step) => {
          if (step.kind === 'field' || step.target !== object.name) return [];
          const set = step.kind === 'to-one' ? `{ ${all} }` : `{ nodes { ${all} } edges { node { id } } }`;
          return [
            `{ ${from.plural}(first: 1) { nodes { ${step.name}${step.kind === 'to-one' ? '' : '(first: 1)'} ${set} } } }`,
          ];
        }),
      );
      const documents = [
        `{ ${object.plural}(first: 2) { nodes { ${all} } } }`,
        `{ ${object.plural}(first: 2) { edges { node { ${all} } } } }`,
        `{ ${object.singular}(id: "${records.get(object.name)?.id ?? 'x'}") { ${all} } }`,
        `{ r: ${object.plural}(last: 1) { n: nodes { ${names.map((name, i) => `a${i}: ${name}`).join(' ')} } } }`,
        `{ ...R } fragment R on Query { ${object.plural} { nodes { ...F } } } fragment F on ${object.name} { ... { ... on ${object.name} { ${all} } } }`,
        `query ($yes: Boolean = true) { ${object.plural} { nodes { ... @include(if: $yes) { ${all} } } } }`,
        ...inner,
      ];
      for (const document of documents) {
        const { body, text } = await gateway.ask(token, document);
        expect(blank(text)).not.toMatch(VALUES);
        const told = (body.errors ?? []).map(({ extensions }) => [extensions.code, extensions.coordinate]);
        expect([document, told]).toEqual([
          document,
          names.map((name) => ['FIELD_FORBIDDEN', `${object.name}.${name}`]),
        ]);
        roads += names.length;
      }
    }
    console.info(`${roads} selections`);
  });

  test('what is not readable is refused in filters, sorts and figures, by literal, by variable and by default', async () => {
    let asked = 0;
    for (const object of objects) {
      const paths = closed(object).flatMap((member) =>
        PATH_KINDS.flatMap(({ roots }) => roots?.({ objects, object, member }) ?? []).map((root) => ({
          root,
          coordinate: `${object.name}.${member.name}`,
        })),
      );
      for (let from = 0; from < paths.length; from += 90) {
        const part = paths.slice(from, from + 90);
        const { body, text } = await gateway.ask(
          token,
          `{ ${part.map(({ root }, i) => `p${i}: ${root}`).join('\n')} }`,
        );
        expect(blank(text)).not.toMatch(VALUES);
        expect(body.errors?.find(({ path: at }) => !at)?.message).toBeUndefined();
        const told = new Map(
          body.errors?.map(({ path: at, extensions }) => [at?.[0], [extensions.code, extensions.coordinate]]),
        );
        expect(part.map(({ root }, i) => [root, body.data?.[`p${i}`], told.get(`p${i}`)])).toEqual(
          part.map(({ root, coordinate }) => [root, null, ['FIELD_FORBIDDEN', coordinate]]),
        );
        asked += part.length;
      }
      const [first] = closed(object);
      const where = { not: { or: [{ [first!.name]: { isNull: true } }] } };
      const variable = `query ($w: ${object.name}Where) { ${object.plural}(where: $w) { totalCount } }`;
      const byDefault = variable.replace('Where)', `Where = { ${first!.name}: { isNull: false } })`);
      const inside = `query ($f: Boolean) { ${object.plural}(where: { ${first!.name}: { isNull: $f } }) { totalCount } }`;
      const order = `query ($o: [${object.name}OrderBy!]) { ${object.plural}(orderBy: $o) { totalCount } }`;
      for (const [query, variables] of [
        [variable, { w: where }],
        [byDefault, {}],
        [inside, { f: true }],
        [inside, { f: null }],
        [order, { o: [{ [first!.name]: 'ASC' }] }],
      ] as const) {
        const { body } = await gateway.ask(token, query, variables);
        expect([query, body.data, body.errors?.[0]?.extensions.code]).toEqual([
          query,
          { [object.plural]: null },
          expect.stringMatching(/^(FIELD_FORBIDDEN|BAD_USER_INPUT)$/),
        ]);
      }
    }
    console.info(`${asked} positions`);
  });

  test('a mutation answers nothing that a query would not', async () => {
    expect(records.size).toBeGreaterThan(3);
    for (const object of objects.filter(({ name }) => records.has(name))) {
      const { id, version } = records.get(object.name)!;
      const names = closed(object).map(({ name }) => name);
      const update = `mutation { update${object.name}(id: "${id}", expectedVersion: ${version}, input: {}) { ${object.singular} { ${names.join(' ')} } userErrors { code field message } } }`;
      const { body, text } = await gateway.ask(token, update);
      expect(blank(text)).not.toMatch(VALUES);
      expect(body.errors?.map(({ extensions }) => extensions.coordinate)).toEqual(
        names.map((name) => `${object.name}.${name}`),
      );
      const set = `mutation { applyChangeSet(changes: [{ update${object.name}: { id: "${id}", expectedVersion: ${version}, input: {} } }]) { records { object id version } userErrors { message } } }`;
      expect(blank((await gateway.ask(token, set)).text)).not.toMatch(VALUES);
    }
  });

  test('a field that may not be changed is refused before anything about it is looked at', async () => {
    for (const object of objects.filter(({ name }) => records.has(name))) {
      const { id, version } = records.get(object.name)!;
      for (const member of storedMembers(object).filter(({ write }) => write === 'always')) {
        const change = (value: unknown) =>
          gateway.ask(
            token,
            `mutation ($i: ${object.name}UpdateInput!) { update${object.name}(id: "${id}", expectedVersion: ${version}, input: $i) { userErrors { code message } } }`,
            { i: { [inputName(member)]: value } },
          );
        const { body, text } = await change(null);
        expect(blank(text)).not.toMatch(VALUES);
        expect(body.errors?.map(({ extensions }) => [extensions.code, extensions.coordinate])).toEqual([
          ['FIELD_FORBIDDEN', `${object.name}.${member.name}`],
        ]);
      }
    }
  });

  test('what one may do, explanations, manifests and the schema hold no value', async () => {
    for (const object of objects.filter(({ name }) => records.has(name))) {
      const { id } = records.get(object.name)!;
      const document = `{ ${object.plural} { nodes { ${closed(object)
        .map(({ name }) => name)
        .join(' ')} } } }`;
      const texts = [
        await gateway.ask(
          token,
          `{ viewer { can(object: "${object.name}", action: UPDATE, id: "${id}") { allowed reason decisionId } fields(object: "${object.name}") { name see change } } }`,
        ),
        await gateway.ask(
          token,
          `{ explainDecision(input: { object: "${object.name}", field: "${closed(object)[0]!.name}", action: SEE_CLEAR, id: "${id}" }) { verdict } }`,
        ),
        await gateway.ask(
          token,
          'query ($d: String!) { explainOperation(input: { document: $d }) { roots { path } } }',
          { d: document },
        ),
      ];
      for (const { text } of texts) expect(blank(text)).not.toMatch(VALUES);
      const { fields } = texts[0]!.body.data.viewer;
      expect(
        fields.every(
          ({ name }: { name: string }) =>
            OPEN.includes(name) || object.members.find((m) => m.name === name)?.kind !== 'field',
        ),
      ).toBe(true);
    }
    const sdl = buildSchema((await gateway.get('/schema.graphql', token)).text);
    const introspected = await gateway.ask(token, getIntrospectionQuery());
    for (const object of objects) {
      const type = sdl.getType(object.name);
      if (!isObjectType(type)) continue;
      for (const { name } of closed(object)) {
        expect([`${object.name}.${name}`, name in type.getFields()]).toEqual([`${object.name}.${name}`, false]);
        const told = introspected.body.data.__schema.types.find((each: { name: string }) => each.name === object.name);
        expect(told.fields.map((field: { name: string }) => field.name)).not.toContain(name);
      }
    }
  });

  test('the audit log shows no value of a field that one may not read', async () => {
    for (const [object, { id }] of records) {
      const { text } = await gateway.ask(
        token,
        `{ auditTimeline(object: "${object}", id: "${id}") { nodes { changes { field before after } } } }`,
      );
      expect(blank(text)).not.toMatch(VALUES);
    }
    const { text } = await gateway.ask(token, '{ auditEntries(first: 5) { nodes { id } } }');
    expect(blank(text)).not.toMatch(VALUES);
  });
});
