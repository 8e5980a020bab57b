import { builtinCatalogue, type CatalogueObject, createCatalogue, memberOf, objectOf } from '@countersign/schema';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

/** An object without a class: a note on an account, in a table that a migration of the customer's made. */
function accountNote(): CatalogueObject {
  const account = objectOf(builtinCatalogue(), 'Account');
  const common = ['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy', 'externalId'];
  return {
    name: 'AccountNote',
    singular: 'accountNote',
    plural: 'accountNotes',
    table: 'account_note',
    kind: 'custom',
    description: 'A note on an account.',
    members: [
      ...account.members.filter(({ name }) => common.includes(name)),
      {
        kind: 'field',
        name: 'body',
        column: 'body',
        type: { kind: 'text', maxLength: 200 },
        nullable: false,
        write: 'always',
        tags: [],
        description: 'What it says.',
      },
      {
        kind: 'to-one',
        name: 'account',
        target: 'Account',
        column: 'account_id',
        nullable: false,
        write: 'create',
        tags: [],
        description: 'The account.',
      },
    ],
    verbs: ['create', 'update', 'delete'],
    scopeVia: 'account',
    uniques: [['externalId']],
    authenticated: false,
  };
}

function grown(): ReturnType<typeof builtinCatalogue> {
  const objects = [...builtinCatalogue().objects.values()].map((object) =>
    object.name === 'Account'
      ? {
          ...object,
          members: [
            ...object.members,
            {
              kind: 'to-many' as const,
              name: 'remarks',
              target: 'AccountNote',
              via: 'account',
              description: 'Notes on the account.',
            },
          ],
        }
      : object,
  );
  return createCatalogue([...objects, accountNote()]);
}

const TABLE = `create table account_note (
  id uuid primary key, version integer not null, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
  created_by uuid, updated_by uuid, external_id text collate "C" unique, body text collate "C" not null,
  account_id uuid not null references account);
  grant select, insert, update, delete on account_note to public`;

describe('The catalogue grows while the gateway runs', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    await gateway.sql(TABLE);
  });
  afterAll(() => gateway.stop());

  const READ = '{ accountNotes { totalCount nodes { body account { name } } } }';
  const codes = ({ body }: Answer) => body.errors?.map(({ extensions }) => extensions.code) ?? [];

  test('an object without a class is unknown before, closed when added, and works once permitted', async () => {
    const { support, analyst, accountIds } = ledger;
    expect(codes(await gateway.ask(support.token, READ))).toEqual(
      expect.arrayContaining(['GRAPHQL_VALIDATION_FAILED']),
    );

    await gateway.core.snapshots.replaceCatalogue(grown());
    // The analyst's role names its objects; adding one gives it nothing.
    expect(codes(await gateway.ask(analyst.token, READ))).toEqual(['FORBIDDEN']);
    // Support sees billing and custom objects by wildcard.
    expect((await gateway.ask(support.token, READ)).body.data.accountNotes).toEqual({ totalCount: 0, nodes: [] });

    await gateway.lines([
      { role: 'support', object: 'AccountNote', action: 'CREATE' },
      { role: 'support', object: 'AccountNote', field: '*', action: 'CHANGE' },
    ]);
    const create = (accountId: string) =>
      gateway.ask(
        support.token,
        'mutation ($input: AccountNoteCreateInput!) { createAccountNote(input: $input) { accountNote { body version } userErrors { code field } } }',
        { input: { accountId, body: 'call back' } },
      );
    const made = await create(accountIds[0]!);
    expect(made.body.errors).toBeUndefined();
    expect(made.body.data.createAccountNote).toEqual({
      accountNote: { body: 'call back', version: 1 },
      userErrors: [],
    });
    // Account 1 is not in EMEA: for support it does not exist.
    expect((await create(accountIds[1]!)).body.data.createAccountNote.userErrors).toEqual([
      { code: 'NOT_FOUND', field: ['input', 'accountId'] },
    ]);
    const nested = await gateway.ask(
      support.token,
      '{ accounts(where: { remarks: { some: { body: { contains: "back" } } } }) { nodes { name remarks { nodes { body } } } } }',
    );
    expect(nested.body.data.accounts.nodes).toEqual([
      { name: 'Account 00', remarks: { nodes: [{ body: 'call back' }] } },
    ]);
    const traced = await gateway.sql(
      `select action from audit_entry where object_name = 'AccountNote' and action <> 'DENIED'`,
    );
    expect(traced).toEqual([{ action: 'CREATE' }]);
  });

  test('answers under load are of one catalogue or the other, never of both', async () => {
    const { support } = ledger;
    const without = builtinCatalogue();
    let running = true;
    const answers: Answer[] = [];
    const load = Array.from({ length: 8 }, async () => {
      while (running)
        answers.push(await gateway.ask(support.token, '{ accounts(first: 2) { nodes { name region } } }'));
    });
    // The lines on the new object have to go before the object can.
    const { rows } = await gateway.core.database.pool.query<{ id: string; object: string }>(
      `select id, 'FieldPermission' as object from field_permission where object_name = 'AccountNote'
       union all select id, 'ObjectPermission' from object_permission where object_name = 'AccountNote'`,
    );
    await gateway.install(rows.map(({ id, object }) => ({ verb: 'delete', object, id })));
    // Policies may change while a request runs, but not faster than requests are answered for ever.
    const someAnswers = async () => {
      const enough = answers.length + 8;
      while (answers.length < enough) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (let i = 0; i < 5; i += 1) {
      await gateway.core.snapshots.replaceCatalogue(without);
      await someAnswers();
      await gateway.core.snapshots.replaceCatalogue(grown());
      await someAnswers();
    }
    running = false;
    await Promise.all(load);
    expect(answers.length).toBeGreaterThan(20);
    const wrong = answers.filter(({ body }) => body.errors || body.data.accounts.nodes.length !== 2);
    expect(wrong.map(({ text }) => text.slice(0, 300))).toEqual([]);
  });

  test('a removed object is unknown again', async () => {
    await gateway.core.snapshots.replaceCatalogue(builtinCatalogue());
    expect(codes(await gateway.ask(ledger.support.token, READ))).toEqual(
      expect.arrayContaining(['GRAPHQL_VALIDATION_FAILED']),
    );
    expect(memberOf(objectOf(builtinCatalogue(), 'Account'), 'remarks')).toBeUndefined();
  });
});
