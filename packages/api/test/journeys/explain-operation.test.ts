import type { CatalogueField, CatalogueObject } from '@countersign/schema';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Fields used = decisions taken. Random documents are written together with the list of what they use; the manifest has
 * to be that list, no more and no less, whatever fragments, aliases, directives and variables stand in between.
 */
const DOCUMENTS = 150;
const NOBODY_ID = '01900000-0000-7000-8000-000000000000';
const OBJECTS = ['Account', 'Contact', 'Invoice', 'InvoiceLine', 'Payment', 'Contract', 'Product', 'User', 'Role'];

interface Shown {
  readonly place: string[];
  readonly kind: string;
  readonly object: string | null;
  readonly decisions: {
    coordinate: string;
    use: string;
    see: string;
    allowed: boolean;
    rule: { id: string } | null;
    scope: string;
  }[];
  readonly refusals: { code: string; coordinate: string | null; selection: string[] }[];
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

/** Writes a random document and, on its own, what it uses. */
class RandomDocument {
  readonly uses: string[] = [];
  readonly variables: Record<string, unknown> = {};
  private readonly definitions: string[] = [];
  private readonly fragments: string[] = [];
  private names = 0;

  constructor(
    private readonly objects: readonly CatalogueObject[],
    private readonly random: () => number,
  ) {}

  write(): string {
    const roots = Array.from({ length: 1 + this.below(3) }, () => {
      const object = this.pick(this.objects);
      if (this.random() < 0.3)
        return `${this.name('r')}: ${object.singular}(id: "${NOBODY_ID}") ${this.record(object, 0)}`;
      return `${this.name('r')}: ${object.plural}${this.connection(object, 0)}`;
    });
    const head = this.definitions.length > 0 ? `query (${this.definitions.join(', ')})` : 'query';
    return `${head} { ${roots.join(' ')} } ${this.fragments.join(' ')}`;
  }

  private connection(object: CatalogueObject, depth: number): string {
    const args = ['first: 3'];
    const fields = object.members.filter((member): member is CatalogueField => member.kind === 'field');
    if (this.random() < 0.5) args.push(`where: ${this.filter(object, 0)}`);
    const sorted = this.random() < 0.5 ? fields.filter(({ type, name }) => type.kind !== 'json' && name !== 'id') : [];
    const by = sorted.length > 0 ? this.pick(sorted).name : null;
    if (by) {
      this.uses.push(`${object.name}.${by} SORT`);
      if (this.random() < 0.5) {
        const variable = this.name('o');
        this.definitions.push(`$${variable}: [${object.name}OrderBy!]`);
        this.variables[variable] = [{ [by]: 'DESC' }];
        args.push(`orderBy: $${variable}`);
      } else args.push(`orderBy: [{ ${by}: ASC }]`);
    }
    // Every order ends in the id, so that it is total.
    this.uses.push(`${object.name}.id SORT`);
    const nodes = this.random() < 0.7 ? 'nodes' : 'edges { cursor node';
    const record = this.record(object, depth);
    return `(${args.join(', ')}) { totalCount ${nodes} ${record} ${nodes === 'nodes' ? '' : '}'} pageInfo { endCursor } }`;
  }

  private record(object: CatalogueObject, depth: number): string {
    const parts = Array.from({ length: 1 + this.below(4) }, () => this.selection(object, depth));
    const hidden = this.random() < 0.3 ? ['skipped: id @skip(if: true)'] : [];
    const body = ['__typename', ...parts, ...hidden].join(' ');
    if (this.random() < 0.8) return `{ ${body} }`;
    const fragment = this.name('F');
    this.fragments.push(`fragment ${fragment} on ${object.name} { ${body} }`);
    return `{ ...${fragment} }`;
  }

  private selection(object: CatalogueObject, depth: number): string {
    const members = object.members.filter(
      (member) => member.kind === 'field' || (depth < 2 && this.objects.some(({ name }) => name === member.target)),
    );
    const member = this.pick(members);
    this.uses.push(`${object.name}.${member.name} SELECT`);
    const key = this.name('k');
    if (member.kind === 'field') {
      return this.random() < 0.2 ? `... on ${object.name} { ${key}: ${member.name} }` : `${key}: ${member.name}`;
    }
    const target = this.objects.find(({ name }) => name === member.target)!;
    const inner = member.kind === 'to-one' ? ` ${this.record(target, depth + 1)}` : this.connection(target, depth + 1);
    return `${key}: ${member.name}${inner}`;
  }

