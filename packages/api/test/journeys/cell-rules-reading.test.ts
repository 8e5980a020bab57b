import { builtinCatalogue, objectOf } from '@countersign/schema';
import { aggregatePositions } from '../harness/aggregate-positions';
import { blank } from '../harness/answers';
import { type CellWorld, startCellWorld } from '../harness/cell-world';

/*
 * One person sees some fields only in EMEA. Every question is asked three times: of the ledger as it is, of one that
 * differs in the withheld values alone, and of one in which they are NULL. To whom the rules apply all three look alike,
 * byte for byte.
 */

const NOT_EMEA = "(select id from account where region<>'EMEA')";
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  creditLimit: ['eq: "5000.00"', 'ne: "5000.00"', 'in: ["5000.00", "1.00"]', 'lt: "6000.00"', 'gte: "3000.00"'],
  taxId: ['eq: "DE123456785"', 'ne: "X"', 'startsWith: "DE"', 'contains: "5678"', 'gt: "DE123456783"'],
  status: ['eq: ACTIVE', 'ne: CLOSED', 'in: [ACTIVE, SUSPENDED]'],
  parent: ['region: { eq: EMEA }', 'name: { contains: "0" }', ''],
};
const FILTERS = Object.entries(OPERATORS).flatMap(([field, operators]) =>
  [...operators, 'isNull: true', 'isNull: false'].map((operator) => `${field}: { ${operator} }`),
);

/** Of members that may be NULL: to these, somebody without rules on a ledger of NULLs gets the same answers. */
const NULLABLE = [
  '{ accounts { nodes { name creditLimit taxId parent { name creditLimit } } } }',
  '{ accounts { edges { cursor node { creditLimit } } } }',
  '{ a: accounts(orderBy: [{ creditLimit: ASC }]) { nodes { name } } b: accounts(orderBy: [{ taxId: DESC }]) { nodes { name taxId } } }',
  '{ accounts { nodes { name children { totalCount nodes { name } } childrenAggregate { groups { count } } } } }',
  ...['parent: { creditLimit: { gt: "0.00" } }', 'parent: { not: { creditLimit: { eq: "1000.00" } } }'].map(
    (filter) => `{ accounts(where: { ${filter} }) { totalCount nodes { name } } }`,
  ),
  ...['some: { creditLimit: { gt: "1.00" } }', 'none: { taxId: { isNull: true } }', 'some: {}', 'none: {}'].map(
    (filter) => `{ accounts(where: { children: { ${filter} } }) { totalCount nodes { name } } }`,
  ),
  ...FILTERS.filter((filter) => !filter.startsWith('status')).flatMap((filter) => [
    `{ accounts(where: { ${filter} }) { totalCount nodes { name } } }`,
    `{ accounts(where: { not: { ${filter} } }) { totalCount nodes { name } } }`,
    `{ accounts(where: { or: [{ ${filter} }, { name: { eq: "Account 03" } }] }) { nodes { name } } }`,
  ]),
  ...['creditLimit', 'taxId', 'parent'].flatMap((member) => positions('Account', member)),
  '{ accountsAggregate(groupBy: [{ parent: { creditLimit: true } }]) { groups { count key { parent { creditLimit } } } } }',
  '{ accountsAggregate(where: { creditLimit: { gt: "2000.00" } }) { groups { count sum { creditLimit } avg { creditLimit } countDistinct { taxId } } } }',
];

