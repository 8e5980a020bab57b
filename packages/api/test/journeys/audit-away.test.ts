import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

let gateway: TestGateway;
let ledger: SampleLedger;

const code = ({ body }: Answer) => body.errors?.map(({ extensions }) => extensions.code);
const CARDS = '{ paymentMethods { nodes { id number } } }';

beforeAll(async () => {
  gateway = await startTestGateway();
  ledger = await sampleLedger(gateway);
  const card = { brand: 'VISA', lastFour: '1111', expiryMonth: 12, expiryYear: 2030, holder: 'Olive Wner' };
  await gateway.install([
    {
      verb: 'create',
      object: 'PaymentMethod',
      input: { ...card, accountId: ledger.accountIds[0], number: '4111111111111111' },
    },
  ]);
  await gateway.lines([
    { role: 'support', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' },
    ...['changes', 'action', 'recordId'].map((field) => ({
      role: 'analyst',
      object: 'AuditEntry',
      field,
      action: 'SEE_CLEAR',
    })),
  ]);
});
afterAll(() => gateway.stop());

/** Everything that the database holds but for what counts requests. */
const footprint = () =>
  gateway.sql(`select h.*, (select max(updated_at) from invoice) as invoices, (select count(*) from contact) as contacts,
    (select count(*) from audit_entry where action in ('CREATE', 'UPDATE', 'DELETE', 'PUBLISH', 'SIGN_IN')) as entries,
    (select count(*) from audit_value) - (select count(*) from audit_value v join audit_entry e on e.id = v.entry_id
      where e.action in ('DENIED', 'READ', 'SYSTEM', 'SIGN_IN_FAILED')) as values from authority_head h`);

const ROLE = () => new URL(gateway.database.gatewayUrl).username;
const NAME = () => new URL(gateway.database.gatewayUrl).pathname.slice(1);
const endSessions = () =>
  gateway.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${ROLE()}' and datname = '${NAME()}'`,
  );

const WAYS: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
  ...['audit_entry', 'audit_value', 'audit_unsealed'].map((table): (typeof WAYS)[number] => [
    `${table} is not there`,
    () => gateway.sql(`alter table ${table} rename to elsewhere`),
    () => gateway.sql(`alter table elsewhere rename to ${table}`),
  ]),
  [
    'the right to write it was taken away',
    () => gateway.sql(`revoke insert on audit_entry from ${ROLE()}`),
    () => gateway.sql(`grant insert on audit_entry to ${ROLE()}`),
  ],
  [
    'the disk is full',
    () =>
      gateway.sql(`create function full_disk() returns trigger language plpgsql as $$ begin
        raise exception 'could not extend file' using errcode = '53100'; end $$;
        create trigger full_disk before insert on audit_entry for each row execute function full_disk()`),
    () => gateway.sql('drop trigger full_disk on audit_entry; drop function full_disk()'),
  ],
  [
    'the database may only be read',
    async () => {
      await gateway.sql(`alter database ${NAME()} set default_transaction_read_only = on`);
      await endSessions();
    },
    async () => {
      await gateway.sql(`begin read write; alter database ${NAME()} reset default_transaction_read_only; commit`);
      await endSessions();
    },
  ],
];

/** Sessions that were ended are noticed by whoever asks next. */
async function settled(token: string): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    if (code(await gateway.ask(token, '{ invoices { nodes { id } } }')) === undefined) return;
  }
}

test.each(WAYS)(
  'when %s, what would need a trace is refused and nothing is written; the rest is answered',
  async (_way, away, back) => {
    const { support, analyst } = ledger;
    const mine = `invoices(first: 1) { nodes { id version notes } }`;
    const [invoice] = (await gateway.ask(support.token, `{ ${mine} }`)).body.data.invoices.nodes;
    const update = (notes: string) =>
      gateway.ask(
        support.token,
        `mutation { updateInvoice(id: "${invoice.id}", expectedVersion: ${invoice.version}, input: { notes: "${notes}" }) { invoice { notes } } }`,
      );
    const before = await footprint();
    await away();
    try {
      await settled(support.token);
      expect(code(await update('untraced'))).toEqual(['AUDIT_UNAVAILABLE']);
      expect(code(await gateway.ask(support.token, CARDS))).toEqual(['AUDIT_UNAVAILABLE']);
      expect(code(await gateway.signIn(support.email, support.password))).toEqual(['AUDIT_UNAVAILABLE']);
      // Plain reads, explanations of one's own decisions and refusals need no trace.
      expect(code(await gateway.ask(support.token, `{ ${mine} viewer { id } }`))).toBeUndefined();
      const explain = '{ explainDecision(input: { object: "Account", field: "taxId" }) { verdict } }';
      expect((await gateway.ask(support.token, explain)).body.data.explainDecision.verdict).toBe('DENIED');
      expect(code(await gateway.ask(support.token, '{ users { nodes { id } } }'))).toEqual(['FORBIDDEN']);
      expect(
        code(
          await gateway.ask(
            analyst.token,
            'mutation { deleteContact(id: "x", expectedVersion: 1) { pendingChange { id } } }',
          ),
        ),
      ).toEqual(['FORBIDDEN']);
      expect(code(await gateway.ask('nobody', '{ viewer { id } }'))).toEqual(['UNAUTHENTICATED']);
    } finally {
      await back();
    }
    await settled(support.token);
    expect(await footprint()).toEqual(before);
    // Recovery needs no hand, and what was denied meanwhile has not been forgotten.
    expect((await update(`traced again after ${invoice.version}`)).body.data.updateInvoice.invoice.notes).toMatch(
      /^traced again/,
    );
    expect(code(await gateway.ask(support.token, CARDS))).toBeUndefined();
    await gateway.core.folded.flush(true);
    expect(gateway.core.folded.lost).toBe(0);
  },
);
