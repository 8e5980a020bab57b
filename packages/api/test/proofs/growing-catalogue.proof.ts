import {
  builtinCatalogue,
  type Catalogue,
  type CatalogueField,
  type CatalogueObject,
  createCatalogue,
  objectOf,
} from '@countersign/schema';
import { codes } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';
import { LiveMaps, type Memory } from './live-maps';

const CHANGES = 1_000;
const READERS = 4;

const TABLES = `
create table account_note (
  id uuid primary key, version integer not null, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
  created_by uuid, updated_by uuid, external_id text collate "C" unique, body text collate "C" not null,
  colour text collate "C", account_id uuid not null references account);
create table note_tag (
  id uuid primary key, version integer not null, created_at timestamptz(3) not null, updated_at timestamptz(3) not null,
  created_by uuid, updated_by uuid, external_id text collate "C" unique, label text collate "C" not null,
  note_id uuid not null references account_note);
grant select, insert, update, delete on account_note, note_tag to public`;

/** What the catalogue has besides the builtin objects. */
interface Grown {
  readonly note?: boolean;
  readonly colour?: boolean;
  readonly remarks?: boolean;
  readonly tag?: boolean;
  readonly wordy?: boolean;
}

function text(name: string, column: string, nullable: boolean, description: string): CatalogueField {
  const type = { kind: 'text', maxLength: 200 } as const;
  return { kind: 'field', name, column, type, nullable, write: 'always', tags: [], description };
}

function custom(name: string, table: string, parent: [name: string, target: string], fields: CatalogueField[]) {
  const common = ['id', 'version', 'createdAt', 'updatedAt', 'createdBy', 'updatedBy', 'externalId'];
  const singular = `${name[0]!.toLowerCase()}${name.slice(1)}`;
  const [via, target] = parent;
  const own = { kind: 'to-one', name: via, target, column: `${via}_id`, nullable: false, write: 'create' } as const;
  return {
    ...{ name, singular, plural: `${singular}s`, table, kind: 'custom', description: `A ${name}.` },
    members: [
      ...objectOf(builtinCatalogue(), 'Account').members.filter((member) => common.includes(member.name)),
      ...fields,
      { ...own, tags: [], description: 'What it belongs to.' },
    ],
    verbs: ['create', 'update', 'delete'],
    scopeVia: via,
    uniques: [['externalId']],
    authenticated: false,
  } satisfies CatalogueObject as CatalogueObject;
}

function catalogueOf({ note, colour, remarks, tag, wordy }: Grown): Catalogue {
  const body = text('body', 'body', false, wordy ? 'What the note says.' : 'Its text.');
  const fields = colour ? [body, text('colour', 'colour', true, 'Its colour.')] : [body];
  const noteObject = custom('AccountNote', 'account_note', ['account', 'Account'], fields);
  const tagObject = custom(
    'NoteTag',
    'note_tag',
    ['note', 'AccountNote'],
    [text('label', 'label', false, 'Its label.')],
  );
  const children = { kind: 'to-many', name: 'remarks', target: 'AccountNote', via: 'account' } as const;
  const objects = [...builtinCatalogue().objects.values()].map((object) =>
    remarks && object.name === 'Account'
      ? { ...object, members: [...object.members, { ...children, description: 'Notes on the account.' }] }
      : object,
  );
  return createCatalogue([...objects, ...(note ? [noteObject] : []), ...(tag ? [tagObject] : [])]);
}

const ASK = {
  note: '{ accountNotes { nodes { body account { name } } } }',
  colour: '{ accountNotes { nodes { colour } } }',
  remarks:
    '{ accounts(first: 1, where: { remarks: { some: { body: { eq: "one" } } } }) { nodes { remarks { nodes { body } } } } }',
  tag: '{ noteTags { nodes { label note { body } } } }',
} as const;
type Asked = keyof typeof ASK;
const EVERYTHING = Object.keys(ASK) as Asked[];

const EXPECTED: Record<Asked, unknown> = {
  note: { accountNotes: { nodes: [{ body: 'one', account: { name: 'Account 00' } }] } },
  colour: { accountNotes: { nodes: [{ colour: 'red' }] } },
  remarks: { accounts: { nodes: [{ remarks: { nodes: [{ body: 'one' }] } }] } },
  tag: { noteTags: { nodes: [{ label: 'first', note: { body: 'one' } }] } },
};