const OTHERS = [
  '{ accounts { nodes { name status } } }',
  '{ invoices(first: 50) { nodes { number issuedOn total notes account { name taxId } } pageInfo { startCursor endCursor hasNextPage } } }',
  '{ invoices(orderBy: [{ issuedOn: ASC }, { total: DESC }]) { edges { cursor node { number } } } }',
  '{ accounts { nodes { name invoices { totalCount nodes { number total account { name } } } invoicesAggregate { groups { count sum { total } } } } } }',
  '{ accounts(where: { invoices: { some: { total: { gt: "10.00" } } } }) { nodes { name } } }',
  '{ accounts(where: { invoices: { none: {} } }) { nodes { name } } }',
  '{ invoices(where: { account: { region: { ne: EMEA } } }) { totalCount nodes { number } } }',
  '{ invoices(where: { not: { account: { region: { eq: EMEA } } } }) { totalCount } }',
  '{ invoices(where: { account: { isNull: true } }) { totalCount nodes { number } } }',
  '{ invoices(where: { issuedOn: { gte: "2026-03-01" }, total: { ne: "10.00" } }) { totalCount nodes { number } } }',
  '{ invoiceLines(where: { invoice: { account: { name: { startsWith: "Account" } } } }) { totalCount } }',
  '{ invoiceLines(where: { invoice: { issuedOn: { lt: "2026-03-01" } } }) { totalCount } }',
  ...FILTERS.filter((filter) => filter.startsWith('status')).flatMap((filter) => [
    `{ accounts(where: { ${filter} }) { totalCount } }`,
    `{ accounts(where: { not: { ${filter} } }) { totalCount } }`,
  ]),
  ...['issuedOn', 'total', 'account', 'notes'].flatMap((member) => positions('Invoice', member)),
  ...positions('Account', 'status'),
  '{ invoicesAggregate(groupBy: [{ account: { region: true } }]) { groups { count key { account { region } } sum { total } } } }',
  ...['DAY', 'WEEK', 'QUARTER'].map(
    (by) => `{ invoicesAggregate(groupBy: [{ issuedOn: { by: ${by} } }]) { groups { count key { issuedOn } } } }`,
  ),
];

function positions(object: string, member: string): string[] {
  return aggregatePositions(objectOf(builtinCatalogue(), object), member).map((root) => `{ ${root} }`);
}

