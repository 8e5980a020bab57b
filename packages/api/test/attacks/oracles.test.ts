import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CatalogueField, type CatalogueObject, storedMembers } from '@countersign/schema';
import { aggregatePositions } from '../harness/aggregate-positions';
import { blank } from '../harness/answers';
import { listedExceptions } from '../harness/listed-exceptions';
import { extremeValue, otherValue, WITHOUT_CHECKS } from '../harness/other-values';
import { filterPositions, sortPositions } from '../harness/read-positions';
import { sampleLedger } from '../harness/sample-ledger';
import { copyTestDatabase, createTestDatabase, type TestDatabase } from '../harness/test-database';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * Four databases with the same records under the same ids. The second differs from the first in fields that the caller
 * may not read and in nothing else, the third in records that the caller may not see and in nothing else, the fourth in cells
 * that a rule withholds from the caller. Whatever is
 * asked, the answers have to be the same.
 */
type World = 'plain' | 'other values' | 'other records' | 'other cells';

/** Fields that the half-sighted caller sees; of every object, every second one. */
const isSeen = (object: CatalogueObject, name: string) =>
  ['id', 'version'].includes(name) ||
  storedMembers(object)
    .filter((member) => member.kind === 'field')
    .findIndex((member) => member.name === name) %
    2 ===
    0;

/** An answer without what differs by chance: ids of errors, and which of several root fields was done first. */
function flat({ status, text, body }: Answer): string {
  if (!body.errors) return `${status} ${text}`;
  const errors = body.errors.map((error) => blank(JSON.stringify(error))).sort();
  return JSON.stringify([status, body.data, errors]);
}