  private filter(object: CatalogueObject, depth: number): string {
    const choice = this.random();
    if (depth < 2 && choice < 0.2) {
      return `{ ${this.pick(['and', 'or'])}: [${this.filter(object, depth + 1)}, ${this.filter(object, depth + 1)}] }`;
    }
    if (depth < 2 && choice < 0.3) return `{ not: ${this.filter(object, depth + 1)} }`;
    const members = object.members.filter(
      (member) => member.kind === 'field' || this.objects.some(({ name }) => name === member.target),
    );
    const member = this.pick(members);
    this.uses.push(`${object.name}.${member.name} FILTER`);
    if (member.kind !== 'to-many' && (member.kind === 'field' || depth >= 2 || this.random() < 0.3)) {
      return `{ ${member.name}: { isNull: ${this.random() < 0.5} } }`;
    }
    const target = this.objects.find(({ name }) => name === member.target)!;
    const inner = depth >= 2 ? '{}' : this.filter(target, depth + 1);
    return member.kind === 'to-one' ? `{ ${member.name}: ${inner} }` : `{ ${member.name}: { some: ${inner} } }`;
  }

  private name(prefix: string): string {
    this.names += 1;
    return `${prefix}${this.names}`;
  }

  private below(most: number): number {
    return Math.floor(this.random() * most);
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
}

describe('A document is explained without being run', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let objects: CatalogueObject[];

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    objects = OBJECTS.map((name) => gateway.catalogue.objects.get(name)!);
  });
  afterAll(() => gateway.stop());

  async function manifest(token: string, document: string, variables: unknown = {}) {
    const { body, text } = await gateway.ask(
      token,
      `query ($input: ExplainOperationInput!) { explainOperation(input: $input) { policyVersion problems { code message }
        roots { place kind object decisions { coordinate use see allowed rule { id } scope } refusals { code coordinate selection } } } }`,
      { input: { document, variables } },
    );
    if (body.errors) throw new Error(text);
    return body.data.explainOperation as { problems: { code: string; message: string }[]; roots: Shown[] };
  }

  test(`every use in ${DOCUMENTS} random documents is one decision, and every decision one use`, async () => {
    const random = chance(77);
    let uses = 0;
    let ran = 0;
    for (let n = 0; n < DOCUMENTS; n += 1) {
      const written = new RandomDocument(objects, random);
      const document = written.write();
      const { problems, roots } = await manifest(ledger.admin.token, document, written.variables);
      expect([document, problems]).toEqual([document, []]);
      // A root that costs too much is refused before anything of it is decided.
      if (roots.some(({ refusals }) => refusals.some(({ code }) => code === 'COST_LIMIT'))) continue;
      const decided = roots.flatMap(({ decisions }) => decisions);
      expect([document, decided.map(({ coordinate, use }) => `${coordinate} ${use}`).sort()]).toEqual([
        document,
        written.uses.sort(),
      ]);
      // Whoever may read the rules is told the one behind each decision; all of these are allowed.
      expect(decided.filter(({ allowed, rule }) => !allowed || !rule)).toEqual([]);
      uses += decided.length;
      const real = await gateway.ask(ledger.admin.token, document, written.variables);
      expect([document, real.body.errors]).toEqual([document, undefined]);
      ran += 1;
    }
    expect(ran).toBeGreaterThan(DOCUMENTS * 0.9);
    expect(uses).toBeGreaterThan(DOCUMENTS * 5);
  }, 240_000);

  test('it foretells exactly the refusals that running the same document brings', async () => {
    const random = chance(78);
    const billing = objects.filter(({ kind }) => kind === 'billing');
    let refused = 0;
    for (const { token } of [ledger.support, ledger.analyst]) {
      for (let n = 0; n < 60; n += 1) {
        const written = new RandomDocument(billing, random);
        const document = written.write();
        const { roots } = await manifest(token, document, written.variables);
        const real = await gateway.ask(token, document, written.variables);
        const brought = (real.body.errors ?? []).map(({ extensions, path }) => {
          const { code, coordinate = null, selection = path?.join('.') } = extensions;
          return `${code} ${coordinate} ${selection}`;
        });
        const foretold = roots
          .flatMap(({ refusals }) => refusals)
          .map(({ code, coordinate, selection }) => `${code} ${coordinate} ${selection.join('.')}`);
        expect([document, foretold.sort()]).toEqual([document, brought.sort()]);
        expect(roots.flatMap(({ decisions }) => decisions).filter(({ rule }) => rule)).toEqual([]);
        refused += brought.length;
      }
    }
    expect(refused).toBeGreaterThan(60);
  }, 240_000);

