import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse, print } from 'graphql';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const run = promisify(execFile);
const API = path.resolve(__dirname, '../..');
const ROOT = path.resolve(API, '../..');

/** Documents, by caller, as somebody writes them who has the caller's schema before them; `use` is checked by types. */
const CALLERS: Record<string, { documents: string; use: string }> = {
  admin: {
    documents: `query List($where: InvoiceWhere, $orderBy: [InvoiceOrderBy!], $after: String) {
        invoices(where: $where, orderBy: $orderBy, first: 5, after: $after) {
          totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ...Line } } } }
      fragment Line on Invoice { id number status total issuedOn createdAt account { id name region } lines { nodes { amount } } }
      query Sums { invoicesAggregate(groupBy: [{ status: true }]) { groups { key { status } count sum { total } } } }
      query Me { viewer { id name roles { name } } }
      mutation Rename($id: ID!, $version: Int!, $input: ContactUpdateInput!) {
        updateContact(id: $id, expectedVersion: $version, input: $input) { contact { id version city } userErrors { code field message } } }`,
    use: `export const total = (list: Gql.ListQuery): string | null | undefined =>
        Fragments.useFragment(Gql.LineFragmentDoc, list.invoices?.edges[0]?.node)?.total;
      // @ts-expect-error: what a fragment asks for is read through it alone
      export const unmasked = (list: Gql.ListQuery) => list.invoices?.edges[0]?.node.total;
      export const input: Gql.RenameMutationVariables = { id: 'x', version: 1, input: { city: 'Ulm' } };
      export const where: Gql.ListQueryVariables = { where: { account: { region: { eq: 'EMEA' } }, or: [{ total: { gt: '1.00' } }] } };`,
  },
  support: {
    documents: `query List { contacts(first: 3) { nodes { id firstName email account { name region } } } }
      query Filtered($where: AccountWhere) { accounts(where: $where) { totalCount nodes { name invoices(first: 1) { totalCount } } } }`,
    use: `export const email = (list: Gql.ListQuery): string | null | undefined => list.contacts?.nodes[0]?.email;
      export const where: Gql.FilteredQueryVariables = { where: { name: { startsWith: 'A' } } };
      // @ts-expect-error: what is shown masked is no filter
      export const masked: Gql.FilteredQueryVariables = { where: { contacts: { some: { email: { eq: 'x' } } } } };
      // @ts-expect-error: what is hidden does not exist
      export const hidden: Gql.FilteredQueryVariables = { where: { taxId: { eq: 'x' } } };`,
  },
  portal: {
    documents: `query List { invoices { totalCount nodes { number status total lines { nodes { description amount } } } } accounts { nodes { name } } }`,
    use: `export const number = (list: Gql.ListQuery): string | null | undefined => list.invoices?.nodes[0]?.number;
      // @ts-expect-error: what was not asked for is not there
      export const taxId = (list: Gql.ListQuery) => list.accounts?.nodes[0]?.taxId;`,
  },
};

describe('Code that is generated from a caller’s own schema', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let folder: string;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    // Below the package, so that what is generated finds the packages that it imports.
    const parent = path.join(API, 'node_modules/.cache');
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(path.join(parent, 'generated-'));
  });
  afterAll(async () => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    await gateway?.stop();
  });

  test.each(Object.keys(CALLERS))('compiles under strict rules, and its documents run: %s', async (caller) => {
    const { documents, use } = CALLERS[caller]!;
    const { token } = ledger[caller as 'admin' | 'support' | 'portal'];
    const file = (end: string) => path.join(folder, `${caller}${end}`);
    const schema = await gateway.get('/schema.graphql', token);
    expect(schema.status).toBe(200);
    writeFileSync(file('.graphql'), schema.text);
    writeFileSync(file('.documents.graphql'), documents);
    const script = path.join(API, 'test/harness/generate-client.mjs');
    await run(process.execPath, [script, file('.graphql'), file('.documents.graphql'), file('/')]);
    const generated = readFileSync(file('/graphql.ts'), 'utf8');
    expect(generated).toContain('export const ListDocument');
    const imports = `import * as Gql from './${caller}/graphql.js'; import * as Fragments from './${caller}/index.js';`;
    writeFileSync(file('.ts'), `${imports}\n${use}`);
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2022',
      '--module',
      'node20',
      '--types',
      'node',
    ];
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const compiled = await run(process.execPath, [tsc, ...options, file('.ts')], { cwd: API }).catch((error) => error);
    expect(compiled.stdout).toBe('');

    const contact = (await gateway.ask(ledger.admin.token, '{ contacts(first: 1) { nodes { id version } } }')).body;
    const variables = { ...contact.data.contacts.nodes[0], input: { city: 'Ulm' } };
    for (const definition of parse(documents).definitions) {
      if (definition.kind !== 'OperationDefinition') continue;
      const name = definition.name!.value;
      const { body } = await gateway.ask(token, print(parse(documents)), variables, { operationName: name });
      expect([name, body.errors]).toEqual([name, undefined]);
      expect(body.data.updateContact?.userErrors ?? []).toEqual([]);
    }
  });
});