describe(`${CHANGES} changes of what exists and who may, while requests run`, () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let running = true;
  const wrong: string[] = [];
  let answered = 0;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    await gateway.sql(TABLES);
    const [account] = ledger.accountIds;
    const row = 'gen_random_uuid(), 1, now(), now()';
    await gateway.sql(`with n as (insert into account_note (id, version, created_at, updated_at, body, colour, account_id)
      values (${row}, 'one', 'red', '${account}') returning id)
      insert into note_tag (id, version, created_at, updated_at, label, note_id) select ${row}, 'first', id from n`);
  });
  afterAll(async () => {
    running = false;
    await gateway.stop();
  });

  const sue = (query: string) => gateway.ask(ledger.support.token, query);

  /**
   * What callers see right after a change, through the same documents every time: all of it in every tenth round, in the
   * others what has just changed.
   */
  async function requireSeen(grown: Grown, permitted: boolean, changed: readonly Asked[]): Promise<void> {
    for (const name of changed) {
      const answer = await sue(ASK[name]);
      if (grown[name]) expect({ name, grown, ...answer.body }).toEqual({ name, grown, data: EXPECTED[name] });
      else {
        const told = [...new Set(codes(answer))];
        expect({ name, grown, told }).toEqual({ name, grown, told: ['GRAPHQL_VALIDATION_FAILED'] });
      }
    }
    // Adding gives nothing to whose roles name their fields one by one. Permission to a field is none to records: the
    // object is not open, and no group speaks about it.
    const named = await gateway.ask(ledger.analyst.token, '{ accountNotes { nodes { body } } }');
    if (permitted) expect(named.body).toEqual({ data: { accountNotes: { nodes: [] } } });
    else expect([...new Set(codes(named))]).toEqual([grown.note ? 'FORBIDDEN' : 'GRAPHQL_VALIDATION_FAILED']);
    if (changed.length < EVERYTHING.length) return;
    // A portal never hears of any of it.
    expect(codes(await gateway.ask(ledger.portal.token, ASK.note))).toContain('GRAPHQL_VALIDATION_FAILED');
  }

  async function unpermit(): Promise<void> {
    const lines = await gateway.sql(`select id from field_permission where object_name = 'AccountNote'`);
    await gateway.install(lines.map(({ id }) => ({ verb: 'delete', object: 'FieldPermission', id })));
  }

  function load(ask: () => Promise<Answer>, right: (answer: Answer) => boolean): Promise<void>[] {
    return Array.from({ length: READERS }, async () => {
      while (running) {
        const answer = await ask().catch((error: unknown) => error as Error);
        answered += 1;
        if (answer instanceof Error) wrong.push(String(answer));
        else if (!right(answer)) wrong.push(answer.text.slice(0, 300));
        // The load is there all the time without taking the machine for itself.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
  }

  test('each is there at once, running requests end well, removed fields are refused, and nothing is left behind', async () => {
    const maps = new LiveMaps();
    const measured: [number, Memory][] = [];
    const requests = load(
      () => sue('{ accounts(first: 3) { nodes { name region invoices(first: 2) { nodes { number } } } } }'),
      ({ body }) => body.errors === undefined && body.data.accounts.nodes.length === 3,
    );
    const to = (grown: Grown) => gateway.core.snapshots.replaceCatalogue(catalogueOf(grown));
    const started = Date.now();
    let changes = 0;
    const after = async (change: Promise<void>, grown: Grown, permitted: boolean, changed: readonly Asked[]) => {
      await change;
      await requireSeen(grown, permitted, changes % 100 < 10 ? EVERYTHING : changed);
      changes += 1;
      if (![CHANGES / 10, CHANGES / 2, CHANGES].includes(changes)) return;
      measured.push([changes, await maps.measure()]);
    };
    const note = { note: true };
    const colour = { ...note, colour: true };
    const remarks = { ...colour, remarks: true };
    const all = { ...remarks, tag: true };
    const less = { ...all, colour: false };
    while (changes < CHANGES) {
      const line = { role: 'analyst', object: 'AccountNote', field: 'body', action: 'SEE_CLEAR' };
      await after(to(note), note, false, ['note', 'colour']);
      await after(gateway.lines([line]), note, true, []);
      await after(to(colour), colour, true, ['colour']);
      await after(to(remarks), remarks, true, ['remarks']);
      await after(to(all), all, true, ['tag']);
      await after(to({ ...all, wordy: true }), all, true, ['note']);
      await after(to(less), less, true, ['colour', 'tag']);
      await after(unpermit(), less, false, []);
      await after(to(note), note, false, ['remarks', 'tag']);
      await after(to({}), {}, false, ['note']);
    }
    const seconds = (Date.now() - started) / 1_000;
    running = false;
    await Promise.all(requests);
    for (const [count, { heapMb, maps: live, entries }] of measured) {
      console.info(`after ${count} changes: heap ${heapMb} MB, ${live} bounded maps with ${entries} entries`);
    }
    console.info(
      `${changes} changes in ${seconds.toFixed(0)} s, ${answered} requests beside them, ${wrong.length} wrong`,
    );
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThan(CHANGES / 2);
    const [[, early], , [, late]] = measured as [[number, Memory], [number, Memory], [number, Memory]];
    expect(late.maps).toBeLessThanOrEqual(early.maps + 5);
    // Verdicts on documents are kept by schema, five thousand of them; everything else is of the present alone.
    expect(late.entries).toBeLessThan(early.entries + 5_500);
    expect(late.heapMb).toBeLessThan(early.heapMb + 30);
  });
});
