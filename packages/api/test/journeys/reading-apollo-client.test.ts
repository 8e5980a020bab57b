import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { buildClientSchema, buildSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/*
 * A client that we did not write, against the gateway over HTTP.
 */
describe('Apollo Client works with the gateway as with any other server', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let requests = 0;
  const clients: ApolloClient[] = [];

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
  });
  afterAll(async () => {
    for (const client of clients) client.stop();
    await gateway.stop();
  });

  function clientOf(token: string): ApolloClient {
    const counting: typeof fetch = (input, init) => {
      requests += 1;
      return fetch(input, init);
    };
    const http = new HttpLink({
      uri: `${gateway.url}/graphql`,
      headers: { authorization: `Bearer ${token}` },
      fetch: counting,
    });
    const client = new ApolloClient({
      link: ApolloLink.from([http]),
      cache: new InMemoryCache({
        typePolicies: { Query: { fields: { invoices: relayStylePagination(['orderBy', 'where']) } } },
      }),
    });
    clients.push(client);
    return client;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  type Anything = any;

  test('a query with variables and fragments; records are kept by their type and id', async () => {
    const client = clientOf(ledger.analyst.token);
    const query = gql`
      query Accounts($where: AccountWhere, $first: Int!) {
        accounts(where: $where, first: $first) {
          totalCount
          nodes { ...Name invoices(first: 1) { nodes { id number account { ...Name } } } }
        }
      }
      fragment Name on Account { id name }
    `;
    const { data, error } = await client.query<Anything>({
      query,
      variables: { where: { region: { eq: 'EMEA' } }, first: 2 },
    });
    expect(error).toBeUndefined();
    expect(data.accounts).toMatchObject({ __typename: 'AccountConnection', totalCount: 3 });
    expect(data.accounts.nodes).toHaveLength(2);
    const [account] = data.accounts.nodes;
    const cached = client.cache.extract() as Record<string, Anything>;
    expect(cached[`Account:${account.id}`]).toMatchObject({ __typename: 'Account', name: account.name });
    // The account under its own invoice is the same record in the cache.
    const [invoice] = account.invoices.nodes;
    expect(cached[`Invoice:${invoice.id}`].account).toEqual({ __ref: `Account:${account.id}` });
  });

  test('what is in the cache is not asked again', async () => {
    const client = clientOf(ledger.analyst.token);
    const query = gql`{ accounts(first: 3) { nodes { id name } } }`;
    await client.query({ query });
    const before = requests;
    const again = await client.query<Anything>({ query });
    expect([requests - before, again.data.accounts.nodes.length]).toEqual([0, 3]);
  });

  test('pages are fetched one after the other and merged by their cursors', async () => {
    const client = clientOf(ledger.analyst.token);
    const query = gql`
      query Page($after: String) {
        invoices(first: 20, after: $after, orderBy: [{ number: ASC }]) {
          edges { cursor node { id number } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    `;
    const watched = client.watchQuery<Anything>({ query });
    const subscription = watched.subscribe({});
    await watched.refetch();
    const merged = () => client.readQuery<Anything>({ query })!.invoices;
    for (let round = 0; round < 5 && merged().pageInfo.hasNextPage; round += 1) {
      await watched.fetchMore({ variables: { after: merged().pageInfo.endCursor } });
    }
    subscription.unsubscribe();
    const { edges } = merged();
    const numbers = edges.map(({ node }: Anything) => node.number);
    expect(numbers).toHaveLength(48);
    expect(numbers).toEqual([...new Set<string>(numbers)].sort());
  });

  test('with errorPolicy all, what may be seen arrives beside the errors of what may not', async () => {
    const client = clientOf(ledger.support.token);
    const query = gql`{ accounts { nodes { id name taxId } } }`;
    const { data, error } = await client.query<Anything>({ query, errorPolicy: 'all' });
    expect(data.accounts.nodes).toHaveLength(3);
    for (const node of data.accounts.nodes) expect(node).toMatchObject({ name: expect.any(String), taxId: null });
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect((error as CombinedGraphQLErrors).errors).toMatchObject([
      { path: ['accounts', 'nodes'], extensions: { code: 'FIELD_FORBIDDEN', coordinate: 'Account.taxId' } },
    ]);
  });

  test('by default the same query fails, with the code for the program and the remedy for the person', async () => {
    const client = clientOf(ledger.support.token);
    const query = gql`{ accounts { nodes { id taxId } } }`;
    const failure = await client.query({ query }).catch((error: unknown) => error);
    expect(CombinedGraphQLErrors.is(failure)).toBe(true);
    expect((failure as CombinedGraphQLErrors).errors[0]!.extensions).toMatchObject({
      code: 'FIELD_FORBIDDEN',
      remedy: expect.stringContaining('Account.taxId'),
    });
  });

  test.each([
    [
      'a document that does not fit',
      'GRAPHQL_VALIDATION_FAILED',
      () => ledger.portal.token,
      '{ contracts { nodes { id } } }',
    ],
    ['a token that does not hold', 'UNAUTHENTICATED', () => 'nonsense', '{ viewer { name } }'],
  ])('%s arrives as GraphQL errors, not as a failure of the network', async (_name, code, token, text) => {
    const client = clientOf(token());
    const { error } = await client.query({ query: gql(text), errorPolicy: 'all' });
    expect(CombinedGraphQLErrors.is(error)).toBe(true);
    expect((error as CombinedGraphQLErrors).errors[0]!.extensions).toMatchObject({ code });
  });

  test('a mutation changes the record in the cache', async () => {
    const client = clientOf(ledger.support.token);
    const query = gql`{ contacts(first: 1) { nodes { id version city } } }`;
    const read = async () =>
      (await client.query<Anything>({ query, fetchPolicy: 'cache-first' })).data.contacts.nodes[0];
    const { id, version } = await read();
    const mutation = gql`
      mutation Move($id: ID!, $expectedVersion: Int!, $input: ContactUpdateInput!) {
        updateContact(id: $id, expectedVersion: $expectedVersion, input: $input) {
          contact { id version city }
          userErrors { code field message }
        }
      }
    `;
    const { data } = await client.mutate<Anything>({
      mutation,
      variables: { id, expectedVersion: version, input: { city: 'Lyon' } },
    });
    expect(data.updateContact.userErrors).toEqual([]);
    const before = requests;
    expect(await read()).toMatchObject({ id, city: 'Lyon', version: version + 1 });
    expect(requests).toBe(before);
  });

  describe.each(['analyst', 'support', 'portal', 'nobody'] as const)('the schema that %s is served', (who) => {
    const token = () => (who === 'nobody' ? null : ledger[who].token);

    test('is whole and valid, by introspection and as text, and both are the same', async () => {
      const answer = await gateway.ask(token(), getIntrospectionQuery({ oneOf: true, specifiedByUrl: true }));
      expect(answer.body.errors).toBeUndefined();
      const introspected = printSchema(buildClientSchema(answer.body.data));
      const { status, text } = await gateway.get('/schema.graphql', token());
      expect(status).toBe(200);
      expect(`${introspected}\n`).toBe(text);
      expect(printSchema(buildSchema(text))).toBe(introspected);
    });
  });

  test('a caller is served what they may see and no more', async () => {
    const schemaOf = async (token: string | null) => buildSchema((await gateway.get('/schema.graphql', token)).text);
    const [analyst, support, portal, nobody] = await Promise.all(
      [ledger.analyst.token, ledger.support.token, ledger.portal.token, null].map(schemaOf),
    );
    const fieldsOf = (schema: typeof analyst, type: string) =>
      Object.keys((schema!.getType(type)?.toConfig() as { fields?: object } | undefined)?.fields ?? {});
    expect(fieldsOf(analyst, 'Account')).toContain('taxId');
    expect(fieldsOf(analyst, 'Account')).not.toContain('creditLimit');
    expect(fieldsOf(analyst, 'Mutation')).not.toContain('updateInvoice');
    expect(fieldsOf(support, 'Account')).not.toContain('taxId');
    expect(fieldsOf(support, 'Contact')).toContain('email');
    expect(fieldsOf(support, 'ContactWhere')).not.toContain('email');
    expect(fieldsOf(support, 'InvoiceUpdateInput')).toEqual(['notes']);
    expect(fieldsOf(portal, 'Account')).not.toEqual(expect.arrayContaining([expect.stringMatching(/taxId|contacts/)]));
    const roots = [...gateway.catalogue.objects.values()].flatMap(({ singular, plural }) => [singular, plural]);
    expect(fieldsOf(nobody, 'Query').filter((name) => roots.includes(name))).toEqual([]);
  });
});
