import { type AuditResult, serverAudits } from 'graphql-http';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/** Advice that is not followed, by the audit's ids, with the reason. */
const REQUEST_ERRORS_ARE_400 =
  'a document that cannot run is a 400 in either media type, so that proxies and scripts see it';
const GET_ASKS_FIRST = 'GET has to carry a header that makes a browser ask first, against forged cross-site requests';
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  '572B': REQUEST_ERRORS_ARE_400,
  FDE2: REQUEST_ERRORS_ARE_400,
  '7B9B': REQUEST_ERRORS_ARE_400,
  '5A70': GET_ASKS_FIRST,
  D6D5: GET_ASKS_FIRST,
  '6A70': GET_ASKS_FIRST,
};
/** Somebody who has not signed in is told to, whatever is wrong with their document. */
const NOT_FOLLOWED_BEFORE_SIGN_IN = { ...NOT_FOLLOWED, '86EE': 'a document that does not fit is a 401' };

/** The audit suite of the GraphQL-over-HTTP specification, as the graphql-http project keeps it. */
describe('The gateway speaks GraphQL over HTTP as its specification says', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;

  beforeAll(async () => {
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
  });
  afterAll(() => gateway.stop());

  async function audit(headers: Record<string, string>): Promise<AuditResult[]> {
    const fetchFn: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...headers } });
    return Promise.all(serverAudits({ url: `${gateway.url}/graphql`, fetchFn }).map(({ fn }) => fn()));
  }

  const advice = (results: readonly AuditResult[]) =>
    results.filter(({ status }) => status === 'warn' || status === 'notice').map(({ id }) => id);

  test('for somebody who has signed in: no error, and only the advice that we decline', async () => {
    const results = await audit({ authorization: `Bearer ${ledger.analyst.token}` });
    expect(results.length).toBeGreaterThan(50);
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
    expect(advice(results).sort()).toEqual(Object.keys(NOT_FOLLOWED).sort());
  });

  test('for somebody who has not', async () => {
    const results = await audit({});
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
    expect(advice(results).sort()).toEqual(Object.keys(NOT_FOLLOWED_BEFORE_SIGN_IN).sort());
  });

  test('GET requests too, when they carry the header', async () => {
    const results = await audit({ authorization: `Bearer ${ledger.analyst.token}`, 'apollo-require-preflight': '1' });
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
    expect(advice(results).filter((id) => NOT_FOLLOWED[id] !== REQUEST_ERRORS_ARE_400)).toEqual([]);
  });
});
