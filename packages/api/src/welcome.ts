import path from 'node:path';
import type { DemoPerson } from './demo/demo-people-file';
import type { Settings } from './settings';

/** What `npm start` says once the gateway answers: where it is, who may sign in, and one query to paste. */
export function welcome(url: string, settings: Settings, people: readonly DemoPerson[]): string {
  const lines = [
    '',
    `Countersign answers at ${url}`,
    `  API explorer   ${url}/`,
    `  GraphQL        ${url}/graphql`,
    '',
  ];
  const first = people[0];
  if (!first) return `${lines.join('\n')}\n`;
  const width = Math.max(...people.map(({ email }) => email.length));
  lines.push(
    'This is a demo with invented data; it listens on this machine only. People who may sign in',
    `(kept in ${path.join(settings.dataDir, 'demo-people.json')}):`,
    '',
    ...people.map(({ email, password, roles }) => `  ${email.padEnd(width)}  ${password}  ${roles.join(', ')}`),
    '',
    'One to try:',
    '',
    `  TOKEN=$(curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `    -d '{"query":"mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }","variables":{"input":{"email":"${first.email}","password":"${first.password}"}}}' \\`,
    `    | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
    `  curl -s ${url}/graphql -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\`,
    `    -d '{"query":"{ invoices(first: 1, orderBy: [{ issuedOn: DESC }]) { totalCount nodes { number total currency account { name region taxId } } } }"}'`,
    '',
  );
  return `${lines.join('\n')}\n`;
}