  test('a mutation is decided and leaves nothing behind', async () => {
    const { admin, support } = ledger;
    const count = async () =>
      (
        await gateway.sql(
          'select (select count(*) from invoice) i, (select count(*) from audit_record) a, (select count(*) from sign_in_attempt) s',
        )
      )[0];
    const before = await count();
    const update = `mutation { updateInvoice(id: "${NOBODY_ID}", expectedVersion: 1, input: { notes: "x", total: "5" }) { invoice { number } } }`;
    const { roots } = await manifest(support.token, update);
    expect(roots).toMatchObject([
      {
        kind: 'CHANGE',
        object: 'Invoice',
        decisions: [
          { coordinate: 'Invoice', use: 'UPDATE', allowed: true, scope: 'records where its account has region EMEA' },
          { coordinate: 'Invoice.total', use: 'CHANGE', allowed: false },
          { coordinate: 'Invoice.notes', use: 'CHANGE', allowed: true },
        ],
        refusals: [{ code: 'FIELD_FORBIDDEN', coordinate: 'Invoice.total', selection: ['updateInvoice'] }],
      },
      {
        kind: 'READ',
        place: ['updateInvoice', 'invoice'],
        decisions: [{ coordinate: 'Invoice.number', use: 'SELECT' }],
      },
    ]);
    const set = await manifest(
      admin.token,
      'mutation ($c: [ChangeInput!]!) { applyChangeSet(changes: $c) { userErrors { code } } }',
      {
        c: [{ deleteInvoice: { id: NOBODY_ID, expectedVersion: 1 } }],
      },
    );
    expect(set.roots).toMatchObject([
      { kind: 'CHANGE', decisions: [{ coordinate: 'Invoice', use: 'DELETE', allowed: true }] },
    ]);
    const verb = await manifest(
      support.token,
      'mutation { signIn(input: { email: "a@example.com", password: "x" }) { accessToken } }',
    );
    expect(verb.roots).toMatchObject([{ kind: 'VERB', decisions: [], refusals: [] }]);
    expect(await count()).toEqual(before);
  });

  test('an aggregate is decided use by use', async () => {
    const document = '{ invoicesAggregate(groupBy: [{ status: true }]) { groups { count sum { total } } } }';
    const { roots } = await manifest(ledger.support.token, document);
    expect(roots).toMatchObject([
      {
        kind: 'READ',
        object: 'Invoice',
        decisions: [
          { coordinate: 'Invoice.status', use: 'GROUP', see: 'CLEAR', allowed: true },
          { coordinate: 'Invoice.total', use: 'AGGREGATE', see: 'CLEAR', allowed: true },
          // Groups come in the order of their keys.
          { coordinate: 'Invoice.status', use: 'SORT', see: 'CLEAR', allowed: true },
        ],
        refusals: [],
      },
    ]);
  });

  test('a document that would not run says why, and to a portal hidden and unknown are one', async () => {
    const problems = async (token: string, document: string, variables?: unknown) =>
      (await manifest(token, document, variables)).problems;
    const { portal, support } = ledger;
    expect((await problems(support.token, '{ nonsense'))[0]?.code).toBe('GRAPHQL_PARSE_FAILED');
    expect((await problems(support.token, '{ nonsense }'))[0]?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await problems(support.token, 'query A { __typename } query B { __typename }'))[0]?.code).toBe(
      'BAD_REQUEST',
    );
    expect((await problems(support.token, 'query ($n: Int!) { accounts(first: $n) { totalCount } }'))[0]?.code).toBe(
      'BAD_USER_INPUT',
    );
    expect((await problems(support.token, '{ accounts { totalCount } }', [1]))[0]?.code).toBe('BAD_USER_INPUT');
    const deep = `{ accounts { nodes ${'{ parent '.repeat(80)} { id } ${'}'.repeat(80)} } }`;
    expect((await problems(support.token, deep))[0]?.code).toBe('COST_LIMIT');
    const hidden = await problems(portal.token, '{ accounts { nodes { taxId } } }');
    const unknown = await problems(portal.token, '{ accounts { nodes { taxes } } }');
    expect(JSON.stringify(hidden).replaceAll('taxId', 'taxes')).toBe(JSON.stringify(unknown));
    expect(hidden[0]?.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
