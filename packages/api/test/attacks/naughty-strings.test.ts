import { codes, ErrorWatch } from '../harness/answers';
import type { Answer } from '../harness/test-gateway';
import { createImportWorld, type ImportWorld } from '../import/import-world';

/** Everything that is used inside to tell one thing from another, and what other formats use for it. */
const DELIMITERS = [
  ...Array.from({ length: 0x20 }, (_, code) => `a${String.fromCharCode(code)}b`),
  '\u0001#0\u0001',
  '\u0001#0:01900000-0000-7000-8000-000000000000\u0001',
  '\u00010:["x"]\u0001',
  '\\u0001#0\\u0001',
  '"}]}}, "errors": [{"message": "x"}], "data": {"a": "',
  "'; drop table product; --",
  '$1 $2 $$ $body$ :name ? @name @id',
  'a,"b";\'c\'\t|\r\n"d"\\',
  '%_\\%\\_[a-z]*.?+^$(){}|',
  '{"$principal": "accountId"}',
  '$principal.accountId',
  '@created',
  'a\u007fb\u0080b\u009fb\u2028b\u2029b\ufeffb\u200bb\u202eb\ufffeb\uffff',
  '\u{1f9fe}\u{10ffff}e\u0301\u00e9',
  'a\ud800b',
  '\udfff',
  '=1+1',
  'x'.repeat(100),
  'null',
  '',
  ' ',
  ' a ',
];
const STRINGS = [...new Set([...(require('big-list-of-naughty-strings') as string[]), ...DELIMITERS])];
/** PostgreSQL has no NUL, UTF-8 no half of a pair. */
const isText = (text: string) => !text.includes('\u0000') && Buffer.from(text).toString() === text;
const REFUSALS = ['BAD_USER_INPUT', 'REQUIRED', 'INVALID', 'TOO_LONG', 'NOT_UNIQUE', 'NOT_FOUND'];