describe('Answers do not depend on what the caller may not see', () => {
  const worlds = new Map<World, TestGateway>();
  const databases: TestDatabase[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-oracles-'));
  const callers = { half: '', emea: '', celled: '', admin: '' };
  let billing: CatalogueObject[];

  beforeAll(async () => {
    const plain = await createTestDatabase();
    databases.push(plain);
    const first = await startTestGateway({ database: plain });
    const ledger = await sampleLedger(first);
    // A family over the border: a hidden parent of a visible account, and a hidden child of another.
    const member = { segment: 'CONSUMER', currency: 'EUR' };
    await first.install([
      {
        verb: 'create',
        object: 'Account',
        input: { ...member, name: 'In', region: 'EMEA', parentId: ledger.accountIds[1] },
      },
      {
        verb: 'create',
        object: 'Account',
        input: { ...member, name: 'Out', region: 'AMER', parentId: ledger.accountIds[0] },
      },
    ]);
    await first.lines([{ role: 'support', object: 'Account', action: 'DELETE' }]);
    billing = [...first.catalogue.objects.values()].filter(({ kind }) => kind === 'billing');
    await first.install(
      first.roleRecords(
        'half',
        billing.flatMap((object) => [
          ...object.members
            .filter((member) => member.kind !== 'field' || isSeen(object, member.name))
            .map(({ name }) => ({ object: object.name, field: name, action: 'SEE_CLEAR' })),
          { object: object.name, field: '*', action: 'CHANGE' },
          ...object.verbs.map((verb) => ({ object: object.name, action: verb.toUpperCase() })),
        ]),
      ),
    );
    callers.half = (await first.person({ name: 'Hal F', audience: 'STAFF', roles: ['half'] })).token;
    await first.install([
      ...first.roleRecords('celled', [{ object: '*', field: '*', action: 'SEE_CLEAR' }]),
      ...celledFields().map(({ name }) => ({
        verb: 'create' as const,
        object: 'CellRule',
        input: { roleId: '@celled', objectName: 'Invoice', fieldName: name, condition: { status: { eq: 'PAID' } } },
      })),
    ]);
    callers.celled = (await first.person({ name: 'Cel Led', audience: 'STAFF', roles: ['celled'] })).token;
    callers.emea = ledger.support.token;
    callers.admin = ledger.admin.token;
    const root = path.join(folder, 'root-secret');
    copyFileSync(path.join(first.dataDir, 'root-secret'), root);
    await first.stop();
    for (const name of ['other values', 'other records', 'other cells'] as const) {
      const database = await copyTestDatabase(plain);
      databases.push(database);
      worlds.set(name, await startTestGateway({ database, settings: { ROOT_SECRET_FILE: root } }));
    }
    worlds.set('plain', await startTestGateway({ database: plain, settings: { ROOT_SECRET_FILE: root } }));
    await worlds.get('other values')!.sql(
      [
        'set session_replication_role = replica',
        WITHOUT_CHECKS,
        ...billing.map((object) => {
          const unseen = storedMembers(object).filter(
            (member): member is CatalogueField => member.kind === 'field' && !isSeen(object, member.name),
          );
          return `update ${object.table} set ${unseen.map((field) => `${field.column} = ${otherValue(field)}`).join(', ')}`;
        }),
      ].join(';\n'),
    );
    const hiddenAccounts = "select id from account where region is distinct from 'EMEA'";
    const children = billing.filter(({ scopeVia }) => scopeVia === 'account');
    const wild = (object: CatalogueObject) =>
      storedMembers(object)
        .filter((member): member is CatalogueField => member.kind === 'field')
        .filter(({ name, type }) => !['id', 'version', 'region'].includes(name) && type.kind !== 'uuid')
        .map((field) => `${field.column} = ${extremeValue(field)}`)
        .join(', ');
    const account = billing.find(({ name }) => name === 'Account')!;
    await worlds.get('other records')!.sql(
      [
        'set session_replication_role = replica',
        WITHOUT_CHECKS,
        // Half of what is hidden is gone, the other half holds extremes.
        ...children.map(
          ({ table }) =>
            `delete from ${table} where account_id in (${hiddenAccounts}) and get_byte(uuid_send(id), 15) % 2 = 0`,
        ),
        ...children.map((child) => `update ${child.table} set ${wild(child)} where account_id in (${hiddenAccounts})`),
        `update account set ${wild(account)} where id in (${hiddenAccounts})`,
      ].join(';\n'),
    );
    const cells = celledFields().filter(({ type }) => type.kind !== 'uuid');
    const changed = cells.map((cell) => `${cell.column} = ${extremeValue(cell)}`).join(', ');
    await worlds
      .get('other cells')!
      .sql(
        [
          'set session_replication_role = replica',
          WITHOUT_CHECKS,
          `update invoice set ${changed} where status <> 'PAID'`,
        ].join(';\n'),
      );
  });
  afterAll(async () => {
    for (const world of worlds.values()) await world.stop();
    for (const database of databases) await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks the same of two databases; gives the one answer. */
  async function alike(other: World, token: string, query: string, variables?: unknown): Promise<string> {
    const [real, changed] = await Promise.all(
      [worlds.get('plain')!, worlds.get(other)!].map((world) => world.ask(token, query, variables)),
    );
    expect(flat(changed!)).toBe(flat(real!));
    return real!.text;
  }

  async function allAlike(other: World, token: string, roots: readonly string[], code: string | null): Promise<void> {
    for (let from = 0; from < roots.length; from += 60) {
      const asked = roots.slice(from, from + 60);
      const text = await alike(other, token, `{ ${asked.map((root, i) => `p${i}: ${root}`).join('\n')} }`);
      const { errors = [] } = JSON.parse(text) as { errors?: { path: string[]; extensions: { code: string } }[] };
      const told = new Map(errors.map((error) => [error.path?.[0], error.extensions.code]));
      const codes = asked.map((root, i) => [root, told.get(`p${i}`) ?? null]);
      expect(codes).toEqual(asked.map((root) => [root, code]));
    }
  }

  /** Fields of an invoice that are shown of paid ones only. */
  const celledFields = () => {
    return fieldsOf(named('Invoice')).filter(({ name }) => !['id', 'version', 'status'].includes(name));
  };
  const objects = () => billing.map((object) => object.name);
  const named = (name: string) => billing.find((object) => object.name === name)!;
  const fieldsOf = (object: CatalogueObject) =>
    object.members.filter((member): member is CatalogueField => member.kind === 'field');

  test('the databases differ as they should', async () => {
    const query =
      '{ accounts(first: 50) { nodes { id taxId name creditLimit } } invoices(first: 100) { nodes { total } } }';
    const texts = await Promise.all(
      [...worlds.values()].map(async (world) => (await world.ask(callers.admin, query)).text),
    );
    expect(new Set(texts).size).toBe(4);
    expect(objects().length).toBeGreaterThan(10);
  });

  test('fields that are not readable: every operator, relation, sort and figure is refused alike', async () => {
    for (const object of billing) {
      const unseen = fieldsOf(object).filter(({ name }) => !isSeen(object, name));
      const roots = unseen.flatMap((field) => [
        ...filterPositions(billing, object, field),
        ...sortPositions(object, field),
        ...aggregatePositions(object, field.name),
      ]);
      await allAlike('other values', callers.half, roots, 'FIELD_FORBIDDEN');
    }
  });

  test('fields that are readable: filters, sorts, figures and pages say nothing of the others', async () => {
    for (const object of billing) {
      const seen = fieldsOf(object).filter(({ name }) => isSeen(object, name));
      const fields = fieldsOf(object)
        .map(({ name }) => name)
        .join(' ');
      const page = `nodes { ${fields} } totalCount pageInfo { hasNextPage endCursor }`;
      await alike('other values', callers.half, `{ ${object.plural}(first: 30) { ${page} } }`);
      const next = `query ($after: String) { ${object.plural}(first: 3, after: $after) { ${page} edges { cursor } } }`;
      const text = await alike('other values', callers.half, next);
      const after = JSON.parse(text).data[object.plural].pageInfo.endCursor;
      await alike('other values', callers.half, next, { after });
      const roots = seen.flatMap((field) => [
        ...filterPositions(billing, object, field),
        ...sortPositions(object, field),
        ...aggregatePositions(object, field.name),
      ]);
      await allAlike('other values', callers.half, roots, null);
    }
  });

  test('records that are hidden: no filter, sort, figure, page or relation knows of them, and none stumbles', async () => {
    for (const object of billing) {
      const seen = fieldsOf(object).filter(
        ({ name }) => !['Account.taxId', 'Contact.email'].includes(`${object.name}.${name}`),
      );
      const roots = seen
        .filter(({ tags }) => !tags.includes('cardholder'))
        .flatMap((field) => [
          ...filterPositions(billing, object, field),
          ...sortPositions(object, field),
          ...aggregatePositions(object, field.name),
        ]);
      if (object.scopeVia !== 'account' && object.name !== 'Account') continue;
      await allAlike('other records', callers.emea, roots, null);
      const inner = object.members.flatMap((member) => {
        if (member.kind === 'to-many') return [`${member.name} { totalCount nodes { id createdAt } }`];
        return member.kind === 'to-one' ? [`${member.name} { id createdAt }`] : [member.name];
      });
      await alike(
        'other records',
        callers.emea,
        `{ ${object.plural}(first: 30) { totalCount nodes { ${inner.join(' ')} } } }`,
      );
    }
  });

  test('cells that a rule withholds: no filter, sort, figure or page knows what they hold', async () => {
    const invoice = named('Invoice');
    const all = celledFields().map(({ name }) => name);
    const page = `nodes { ${all.join(' ')} account { name } } totalCount pageInfo { endCursor }`;
    await alike('other cells', callers.celled, `{ invoices(first: 60) { ${page} } }`);
    const roots = celledFields().flatMap((field) => [
      ...filterPositions(billing, invoice, field),
      ...sortPositions(invoice, field),
      ...aggregatePositions(invoice, field.name),
    ]);
    await allAlike('other cells', callers.celled, roots, null);
    const sorted = `query ($after: String) { invoices(first: 20, after: $after, orderBy: [{ total: DESC }, { number: ASC }]) { ${page} } }`;
    const text = await alike('other cells', callers.celled, sorted);
    await alike('other cells', callers.celled, sorted, { after: JSON.parse(text).data.invoices.pageInfo.endCursor });
  });

  describe('writing', () => {
    const EXCEPTIONS = listedExceptions();
    /** Each listed exception is real, and shown once; nothing else may differ. */
    const shown = new Set<string>();

    const WRITE: [string, World, keyof typeof callers, string][] = [
      [
        'an update beside unreadable values',
        'other values',
        'half',
        'mutation { updateContact(id: "CONTACT", expectedVersion: 1, input: { city: "Ulm" }) { contact { CFIELDS } userErrors { code field message } } }',
      ],
      [
        'an update of another version',
        'other values',
        'half',
        'mutation { updateContact(id: "CONTACT", expectedVersion: 9, input: { city: "Ulm" }) { contact { id } userErrors { code } } }',
      ],
      [
        'an update with a value that is unacceptable',
        'other values',
        'half',
        'mutation { updateInvoice(id: "INVOICE", expectedVersion: 1, input: { currency: "EURO", total: "-1" }) { invoice { id } userErrors { code field message } } }',
      ],
      [
        'a delete of what others refer to',
        'other values',
        'half',
        'mutation { deleteAccount(id: "ACCOUNT", expectedVersion: 1) { userErrors { code field message } } }',
      ],
      [
        'an update of a hidden record',
        'other records',
        'emea',
        'mutation { updateInvoice(id: "HIDDEN", expectedVersion: 1, input: { notes: "x" }) { invoice { id } userErrors { code } } }',
      ],
      [
        'a reference to a hidden record',
        'other records',
        'emea',
        'mutation { createContact(input: { accountId: "HIDDEN_ACCOUNT", firstName: "a", lastName: "b" }) { contact { id } userErrors { code field message } } }',
      ],
      [
        'a change set with a hidden record in it',
        'other records',
        'emea',
        'mutation { applyChangeSet(changes: [{ deleteContact: { id: "HIDDEN", expectedVersion: 1 } }]) { records { id } userErrors { code field } } }',
      ],
    ];
    test.each(WRITE)('%s', async (_name, other, caller, query) => {
      const contacts = fieldsOf(named('Contact')).map(({ name }) => name);
      const ids = await someIds();
      const put = Object.entries({ ...ids, CFIELDS: contacts.filter((name) => name !== 'updatedAt').join(' ') }).reduce(
        (text, [name, value]) =>
          text.replaceAll(`"${name}"`, `"${value}"`).replace(/\bCFIELDS\b/, name === 'CFIELDS' ? value : 'CFIELDS'),
        query,
      );
      await alike(other, callers[caller], put);
    });

    test('the listed exceptions are those that there are', async () => {
      const differs = async (other: World, token: string, query: string) => {
        const answers = await Promise.all(
          [worlds.get('plain')!, worlds.get(other)!].map(async (world) => blank((await world.ask(token, query)).text)),
        );
        return answers[0] !== answers[1];
      };
      const { EMEA_PARENT } = await someIds();
      const create = (externalId: string) =>
        `mutation { createProduct(input: { name: "X", code: "X-${externalId}", externalId: "${externalId}" }) { product { name } userErrors { code } } }`;
      await worlds
        .get('plain')!
        .install([{ verb: 'create', object: 'Product', input: { name: 'Taken', code: 'TAKEN', externalId: 'taken' } }]);
      if (await differs('other values', callers.half, create('taken'))) shown.add('NOT_UNIQUE');
      // A child that the caller does not see keeps its parent, in one of the two databases.
      const copy = (id: string, more: object) => `insert into account
        select (jsonb_populate_record(a, '${JSON.stringify({ id, external_id: null, parent_id: null, ...more })}')).*
        from account a where id = '${EMEA_PARENT}'`;
      const parent = '0190ffff-0000-7000-8000-000000000001';
      for (const world of ['plain', 'other records'] as const) await worlds.get(world)!.sql(copy(parent, {}));
      const child = copy('0190ffff-0000-7000-8000-000000000002', { parent_id: parent, region: 'AMER' });
      await worlds.get('plain')!.sql(child);
      const remove = `mutation { deleteAccount(id: "${parent}", expectedVersion: 1) { userErrors { code } } }`;
      if (await differs('other records', callers.emea, remove)) shown.add('IN_USE');
      expect([...shown].sort()).toEqual([...EXCEPTIONS].sort());
    });

    async function someIds() {
      const query = `{ contacts(first: 1) { nodes { id } } invoices(first: 1) { nodes { id } }
        hidden: accounts(where: { region: { eq: AMER } }, first: 1) { nodes { id invoices(first: 1) { nodes { id } } } }
        accounts(where: { region: { eq: EMEA } }, first: 1) { nodes { id } } }`;
      const { data, errors } = (await worlds.get('plain')!.ask(callers.admin, query)).body;
      expect(errors).toBeUndefined();
      return {
        CONTACT: data.contacts.nodes[0].id,
        INVOICE: data.invoices.nodes[0].id,
        ACCOUNT: data.accounts.nodes[0].id,
        EMEA_PARENT: data.accounts.nodes[0].id,
        HIDDEN: data.hidden.nodes[0].invoices.nodes[0].id,
        HIDDEN_ACCOUNT: data.hidden.nodes[0].id,
      };
    }
  });
});
