import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { RequestHandler } from 'express';

const FIRST_QUERY = `# Sign in with one of the demo people, then put the token into the Headers pane:
#   { "Authorization": "Bearer <accessToken>" }
mutation SignIn {
  signIn(input: { email: "", password: "" }) {
    accessToken
    expiresAt
  }
}
`;

/** The API explorer: one page with everything in it, nothing loaded from another host. */
export function explorerPage(): RequestHandler {
  let page: string | undefined;
  return (_request, response) => {
    page ??= renderGraphiQL({
      endpoint: '/graphql',
      title: 'Countersign',
      defaultQuery: FIRST_QUERY,
      shouldPersistHeaders: false,
    });
    response.setHeader(
      'content-security-policy',
      "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob: data:; style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    response.type('html').send(page);
  };
}
