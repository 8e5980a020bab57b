import { canonicalJson, verifySlots } from '@countersign/crypto';
import { Client } from 'pg';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway } from '../harness/test-gateway';

describe('What leaves a trace', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  const code = ({ body }: Answer) => body.errors?.map(({ extensions }) => extensions.code);

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
  });
  afterAll(() => gateway.stop());

  const UPDATE = `mutation ($id: ID!, $version: Int!, $input: InvoiceUpdateInput!) {
    updateInvoice(id: $id, expectedVersion: $version, input: $input) {
      invoice { id version notes updatedBy } pendingChange { id } userErrors { code field message }
    }
  }`;
  const invoiceOf = async (accountNumber: number) => {
    const query = `{ invoices(first: 1, where: { number: { eq: "N-${accountNumber}-0" } }) { nodes { id version account { region } } } }`;
    return (await gateway.ask(ledger.analyst.token, query)).body.data.invoices.nodes[0] as {
      id: string;
      version: number;
    };
  };

  describe('every change leaves its trace', () => {
    beforeAll(async () => {
      const { id, version } = await invoiceOf(0);
      await gateway.ask(ledger.support.token, UPDATE, { id, version, input: { notes: 'called' } });
    });

    test('field by field, with who and in which request, readable by those who may', async () => {
      const { id, version } = await invoiceOf(4);
      const done = await gateway.ask(ledger.support.token, UPDATE, { id, version, input: { notes: 'traced' } });
      const requestId = done.headers.get('x-request-id');
      const { body } = await gateway.ask(
        ledger.admin.token,
        'query ($id: ID!) { auditEntries(where: { recordId: { eq: $id } }, orderBy: [{ at: DESC }], first: 1) { nodes { action objectName userId personId requestId outside changes } } }',
        { id },
      );
      expect(body.data.auditEntries.nodes).toEqual([
        {
          action: 'UPDATE',
          objectName: 'Invoice',
          userId: ledger.support.userId,
          personId: ledger.support.personId,
          requestId,
          outside: false,
          changes: expect.objectContaining({ notes: [null, 'traced'], version: [version, version + 1] }),
        },
      ]);
      expect(code(await gateway.ask(ledger.support.token, '{ auditEntries { nodes { changes } } }'))).toEqual([
        'FORBIDDEN',
      ]);
    });

    test('with the reason that the caller gives, and with nobody it was done in the stead of', async () => {
      const { id, version } = await invoiceOf(4);
      const body = JSON.stringify({ query: UPDATE, variables: { id, version, input: { notes: 'reasoned' } } });
      const reason = "UTF-8''R%C3%BCckfrage%2017";
      const done = await gateway.post(ledger.support.token, body, { 'x-reason': reason });
      expect(done.body.data.updateInvoice.userErrors).toEqual([]);
      const [row] = await gateway.sql(
        `select reason, header from audit_entry where request_id = '${done.headers.get('x-request-id')}'`,
      );
      expect(row!.reason).toBe('Rückfrage 17');
      expect(JSON.parse(String(row!.header))).toMatchObject({
        v: 2,
        reason: 'Rückfrage 17',
        session: null,
        onBehalfOf: null,
        breakGlass: false,
        code: null,
      });
    });

    test('the commitments of every entry recompute, and its header is canonical', async () => {
      const rows = await gateway.sql(
        `select e.header, e.commitments, v.slots, v.salts from audit_entry e join audit_value v on v.entry_id = e.id`,
      );
      expect(rows.length).toBeGreaterThan(100);
      for (const { header, commitments, slots, salts } of rows) {
        expect(canonicalJson(JSON.parse(String(header)))).toBe(header);
        expect(JSON.parse(String(header)).slots).toEqual(Object.keys(slots as object).sort());
        expect(verifySlots(slots as never, salts as Buffer, commitments as Buffer)).toBe(true);
      }
    });

    test('every record of every object has as many traces as its version says', async () => {
      const rows = await gateway.sql(
        `select i.id, i.version, (select count(*)::int from audit_entry e where e.record_id = i.id) as traces from invoice i`,
      );
      expect(rows.filter(({ version, traces }) => version !== traces)).toEqual([]);
    });

    test('what psql changes is traced too, and marked', async () => {
      const { id } = await invoiceOf(4);
      await gateway.sql(`update invoice set notes = 'by hand' where id = '${id}'`);
      const { body } = await gateway.ask(
        ledger.admin.token,
        'query ($id: ID!) { auditEntries(where: { recordId: { eq: $id }, outside: { eq: true } }) { nodes { action userId changes } } }',
        { id },
      );
      expect(body.data.auditEntries.nodes).toEqual([
        { action: 'UPDATE', userId: null, changes: { notes: ['reasoned', 'by hand'] } },
      ]);
    });

    test("the gateway's own role can neither change nor remove a trace", async () => {
      const client = new Client({
        connectionString: gateway.database.gatewayUrl,
        options: '-c search_path=countersign',
      });
      await client.connect();
      for (const table of ['audit_entry', 'audit_value', 'audit_unsealed', 'policy_version']) {
        for (const statement of [
          `delete from ${table}`,
          `truncate ${table}`,
          `alter table ${table} disable trigger all`,
          `drop table ${table}`,
        ]) {
          await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/);
        }
      }
      await expect(client.query(`update audit_entry set header = '{}'`)).rejects.toThrow(/permission denied/);
      await expect(client.query(`update audit_value set slots = '{}'`)).rejects.toThrow(/permission denied/);
      await client.end();
    });

    test('when the trace cannot be written, the change does not happen', async () => {
      const { id, version } = await invoiceOf(0);
      await gateway.sql('alter table audit_value rename to audit_value_away');
      try {
        const refused = await gateway.ask(ledger.support.token, UPDATE, { id, version, input: { notes: 'untraced' } });
        expect(code(refused)).toEqual(['AUDIT_UNAVAILABLE']);
      } finally {
        await gateway.sql('alter table audit_value_away rename to audit_value');
      }
      expect((await invoiceOf(0)).version).toBe(version);
      const again = await gateway.ask(ledger.support.token, UPDATE, { id, version, input: { notes: 'traced again' } });
      expect(again.body.data.updateInvoice.userErrors).toEqual([]);
    });
  });

  describe('reading cardholder data', () => {
    const QUERY = '{ paymentMethods { nodes { id brand number holder } } }';
    let id: string;

    beforeAll(async () => {
      const [made] = await gateway.install([
        {
          verb: 'create',
          object: 'PaymentMethod',
          input: {
            accountId: ledger.accountIds[0],
            brand: 'VISA',
            lastFour: '1111',
            expiryMonth: 12,
            expiryYear: 2030,
            holder: 'Olive Wner',
            number: '4111111111111111',
          },
        },
      ]);
      id = made!.id;
      await gateway.lines([
        { role: 'support', object: 'PaymentMethod', field: 'number', action: 'SEE_MASKED' },
        { role: 'support', object: 'PaymentMethod', field: 'holder', action: 'SEE_MASKED' },
      ]);
    });

    test('leaves a trace of who, which fields and which records before the answer leaves', async () => {
      const { headers, body } = await gateway.ask(ledger.support.token, QUERY);
      expect(body.data.paymentMethods.nodes).toEqual([{ id, brand: 'VISA', number: '••••1111', holder: 'O•••' }]);
      const trace = await gateway.sql(
        `select e.user_id, v.slots from audit_entry e join audit_value v on v.entry_id = e.id
         where e.action = 'READ' and e.request_id = '${headers.get('x-request-id')}'`,
      );
      const coordinates = ['PaymentMethod.holder', 'PaymentMethod.number'];
      expect(trace).toEqual([
        {
          user_id: ledger.support.userId,
          slots: { coordinates: [null, coordinates], count: [null, 1], records: [null, [id]] },
        },
      ]);
    });

    test('is refused while it cannot be traced; everything else is answered', async () => {
      await gateway.sql('alter table audit_value rename to audit_value_away');
      try {
        expect(code(await gateway.ask(ledger.support.token, QUERY))).toEqual(['AUDIT_UNAVAILABLE']);
        const other = await gateway.ask(ledger.support.token, '{ paymentMethods { nodes { brand } } }');
        expect(other.body.errors).toBeUndefined();
      } finally {
        await gateway.sql('alter table audit_value_away rename to audit_value');
      }
      expect((await gateway.ask(ledger.support.token, QUERY)).body.errors).toBeUndefined();
    });
  });

  test('every operation leaves its event: who, which document, how many records, with what verdict', async () => {
    const query = 'query Counted { invoices(first: 5) { nodes { id lines { nodes { id } } } } }';
    const { headers } = await gateway.ask(ledger.analyst.token, query);
    await gateway.ask(ledger.analyst.token, 'query Refused { users { nodes { id } } }');
    let rows: Record<string, unknown>[] = [];
    for (let i = 0; i < 50 && rows.length < 2; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      rows = await gateway.sql(
        `select operation_name, user_id, verdict, records, request_id from operation_event where operation_name in ('Counted', 'Refused') order by id`,
      );
    }
    expect(rows).toEqual([
      {
        operation_name: 'Counted',
        user_id: ledger.analyst.userId,
        verdict: 'ok',
        records: { Invoice: 5, InvoiceLine: 10 },
        request_id: headers.get('x-request-id'),
      },
      expect.objectContaining({ operation_name: 'Refused', verdict: 'refused', records: {} }),
    ]);
  });
});