describe('A withheld cell is NULL, wherever it stands', () => {
  let world: CellWorld;
  /** Answers of the three ledgers, by person and question. */
  const answers = {
    limited: [] as string[][],
    admin: [] as string[][],
    freeOfNull: [] as string[],
    freeBefore: [] as string[],
  };
  const walks: Awaited<ReturnType<typeof walk>>[] = [];
  const questions = [...NULLABLE, ...OTHERS];

  async function askAll(token: string, asked: readonly string[]): Promise<string[]> {
    const texts: string[] = [];
    for (const question of asked) {
      const { status, text } = await world.gateway.ask(token, question);
      texts.push(`${status} ${blank(text)}`);
    }
    return texts;
  }

  async function askBoth(): Promise<void> {
    answers.limited.push(await askAll(world.limited.token, questions));
    answers.admin.push(await askAll(world.ledger.admin.token, questions));
    walks.push(await walk(world.limited.token));
  }

  /** All invoices in an order that hangs on withheld dates, page by page, forwards and backwards. */
  async function walk(token: string): Promise<{ forward: string[]; backward: string[]; texts: string[] }> {
    const texts: string[] = [];
    const steps = async (size: string, beyond: string, cursor: string, next: string): Promise<string[]> => {
      const numbers: string[] = [];
      for (let at: string | null = null; ; ) {
        const query = `query ($at: String) { invoices(${size}: 7, ${beyond}: $at, orderBy: [{ issuedOn: DESC }, { total: ASC }]) {
          nodes { number } pageInfo { ${cursor} ${next} } } }`;
        const { body, text } = await world.gateway.ask(token, query, { at });
        texts.push(blank(text));
        numbers.push(...body.data.invoices.nodes.map((node: { number: string }) => node.number));
        at = body.data.invoices.pageInfo[cursor];
        if (!body.data.invoices.pageInfo[next] || numbers.length > 100) return numbers;
      }
    };
    const forward = await steps('first', 'after', 'endCursor', 'hasNextPage');
    const backward = await steps('last', 'before', 'startCursor', 'hasPreviousPage');
    return { forward, backward, texts };
  }

  beforeAll(async () => {
    world = await startCellWorld();
    const { gateway, free } = world;
    await askBoth();
    answers.freeBefore = await askAll(free.token, NULLABLE);
    await gateway.sql(`
      update account set credit_limit=random()*9000, tax_id='X'||left(id::text, 8), status='SUSPENDED',
        parent_id=case when parent_id is null then '${world.ledger.accountIds[0]}'::uuid end where region<>'EMEA';
      update invoice set issued_on=issued_on-100, total=total+7, notes='other' where account_id in ${NOT_EMEA};
      update invoice set account_id='${world.ledger.accountIds[1]}' where account_id='${world.ledger.accountIds[2]}'`);
    await askBoth();
    await gateway.sql(`
      alter table account alter column status drop not null; alter table invoice alter column issued_on drop not null;
      alter table invoice alter column total drop not null; alter table invoice alter column account_id drop not null;
      update invoice set issued_on=null, total=null, notes=null, account_id=null where account_id in ${NOT_EMEA};
      update account set credit_limit=null, tax_id=null, parent_id=null where region<>'EMEA'`);
    answers.freeOfNull = await askAll(free.token, NULLABLE);
    await gateway.sql("update account set status=null where region<>'EMEA'");
    answers.limited.push(await askAll(world.limited.token, questions));
    walks.push(await walk(world.limited.token));
  }, 300_000);
  afterAll(() => world?.gateway.stop());

  test('the questions are sound', () => {
    expect(answers.limited[0]!.filter((text) => !text.startsWith('200') || text.includes('"errors"'))).toEqual([]);
  });

  test('a field that every record has is null where it is withheld, and its record is there', () => {
    const at = (question: string) => JSON.parse(answers.limited[0]![questions.indexOf(question)]!.slice(4)).data;
    const { nodes } = at(OTHERS[0]!).accounts;
    expect(nodes).toHaveLength(12);
    const shown = nodes.filter(({ status }: { status: string | null }) => status !== null);
    expect(shown.map(({ name }: { name: string }) => name)).toEqual(['Account 00', 'Account 04', 'Account 08']);
    const invoices = at(OTHERS[1]!).invoices.nodes as { total: string | null; issuedOn: string | null }[];
    expect(invoices).toHaveLength(48);
    expect(invoices.filter(({ total, issuedOn }) => total !== null && issuedOn !== null)).toHaveLength(12);
  });

  test('true values that differ give the same bytes', () => {
    expect(answers.limited[1]).toEqual(answers.limited[0]);
  });

  test('true values that are NULL give the same bytes', () => {
    expect(answers.limited[2]).toEqual(answers.limited[0]);
  });

  test('pages in an order of withheld values hold every record once, and their cursors remember NULL', () => {
    const [before, other, none] = walks;
    expect(new Set(before!.forward).size).toBe(48);
    expect(before!.forward).toHaveLength(48);
    expect([...before!.backward].sort()).toEqual([...before!.forward].sort());
    expect(other).toEqual(before);
    expect(none).toEqual(before);
  });

  test('the same questions tell others what has changed, or else this would prove nothing', () => {
    const same = questions.filter((_question, at) => answers.admin[0]![at] === answers.admin[1]![at]);
    console.info(`${questions.length} questions, ${same.length} of them blind to the change`);
    expect(questions.length - same.length).toBeGreaterThan(90);
  });

  test('under rules one sees what somebody without rules sees where the values are NULL', () => {
    const plain = (text: string) =>
      text.replace(/,"extensions":.*/, '}').replace(/"cursor":"[^"]*"/g, (cursor) => '#'.repeat(cursor.length));
    expect(answers.limited[0]!.slice(0, NULLABLE.length).map(plain)).toEqual(answers.freeOfNull.map(plain));
    expect(answers.freeOfNull).not.toEqual(answers.freeBefore);
  });
});
