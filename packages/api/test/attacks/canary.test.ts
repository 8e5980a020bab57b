import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { builtinCatalogue, type CatalogueObject } from '@countersign/schema';
import { Identify } from '../../src/capabilities/identity';
import { importRecords, parseImportMap } from '../../src/capabilities/import';
import { openCore, serve } from '../../src/compose';
import { createLog } from '../../src/log';
import type { DecidedUnder } from '../../src/path/rooms';
import { readSettings } from '../../src/settings';
import { createTestDatabase } from '../harness';
import { canaryForms } from '../harness/canary-forms';
import { filterPositions, sortPositions } from '../harness/read-positions';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { TestGateway, type TestPerson } from '../harness/test-gateway';

/*
 * Canaries are written into every field that a reader may not see: not at all, only masked, only where a cell rule holds,
 * or only in other people's records. Then the reader asks for them in every way there is. None may come back in any form.
 */
const chance = () => Math.random().toString(36).slice(2, 8);
const canary = (about: string) => `Qz${about}${chance()}Wk`;
const digits = () => String(Math.floor(1e7 + Math.random() * 8e7));
const CANARIES = {
  taxId: canary('tax'),
  nextTaxId: canary('nextTax'),
  creditLimit: digits(),
  externalId: canary('external'),
  notes: canary('notes'),
  oldNotes: canary('oldNotes'),
  email: canary('mail'),
  phone: canary('phone'),
  company: canary('company'),
  nextCompany: canary('nextCompany'),
  street: canary('street'),
  holder: canary('holder'),
  number: `4${digits()}${digits().slice(0, 7)}`,
  otherName: canary('others'),
  otherNotes: canary('othersNotes'),
  otherContact: canary('othersContact'),
  gone: canary('gone'),
  made: canary('made'),
  nextNotes: canary('nextNotes'),
  owner: canary('owner'),
} as const;

/** What the reader sees nothing of, or only masked; company lies under a cell rule that never holds for them. */
const UNSEEN = [
  ...['taxId', 'creditLimit', 'externalId'].map((field) => ['Account', field] as const),
  ['Invoice', 'notes'] as const,
  ['Contact', 'street'] as const,
];
const MASKED = [['Contact', 'email'] as const, ['Contact', 'phone'] as const];
/** Whose record each id is that the test remembers. */
const OWNERS: Readonly<Record<string, string>> = {
  ...{ emea: 'Account', amer: 'Account', contact: 'Contact', otherContact: 'Contact' },
  ...{ invoice: 'Invoice', otherInvoice: 'Invoice', gone: 'Invoice', card: 'PaymentMethod' },
};
const AT_ONCE = 6;
const OBJECTS = ['Account', 'Contact', 'Invoice', 'PaymentMethod'];