describe('Strings that break programs', () => {
  let world: ImportWorld;
  let watch: ErrorWatch;
  let token: string;
  const stored = new Map<string, string[]>();

  beforeAll(async () => {
    world = await createImportWorld();
    token = world.operator.token;
    watch = new ErrorWatch(world.gateway);
  });
  afterAll(() => world?.gateway.stop());

  const ask = (query: string, variables: unknown) => world.gateway.ask(token, query, variables);

  /** Creates a record for each string; gives those that were refused, with their codes. */
  async function createAll(
    object: string,
    inputOf: (text: string, at: number) => object,
  ): Promise<Map<string, string[]>> {
    const refused = new Map<string, string[]>();
    const query = `mutation ($changes: [ChangeInput!]!) { applyChangeSet(changes: $changes) { records { id } userErrors { code field } } }`;
    const create = async (texts: readonly string[]): Promise<void> => {
      const changes = texts.map((text) => ({ [`create${object}`]: { input: inputOf(text, STRINGS.indexOf(text)) } }));
      const answer = await ask(query, { changes });
      const { records, userErrors = [] } = answer.body.data?.applyChangeSet ?? {};
      if (records?.length === texts.length) return;
      // Half of them at a time, down to the one that is refused.
      if (texts.length > 1) {
        const named = new Set(userErrors.map(({ field }: { field: string[] }) => Number(field[1])));
        const bad = texts.filter((_, at) => named.has(at));
        const halves =
          named.size > 0
            ? [bad.slice(0, 1), bad.slice(1), texts.filter((_, at) => !named.has(at))]
            : [texts.slice(0, texts.length / 2), texts.slice(texts.length / 2)];
        for (const half of halves.filter(({ length }) => length > 0)) await create(half);
        return;
      }
      refused.set(texts[0]!, [...codes(answer), ...userErrors.map(({ code }: { code: string }) => code)]);
    };
    await create(STRINGS);
    return refused;
  }

  async function readBack(plural: string, fields: string): Promise<Record<string, string>[]> {
    const nodes: Record<string, string>[] = [];
    for (let after: string | null = null; ; ) {
      const query = `query ($after: String) { ${plural}(first: 100, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } } }`;
      const answer: Answer = await ask(query, { after });
      expect(answer.body.errors).toBeUndefined();
      nodes.push(...answer.body.data[plural].nodes);
      if (!answer.body.data[plural].pageInfo.hasNextPage) return nodes;
      after = answer.body.data[plural].pageInfo.endCursor;
    }
  }

  test('are stored and read back as they were written, or refused with a code: products', async () => {
    const short = (text: string, most: number) => [...text].slice(0, most).join('');
    const input = (text: string, at: number) => ({
      name: text,
      description: text,
      code: `C-${at}`,
      unit: short(text, 40),
    });
    const refused = await createAll('Product', input);
    const back = new Map((await readBack('products', 'code name description unit')).map((node) => [node.code!, node]));
    for (const [at, text] of STRINGS.entries()) {
      const told = refused.get(text);
      if (told) {
        expect([text, REFUSALS.includes(told[0] ?? 'none')]).toEqual([text, true]);
        expect(isText(text) && text.length <= 200 && text.trim() !== '').toBe(false);
      } else {
        const { name, description, unit } = back.get(`C-${at}`)!;
        expect({ name, description: description ?? '', unit: unit ?? '' }).toEqual({
          name: text,
          description: text,
          unit: short(text, 40),
        });
      }
    }
    stored.set(
      'name',
      STRINGS.filter((text) => !refused.has(text)),
    );
    expect(stored.get('name')!.length).toBeGreaterThan(400);
  });

  test('are found by what they are: eq, startsWith, contains, in', async () => {
    for (let from = 0; from < STRINGS.length; from += 20) {
      const part = STRINGS.slice(from, from + 20);
      const roots = part.map((_, i) =>
        ['eq', 'startsWith', 'contains']
          .map((operator) => `${operator}${i}: products(where: { name: { ${operator}: $v${i} } }) { totalCount }`)
          .join(' '),
      );
      const query = `query (${part.map((_, i) => `$v${i}: String`).join(' ')}) { ${roots.join('\n')} }`;
      const answer = await ask(query, Object.fromEntries(part.map((text, i) => [`v${i}`, text])));
      for (const code of codes(answer)) expect(REFUSALS).toContain(code);
      if (!answer.body.data) continue;
      for (const [i, text] of part.entries()) {
        if (!stored.get('name')!.includes(text)) continue;
        for (const operator of ['eq', 'startsWith', 'contains']) {
          expect([text, operator, answer.body.data[`${operator}${i}`]?.totalCount]).toEqual([
            text,
            operator,
            operator === 'eq' ? 1 : expect.any(Number),
          ]);
          expect([text, operator, answer.body.data[`${operator}${i}`].totalCount > 0]).toEqual([text, operator, true]);
        }
      }
    }
  });

  test('as ids, cursors, names of objects and zones, and as addresses and passwords they are refused with a code', async () => {
    const known = [
      ...REFUSALS,
      'UNAUTHENTICATED',
      'RATE_LIMITED',
      'FORBIDDEN',
      'FIELD_FORBIDDEN',
      'GRAPHQL_VALIDATION_FAILED',
      'COST_LIMIT',
    ];
    const query = `query ($id: ID!, $text: String!) { a: product(id: $id) { id } b: products(after: $text) { totalCount } c: products(before: $text, last: 1) { totalCount }
      d: invoicesAggregate(groupBy: [{ createdAt: { by: DAY, timeZone: $text } }]) { groups { count } }
      e: products(where: { id: { eq: $id } }) { totalCount }
      viewer { can(object: $text, action: READ, id: $id) { allowed } fields(object: $text) { name } } }`;
    for (const text of STRINGS.filter((_, at) => at % 4 === 0).concat(DELIMITERS)) {
      const answer = await ask(query, { id: text, text });
      for (const code of codes(answer)) expect([text, known.includes(code)]).toEqual([text, true]);
    }
    for (const text of STRINGS.filter((_, at) => at % 20 === 0).concat(DELIMITERS.slice(0, 3))) {
      const answer = await world.gateway.signIn(text, text);
      expect(answer.body.data?.signIn ?? null).toBeNull();
      for (const code of codes(answer)) expect([text, known.includes(code)]).toEqual([text, true]);
    }
  });

  test('are imported from a file as they stand there, without the space around them', async () => {
    const cells = STRINGS.filter((text) => isText(text) && text.trim() !== '' && [...text].length <= 100);
    const csv = cells.map((text, at) => `n${at},"${text.replaceAll('"', '""')}"`).join('\n');
    const fields = { name: { column: 'name' }, code: { column: 'code' } };
    const map = { files: { 'x.csv': { records: [{ object: 'Package', fields }] } } };
    expect(await world.run(map, { 'x.csv': `code,name\n${csv}\n` })).toMatchObject({ kind: 'imported' });
    const back = new Map((await readBack('packages', 'code name')).map(({ code, name }) => [code!, name!]));
    for (const [at, text] of cells.entries()) expect(back.get(`n${at}`)).toBe(text.trim());
  });

  test('no error said anything of the inside', () => {
    expect(watch.problems()).toEqual([]);
  });
});
