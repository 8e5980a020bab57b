/*
 * Requests of somebody who means harm, by name. Plain JavaScript, because they also run in a process of their own: what
 * it costs to send them must not count against the gateway.
 */
const http = require('node:http');

const many = (count, text) => Array.from({ length: count }, (_, i) => text(i)).join(' ');
const document = (query, variables) => ({ body: JSON.stringify({ query, variables }) });

/** `body`, or `pieces` that are sent one after the other without saying how many there will be; `code` is the answer. */
const HOSTILE = {
  'a body of 10 MB': { body: 'x'.repeat(10_000_000), code: 'TOO_LARGE' },
  'a body of 10 MB in pieces': { pieces: Array(160).fill('x'.repeat(62_500)), code: 'TOO_LARGE' },
  'a body of 10 MB that is JSON': { body: JSON.stringify({ query: ' '.repeat(10_000_000) }), code: 'TOO_LARGE' },
  'a million brackets': { body: '['.repeat(1_000_000), code: 'TOO_LARGE' },
  'lists in lists': { body: `${'['.repeat(400_000)}${']'.repeat(400_000)}`, code: 'TOO_LARGE' },
  'variables in variables': {
    body: `{"query":"{ __typename }","variables":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    code: 'TOO_LARGE',
  },
  'a hundred thousand objects': {
    body: `{"query":"{ __typename }","variables":{"a":[${'{},'.repeat(200_000)}{}]}}`,
    code: 'TOO_LARGE',
  },
  'a document of a megabyte': { ...document(`{ ${'a '.repeat(500_000)} }`), code: 'COST_LIMIT' },
  'brackets of a document': { ...document('{a'.repeat(300_000)), code: 'COST_LIMIT' },
  'a document of ten thousand tokens': { ...document(`{ ${'a '.repeat(99_000)} }`), code: 'GRAPHQL_PARSE_FAILED' },
  'fragments in a circle': {
    ...document('{ accounts { nodes { ...A } } } fragment A on Account { ...B } fragment B on Account { ...A }'),
    code: /GRAPHQL_VALIDATION_FAILED|COST_LIMIT/,
  },
  'fragments that double themselves': {
    ...document(
      `{ invoices { nodes { ...F0 } } } ${many(40, (i) => `fragment F${i} on Invoice { ...F${i + 1} ...F${i + 1} }`)} fragment F40 on Invoice { id }`,
    ),
    code: 'COST_LIMIT',
  },
  '1,000 aliases': { ...document(`{ ${many(1_000, (i) => `a${i}: accounts { totalCount }`)} }`), code: 'COST_LIMIT' },
  'a page of a million': { ...document('{ accounts(first: 1000000) { nodes { id } } }'), code: 'BAD_USER_INPUT' },
  'pages times pages': {
    ...document(
      '{ accounts(first: 100) { nodes { invoices(first: 100) { nodes { lines(first: 100) { nodes { id } } } } } } }',
    ),
    code: 'COST_LIMIT',
  },
  'a list of 40,000 values': {
    ...document('query ($v: [String!]) { accounts(where: { name: { in: $v } }) { totalCount } }', {
      v: Array(40_000).fill('x'),
    }),
    code: /BAD_USER_INPUT|TOO_LARGE/,
  },
  'a filter of 5,000 parts': {
    ...document('query ($v: [AccountWhere!]) { accounts(where: { or: $v }) { totalCount } }', {
      v: Array(4_000).fill({ name: { eq: 'x' } }),
    }),
    code: 'BAD_USER_INPUT',
  },
  'a deep filter': {
    ...document(`{ accounts(where: ${'{ not: '.repeat(500)}{}${' }'.repeat(500)}) { totalCount } }`),
    code: 'COST_LIMIT',
  },
};

/** Sends one of them; gives the codes of the answer, or the code of what ended the connection. */
function send(url, token, { body, pieces }) {
  return new Promise((resolve) => {
    const request = http.request(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    });
    request.on('error', (error) => resolve([error.code]));
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', (error) => resolve([error.code]));
      response.on('end', () => {
        request.destroy();
        try {
          const codes = (JSON.parse(text).errors ?? []).map(({ extensions }) => extensions.code);
          resolve([...new Set(codes)]);
        } catch {
          resolve([`not JSON: ${text.slice(0, 80)}`]);
        }
      });
    });
    for (const piece of pieces ?? []) request.write(piece);
    request.end(body);
  });
}

/** As a process: sends all of them in turn until it is ended, so many milliseconds apart. */
async function main([url, token, pause]) {
  const seen = {};
  process.on('SIGTERM', () => process.stdout.write(JSON.stringify(seen), () => process.exit(0)));
  for (;;) {
    for (const [name, hostile] of Object.entries(HOSTILE)) {
      for (const code of await send(url, token, hostile)) {
        seen[name] ??= {};
        seen[name][code] = (seen[name][code] ?? 0) + 1;
      }
      await new Promise((resolve) => setTimeout(resolve, Number(pause)));
    }
  }
}

module.exports = { HOSTILE, send };
if (require.main === module) main(process.argv.slice(2));
