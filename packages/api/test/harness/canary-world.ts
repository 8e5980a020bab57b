import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { builtinCatalogue } from '@countersign/schema';
import { openCore, serve } from '../../src/compose';
import { createLog } from '../../src/log';
import { readSettings } from '../../src/settings';
import { CallReceiver, MailReceiver } from './receivers';
import { sampleLedger } from './sample-ledger';
import { createTestDatabase } from './test-database';
import { TestGateway, type TestPerson } from './test-gateway';

const chance = () => Math.random().toString(36).slice(2, 8);
const canary = (about: string) => `Qz${about}${chance()}Wk`;
const digits = () => String(Math.floor(1e7 + Math.random() * 8e7));
export const CANARIES = {
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
export const UNSEEN = [
  ...['taxId', 'creditLimit', 'externalId'].map((field) => ['Account', field] as const),
  ['Invoice', 'notes'] as const,
  ['Contact', 'street'] as const,
];
export const MASKED = [['Contact', 'email'] as const, ['Contact', 'phone'] as const];
/** Whose record each id is that the test remembers. */
export const OWNERS: Readonly<Record<string, string>> = {
  ...{ emea: 'Account', amer: 'Account', contact: 'Contact', otherContact: 'Contact' },
  ...{ invoice: 'Invoice', otherInvoice: 'Invoice', gone: 'Invoice', card: 'PaymentMethod' },
};
export const OBJECTS = ['Account', 'Contact', 'Invoice', 'PaymentMethod'];

/** A gateway whose ledger holds canaries, whoever may see them and whoever may not, and all that its own log says. */
export interface CanaryWorld {
  readonly gateway: TestGateway;
  readonly reader: TestPerson;
  readonly knower: TestPerson;
  /** Records with canaries, and pending changes that would write more. */
  readonly ids: Readonly<Record<string, string>>;
  readonly logged: readonly string[];
  readonly mail: MailReceiver;
  readonly hook: CallReceiver;
  close(): Promise<void>;
}

export async function openCanaryWorld(): Promise<CanaryWorld> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'countersign-canary-'));
  const logged: string[] = [];
  const [mail, hook] = [new MailReceiver(), new CallReceiver()];
  const database = await createTestDatabase();
  const settings = readSettings({
    ...{ DATA_DIR: dataDir, DATABASE_URL: database.gatewayUrl, PORT: '0', LOG_LEVEL: 'trace' },
    ...{ CONTINUOUS_CHECK_MS: '0', NOTIFY_POLL_MS: '200', PUBLIC_URL: 'http://127.0.0.1:4000' },
    ...{
      NOTIFY_SMTP_URL: await mail.open(),
      NOTIFY_FROM: 'gateway@example.com',
      NOTIFY_WEBHOOK_URL: await hook.open(),
    },
  });
  const to = new Writable({
    write(chunk, _encoding, done) {
      logged.push(String(chunk));
      done();
    },
  });
  const core = await openCore(settings, { log: createLog('trace', to) });
  const gateway = new TestGateway(core, await serve(core), database, builtinCatalogue(), dataDir, true);
  const { accountIds } = await sampleLedger(gateway);
  const persons = await people(gateway);
  return {
    gateway,
    ...persons,
    ids: await hide(gateway, accountIds, persons.knower),
    ...{ logged, mail, hook },
    async close() {
      await gateway.stop();
      await Promise.all([mail.close(), hook.close()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function idOf(gateway: TestGateway, sql: string): Promise<string> {
  return String((await gateway.sql(sql))[0]!.id);
}

async function people(gateway: TestGateway): Promise<Pick<CanaryWorld, 'reader' | 'knower'>> {
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
  const groups = [await idOf(gateway, `select id from sharing_group where name = 'EMEA'`)];
  const staff = { audience: 'STAFF', region: 'EMEA' } as const;
  return {
    reader: await gateway.person({ ...staff, name: 'Rea Der', roles: ['reader'], groups }),
    knower: await gateway.person({ ...staff, name: 'Noah Wer', roles: ['knower'] }),
  };
}

async function hide(
  gateway: TestGateway,
  accounts: readonly string[],
  knower: TestPerson,
): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  const [emea, amer] = [accounts[0]!, accounts[1]!];
  const c = CANARIES;
  const update = (object: string, id: string, input: Record<string, unknown>) =>
    ({ verb: 'update', object, id, input }) as const;
  const contact = (account: string) => idOf(gateway, `select id from contact where account_id = '${account}'`);
  Object.assign(ids, {
    ...{ emea, amer, contact: await contact(emea), otherContact: await contact(amer) },
    invoice: await idOf(gateway, `select id from invoice where number = 'N-0-0'`),
    otherInvoice: await idOf(gateway, `select id from invoice where number = 'N-1-0'`),
    gone: await idOf(gateway, `select id from invoice where number = 'N-1-1'`),
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
  return ids;
}
