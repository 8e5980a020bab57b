import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GivenChange } from '../../src/records/change';
import { blank } from '../harness/answers';
import { sampleLedger } from '../harness/sample-ledger';
import { copyTestDatabase, createTestDatabase, type TestDatabase } from '../harness/test-database';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Two histories that differ only in what a reader may not see: the values of fields that they do not see or see masked, and
 * whatever happened to the records of others. Whatever is asked of the audit log, the answers have to be the same.
 */
const MINUTE = 60_000;
/** After everything that is there, and within the time that a token lasts. */
const START = (Math.floor(Date.now() / MINUTE) + 2) * MINUTE;

interface History {
  readonly taxIds: readonly string[];
  readonly email: string;
  /** What happens to records of others. */
  readonly others: readonly string[];
}

const HISTORIES: Readonly<Record<'one' | 'other', History>> = {
  one: { taxIds: ['AAAA1111', 'AAAA2222'], email: 'sven@example.org', others: [] },
  other: { taxIds: ['ZZZZ9999', 'YYYY8888'], email: 'sara@example.org', others: ['first', 'second', 'third'] },
};

describe('The audit log does not tell what its reader may not see', () => {
  const databases: TestDatabase[] = [];
  const worlds: TestGateway[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-audit-oracles-'));
  const reader = { token: '', personId: '', userId: '' };
  const admin = { token: '' };
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    const plain = await createTestDatabase();
    databases.push(plain);
    const first = await startTestGateway({ database: plain });
    const ledger = await sampleLedger(first);
    await first.lines(
      ['at', 'action', 'objectName', 'recordId', 'userId', 'personId', 'requestId', 'reason', 'code', 'outside'].map(
        (field) => ({ role: 'support', object: 'AuditEntry', field, action: 'SEE_CLEAR' }),
      ),
    );
    Object.assign(reader, ledger.support);
    Object.assign(admin, ledger.admin);
    const one = async (sql: string) => String((await first.sql(sql))[0]!.id);
    Object.assign(ids, {
      ...{ account: ledger.accountIds[0], hidden: ledger.accountIds[1] },
      contact: await one(`select id from contact where account_id = '${ledger.accountIds[0]}'`),
      hiddenInvoice: await one(`select id from invoice where number = 'N-1-0'`),
      hiddenContact: await one(`select id from contact where account_id = '${ledger.accountIds[1]}'`),
    });
    const root = path.join(folder, 'root-secret');
    copyFileSync(path.join(first.dataDir, 'root-secret'), root);
    await first.stop();
    databases.push(await copyTestDatabase(plain));
    for (const [n, history] of Object.values(HISTORIES).entries()) {
      const clock = { at: START };
      const settings = { ROOT_SECRET_FILE: root };
      const world = await startTestGateway({ database: databases[n]!, settings, now: () => new Date(clock.at) });
      worlds.push(world);
      await live(world, history, clock);
    }
  });
  afterAll(async () => {
    for (const world of worlds) await world.stop();
    for (const database of databases) await database.drop();
    rmSync(folder, { recursive: true });
  });

  /** The same visible changes at the same moments; between them whatever the history has. */
  async function live(world: TestGateway, { taxIds, email, others }: History, clock: { at: number }): Promise<void> {
    const update = (object: string, id: string, input: Record<string, unknown>): GivenChange => {
      return { verb: 'update', object, id, input };
    };
    const turns: GivenChange[] = [
      ...taxIds.map((taxId) => update('Account', ids.account!, { taxId })),
      update('Contact', ids.contact!, { email }),
      update('Account', ids.account!, { name: 'Seen by all' }),
    ];
    for (const [n, turn] of turns.entries()) {
      clock.at = START + n * MINUTE;
      await world.install([turn]);
      const other = others[n];
      if (other === undefined) continue;
      clock.at += MINUTE / 2;
      await world.install([
        update('Account', ids.hidden!, { name: other }),
        update('Invoice', ids.hiddenInvoice!, { notes: other }),
        ...(n === 2 ? [{ verb: 'delete' as const, object: 'Contact', id: ids.hiddenContact! }] : []),
      ]);
      await world.ask(admin.token, `{ account(id: "${ids.hidden}") { name } users { nodes { id } } }`);
    }
    clock.at = START + 10 * MINUTE;
  }

  /** An answer without ids of errors, which of several roots failed first, and what is sealed; that there is a cursor stays. */
  const flat = ({ body }: Answer) => {
    const errors = (body.errors ?? []).map((error) => blank(JSON.stringify(error))).sort();
    return JSON.stringify([body.data, errors]).replace(/"endCursor":"[^"]*"/g, '"endCursor":"…"');
  };
  const NODES =
    'nodes { at action objectName recordId userId personId reason code outside changes { field before after see withheld } facts }';
  const PAGE = `${NODES} endCursor hasNextPage`;

  function questions(): string[] {
    const searches = ['Account', 'Contact', 'Invoice'].flatMap((object) => {
      const texts = [...Object.values(HISTORIES).flatMap(({ taxIds, email, others }) => [...taxIds, email, ...others])];
      const filters = [
        '',
        ...texts.flatMap((text) => [`text: "${text}"`, `text: "${text.slice(1, 5).toLowerCase()}"`]),
        ...['version', 'name', 'taxId', 'email', 'notes', 'unknown'].map((field) => `field: "${field}"`),
        ...Object.values(ids).map((id) => `recordId: "${id}"`),
        'actions: ["UPDATE"]',
        'actions: ["DELETE"]',
        'actions: ["READ", "DENIED"]',
        'outcome: REFUSED',
        'outcome: DONE',
        'outside: false',
        `personId: "${reader.personId}"`,
        `from: "${new Date(START + MINUTE / 4).toISOString()}", until: "${new Date(START + MINUTE).toISOString()}"`,
        `from: "${new Date(START + 2 * MINUTE).toISOString()}"`,
      ];
      return filters.flatMap((filter) =>
        [1, 50].map((first) => `auditSearch(input: { object: "${object}" ${filter} }, first: ${first}) { ${PAGE} }`),
      );
    });
    const records = Object.values(ids).flatMap((id) =>
      ['Account', 'Contact', 'Invoice'].flatMap((object) => [
        `auditTimeline(object: "${object}", id: "${id}") { ${PAGE} }`,
        `auditFieldHistory(object: "${object}", id: "${id}", field: "version") { ${PAGE} }`,
        `auditReaders(object: "${object}", id: "${id}") { nodes { at userId fields } endCursor hasNextPage }`,
      ]),
    );
    return [
      ...searches,
      ...records,
      'auditSearch(input: {}) { nodes { at } }',
      'auditEntries { totalCount nodes { at } }',
    ];
  }

  test('the histories differ, for whoever may see them', async () => {
    const query = `{ a: auditTimeline(object: "Account", id: "${ids.account}") { ${PAGE} } b: auditTimeline(object: "Invoice", id: "${ids.hiddenInvoice}") { ${PAGE} } }`;
    const [one, other] = await Promise.all(worlds.map((world) => world.ask(admin.token, query)));
    expect(one!.body.data.a.nodes.length).toBe(other!.body.data.a.nodes.length);
    expect(flat(one!)).not.toBe(flat(other!));
    expect([one, other].map((answer) => answer!.body.data.b.nodes.length)).toEqual([1, 4]);
  });

  test('searches, filters, texts, pages, timelines and readers answer the same', async () => {
    const roots = questions();
    const differ: string[] = [];
    let shown = 0;
    for (let n = 0; n < roots.length; n += 8) {
      const some = roots.slice(n, n + 8);
      const query = `{ ${some.map((root, alias) => `q${alias}: ${root}`).join(' ')} }`;
      const [one, other] = await Promise.all(worlds.map((world) => world.ask(reader.token, query)));
      shown += (one!.text.match(/"recordId"/g) ?? []).length;
      if (flat(one!) !== flat(other!)) differ.push(query);
      expect(one!.text).not.toContain('INTERNAL');
    }
    expect(differ).toEqual([]);
    expect(shown).toBeGreaterThan(100);
  });

  test('a page that is followed to its end gives the same entries', async () => {
    const whole = async (world: TestGateway) => {
      const pages: string[] = [];
      for (let after = ''; pages.length < 40; ) {
        const query = `{ auditSearch(input: { object: "Account" }, first: 2${after}) { ${PAGE} } }`;
        const answer = await world.ask(reader.token, query);
        const { body } = answer;
        pages.push(flat(answer));
        if (!body.data.auditSearch.hasNextPage) return pages;
        after = `, after: "${body.data.auditSearch.endCursor}"`;
      }
      throw new Error('it never ends');
    };
    const [one, other] = await Promise.all(worlds.map(whole));
    expect(one!.length).toBeGreaterThan(2);
    expect(one).toEqual(other);
  });
});