describe('Canaries in what a reader may not see', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let reader: TestPerson;
  let knower: TestPerson;
  const catalogue = builtinCatalogue();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'countersign-canary-'));
  const logged: string[] = [];
  const told: string[] = [];
  const ids: Record<string, string> = {};
  const idOf = async (sql: string) => String((await gateway.sql(sql))[0]!.id);

  beforeAll(async () => {
    const database = await createTestDatabase();
    const settings = readSettings({
      ...{ DATA_DIR: dataDir, DATABASE_URL: database.gatewayUrl, PORT: '0', LOG_LEVEL: 'trace' },
      CONTINUOUS_CHECK_MS: '0',
    });
    const to = new Writable({
      write(chunk, _encoding, done) {
        logged.push(String(chunk));
        done();
      },
    });
    const core = await openCore(settings, { log: createLog('trace', to) });
    gateway = new TestGateway(core, await serve(core), database, catalogue, dataDir, true);
    ledger = await sampleLedger(gateway);
    await people();
    await hide();
  });
  afterAll(async () => {
    await gateway?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function people(): Promise<void> {
    const audit = ['at', 'action', 'objectName', 'recordId', 'userId', 'code'].map((field) => {
      return { object: 'AuditEntry', field, action: 'SEE_CLEAR' };
    });
    const pending = ['status', 'objectName', 'reason', 'maker', 'outcome'].map((field) => {
      return { object: 'PendingChange', field, action: 'SEE_CLEAR' };
    });
    await gateway.install([
      ...gateway.roleRecords('reader', [
        ...[...audit, ...pending],
        { object: '*', field: '*', action: 'SEE_CLEAR' },
        ...UNSEEN.map(([object, field]) => ({ object, field, action: 'SEE_MASKED', effect: 'DENY' as const })),
        ...MASKED.map(([object, field]) => ({ object, field, action: 'SEE_CLEAR', effect: 'DENY' as const })),
        ...['CREATE', 'UPDATE', 'DELETE', 'APPROVE'].map((action) => ({ object: '*', action })),
        { object: '*', field: '*', action: 'CHANGE' },
      ]),
      ...gateway.roleRecords('knower', [
        ...[...audit, ...pending, { object: 'AuditEntry', field: 'changes', action: 'SEE_CLEAR' }],
        { object: '*', field: '*', action: 'SEE_CLEAR' },
        { object: '*', field: '*', action: 'CHANGE' },
        ...['CREATE', 'UPDATE', 'DELETE'].map((action) => ({ object: '*', action })),
        ...['holder', 'number'].map((field) => ({ object: 'PaymentMethod', field, action: 'SEE_CLEAR' })),
      ]),
    ]);
    const roles = await gateway.roleIds();
    const never = { account: { region: { eq: 'LATAM' } } };
    await gateway.install([
      {
        verb: 'create',
        object: 'CellRule',
        input: { roleId: roles.get('reader')!, objectName: 'Contact', fieldName: 'company', condition: never },
      },
    ]);
    const groups = [await idOf(`select id from sharing_group where name = 'EMEA'`)];
    const staff = { audience: 'STAFF', region: 'EMEA' } as const;
    reader = await gateway.person({ ...staff, name: 'Rea Der', roles: ['reader'], groups });
    knower = await gateway.person({ ...staff, name: 'Noah Wer', roles: ['knower'] });
  }

  async function hide(): Promise<void> {
    const [emea, amer] = [ledger.accountIds[0]!, ledger.accountIds[1]!];
    const c = CANARIES;
    const update = (object: string, id: string, input: Record<string, unknown>) =>
      ({ verb: 'update', object, id, input }) as const;
    const contact = (account: string) => idOf(`select id from contact where account_id = '${account}'`);
    Object.assign(ids, {
      ...{ emea, amer, contact: await contact(emea), otherContact: await contact(amer) },
      invoice: await idOf(`select id from invoice where number = 'N-0-0'`),
      otherInvoice: await idOf(`select id from invoice where number = 'N-1-0'`),
      gone: await idOf(`select id from invoice where number = 'N-1-1'`),
    });
    const card = { brand: 'VISA', lastFour: '1111', expiryMonth: 12, expiryYear: 2030 };
    const made = await gateway.install([
      {
        verb: 'create',
        object: 'PaymentMethod',
        input: { ...card, accountId: emea, holder: c.holder, number: c.number },
      },
      { verb: 'create', object: 'Person', input: { fullName: c.owner } },
    ]);
    Object.assign(ids, { card: made[0]!.id, owner: made[1]!.id });
    await gateway.install([
      update('Account', emea, {
        taxId: c.taxId,
        creditLimit: `${c.creditLimit}.25`,
        externalId: c.externalId,
        ownerId: ids.owner,
      }),
      update('Account', amer, { name: c.otherName }),
      update('Invoice', ids.invoice!, { notes: c.oldNotes }),
      update('Invoice', ids.otherInvoice!, { notes: c.otherNotes }),
      update('Invoice', ids.gone!, { notes: c.gone }),
      update('Contact', ids.contact!, {
        email: `${c.email}@example.com`,
        phone: `${c.phone}0000`,
        company: c.company,
        street: c.street,
      }),
      update('Contact', ids.otherContact!, { lastName: c.otherContact }),
    ]);
    await gateway.install([update('Invoice', ids.invoice!, { notes: c.notes })]);
    await gateway.sql(`delete from invoice_line where invoice_id = '${ids.gone}'`);
    await gateway.install([{ verb: 'delete', object: 'Invoice', id: ids.gone! }]);
    const version = async (table: string, id: string) =>
      Number((await gateway.sql(`select version from ${table} where id = '${id}'`))[0]!.version);
    const later = new Date(Date.now() + 86_400_000).toISOString();
    const held = async (changes: object[]) => {
      const query = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
        applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id } userErrors { code message } } }`;
      const { body, text } = await gateway.ask(knower.token, query, { changes, submission: { effectiveAt: later } });
      const id = body.data?.applyChangeSet?.pendingChange?.id;
      if (!id) throw new Error(text);
      return String(id);
    };
    ids.pending = await held([
      {
        updateAccount: {
          id: emea,
          expectedVersion: await version('account', emea),
          input: { taxId: c.nextTaxId, ownerId: null },
        },
      },
      {
        updateInvoice: {
          id: ids.invoice,
          expectedVersion: await version('invoice', ids.invoice!),
          input: { notes: c.nextNotes },
        },
      },
      {
        updateContact: {
          id: ids.contact,
          expectedVersion: await version('contact', ids.contact!),
          input: { company: c.nextCompany },
        },
      },
    ]);
    const invoice = { accountId: amer, number: c.made, currency: 'EUR', issuedOn: '2026-01-01', dueOn: '2026-02-01' };
    ids.pendingOther = await held([{ createInvoice: { input: invoice } }]);
  }

  /** Every field of an object and the ids of what it refers to. */
  const everything = ({ members }: CatalogueObject) =>
    members.flatMap((m) => (m.kind === 'field' ? [m.name] : m.kind === 'to-one' ? [`${m.name} { id }`] : [])).join(' ');
  const NODES =
    'nodes { id at action objectName recordId userId reason code changes { field before after see withheld } facts }';

  /** What somebody could ask for, as root fields. */
  function questions(): string[] {
    const objects = OBJECTS.map((name) => catalogue.objects.get(name)!);
    const asked = [...UNSEEN, ...MASKED, ['Contact', 'company'] as const, ['PaymentMethod', 'number'] as const];
    const recordsOf = (name: string) => Object.entries(ids).filter(([key]) => OWNERS[key] === name);
    const ofObjects = objects.flatMap((object) => [
      `${object.plural}(first: 30) { nodes { ${everything(object)} } }`,
      `auditSearch(input: { object: "${object.name}" }, first: 100) { ${NODES} }`,
      ...recordsOf(object.name).flatMap(([, id]) => [
        `${object.singular}(id: "${id}") { ${everything(object)} }`,
        `auditTimeline(object: "${object.name}", id: "${id}") { ${NODES} }`,
        ...asked.flatMap(([name, field]) =>
          name === object.name
            ? [`auditFieldHistory(object: "${name}", id: "${id}", field: "${field}") { ${NODES} }`]
            : [],
        ),
      ]),
    ]);
    const positions = asked.flatMap(([name, fieldName]) => {
      const object = catalogue.objects.get(name)!;
      const field = object.members.find((member) => member.name === fieldName)!;
      if (field.kind !== 'field') return [];
      return [...filterPositions(objects, object, field), ...sortPositions(object, field)].map((root) =>
        root.startsWith(`${object.plural}(`)
          ? root.replace('{ totalCount }', `{ totalCount nodes { ${everything(object)} } }`)
          : root,
      );
    });
    const item = 'items { object action recordId fields { name see old proposed current } }';
    return [
      ...ofObjects,
      ...positions,
      ...[ids.pending, ids.pendingOther].map(
        (id) => `pendingChangeReview(id: "${id}") { id reason outcome ${item} decisions { kind comment } }`,
      ),
      'pendingChangeInbox(box: ALL) { id objectName reason outcome waitingFor }',
      'pendingChanges { nodes { id objectName reason status outcome } }',
      'auditEntries { totalCount nodes { id objectName recordId changes reason } }',
      'accounts { nodes { owner { id fullName } contacts { nodes { email phone company street } } } }',
      'viewer { id name fields(object: "Account") { name see change } }',
      // The tail of each canary, so that what comes back is more than what was sent.
      ...Object.values(CANARIES).flatMap((whole) =>
        OBJECTS.map((name) => `auditSearch(input: { object: "${name}", text: "${whole.slice(-6)}" }) { ${NODES} }`),
      ),
    ];
  }

  /** Several root fields a document: a request reads ten pages of the log at most. */
  function documents(): string[] {
    const roots = questions();
    return Array.from({ length: Math.ceil(roots.length / AT_ONCE) }, (_, n) => {
      const some = roots.slice(n * AT_ONCE, (n + 1) * AT_ONCE);
      return `{ ${some.map((root, alias) => `q${alias}: ${root}`).join(' ')} }`;
    });
  }

  /** Mistakes whose answers could repeat what is there. */
  function mistakes(): [string, object][] {
    const of = (name: string, verb: string, args: string, types: string): string =>
      `mutation (${types}) { ${verb}${name}(${args}) { ${name[0]!.toLowerCase()}${name.slice(1)} { ${everything(catalogue.objects.get(name)!)} } userErrors { code field message } } }`;
    const update = (name: string) =>
      of(
        name,
        'update',
        'id: $id, expectedVersion: $v, input: $input',
        `$id: ID!, $v: Int!, $input: ${name}UpdateInput!`,
      );
    const create = (name: string) => of(name, 'create', 'input: $input', `$input: ${name}CreateInput!`);
    const due = { currency: 'EUR', issuedOn: '2026-01-01', dueOn: '2026-02-01' };
    return [
      [update('Account'), { id: ids.emea, v: 1, input: { name: 'x' } }],
      [update('Account'), { id: ids.emea, v: 99, input: { parentId: ids.emea } }],
      [update('Account'), { id: ids.amer, v: 1, input: { name: 'x' } }],
      [update('Contact'), { id: ids.contact, v: 2, input: { company: 'x' } }],
      [update('Contact'), { id: ids.contact, v: 2, input: { firstName: 'x' } }],
      [update('Invoice'), { id: ids.invoice, v: 3, input: { dueOn: '1990-01-01' } }],
      [update('Invoice'), { id: ids.otherInvoice, v: 2, input: { notes: 'x' } }],
      [create('Invoice'), { input: { ...due, accountId: ids.emea, number: 'N-0-0' } }],
      [create('Invoice'), { input: { ...due, accountId: ids.emea, number: 'fresh', externalId: 'ext-1-1' } }],
      [create('Invoice'), { input: { ...due, accountId: ids.amer, number: 'fresh' } }],
      [
        'mutation ($id: ID!) { deleteAccount(id: $id, expectedVersion: 2) { userErrors { code field message } } }',
        { id: ids.emea },
      ],
      [
        'mutation ($input: DecideInput!) { approveChange(input: $input) { id status outcome } }',
        { input: { id: ids.pending, digest: 'x' } },
      ],
      [
        'mutation ($input: CommentInput!) { commentOnChange(input: $input) { id status outcome } }',
        { input: { id: ids.pendingOther, comment: 'x' } },
      ],
    ];
  }

  async function explained(person: TestPerson): Promise<string[]> {
    const asked = await gateway.ask(
      person.token,
      '{ accounts { nodes { taxId } } invoices(where: { notes: { isNull: false } }) { nodes { id } } }',
    );
    const decisions = (asked.body.errors ?? []).map(({ extensions }) => extensions.decisionId);
    const answers = [asked.text];
    for (const decisionId of decisions) {
      const query =
        'query ($input: ExplainDecisionInput!) { explainDecision(input: $input) { verdict code rowScope { words sql bound } } }';
      answers.push((await gateway.ask(person.token, query, { input: { decisionId } })).text);
    }
    const operation =
      'query ($input: ExplainOperationInput!) { explainOperation(input: $input) { problems { code message } } }';
    answers.push(
      (
        await gateway.ask(person.token, operation, {
          input: { document: '{ accounts { nodes { taxId creditLimit } } }' },
        })
      ).text,
    );
    return answers;
  }

  async function imported(person: TestPerson): Promise<string> {
    const { database, writes, macKeys, tokens, snapshots, log, now } = gateway.core;
    await snapshots.refresh();
    const identify = new Identify({ pool: database.pool, macKey: macKeys.rows, tokens, snapshots, log });
    const { snapshot, head, principal } = await identify.principalFor(`Bearer ${person.token}`, now());
    const under: DecidedUnder = { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
    const fields = { account: { reference: 'Account', key: '{account}' }, firstName: 'first', lastName: 'last' };
    const map = { files: { 'contacts.csv': { records: [{ object: 'Contact', key: '{key}', fields }] } } };
    const lines = [
      'key,account,first,last',
      'a,nowhere,A,B',
      'b,ext-1-1,A,B',
      `c,${CANARIES.externalId.slice(-5)},A,B`,
    ];
    const outcome = await importRecords({ pool: database.pool, writes }, under, {
      map: parseImportMap(JSON.stringify(map)),
      files: new Map([['contacts.csv', Buffer.from(`${lines.join('\n')}\n`)]]),
      dryRun: true,
      requestId: 'canary',
      now: now(),
      onProgress: (text) => void told.push(text),
    });
    return JSON.stringify(outcome);
  }

  async function everythingTold(person: TestPerson, withMistakes: boolean): Promise<string> {
    const answers: string[] = [];
    for (const query of [...documents(), '{ __schema { types { name description fields { name description } } } }'])
      answers.push((await gateway.ask(person.token, query)).text);
    if (withMistakes) {
      for (const [query, variables] of mistakes())
        answers.push((await gateway.ask(person.token, query, variables)).text);
      answers.push(...(await explained(person)), await imported(person));
    }
    for (const address of ['/schema.graphql', '/metrics', '/readyz', '/nowhere'])
      answers.push((await gateway.get(address, person.token)).text);
    return answers.join('\n');
  }

  const found = (text: string) =>
    Object.entries(CANARIES).flatMap(([name, whole]) =>
      canaryForms(whole).some((form) => text.includes(form)) ? [name] : [],
    );

  test('whoever may see them finds each one with the same questions', async () => {
    const names = found(await everythingTold(knower, false));
    expect(names.sort()).toEqual(
      Object.keys(CANARIES)
        .filter((name) => name !== 'owner')
        .sort(),
    );
  });

  test('the reader finds none in any answer, old value, pending change, explanation, refusal or import', async () => {
    const text = await everythingTold(reader, true);
    expect(text.length).toBeGreaterThan(100_000);
    expect(text).toContain('N-0-0');
    expect(found(text)).toEqual([]);
    expect(found(told.join('\n'))).toEqual([]);
  });

  test('nor does our own log hold one, whatever goes wrong', async () => {
    // Until here nothing has: no question of the reader's was more than the gateway expects.
    expect(logged.join('')).not.toContain('INTERNAL');
    const update = `mutation ($id: ID!, $notes: String!) { updateInvoice(id: $id, expectedVersion: 3, input: { notes: $notes }) { userErrors { code } } }`;
    for (const table of ['invoice', 'audit_value', 'pending_payload']) {
      await gateway.sql(`alter table ${table} rename to ${table}_away`);
      await gateway.ask(knower.token, update, { id: ids.invoice, notes: CANARIES.nextNotes });
      await gateway.ask(reader.token, `{ pendingChangeReview(id: "${ids.pending}") { id } }`);
      await gateway.sql(`alter table ${table}_away rename to ${table}`);
    }
    const text = logged.join('');
    expect(text).toContain('INTERNAL');
    expect(found(text)).toEqual([]);
  });
});
