/** One question that every server is asked. */
export interface Query {
  /** The operation's name; the raw server picks its statement by it. */
  readonly name: 'Overview' | 'OneInvoice';
  readonly title: string;
  readonly document: string;
}

/** The regions that the asked accounts lie in, and that the row scope of the limited user allows. */
export const REGIONS = ['EMEA', 'AMER', 'APAC'] as const;

/** Three levels: 20 accounts, the latest 10 invoices of each, and their lines. */
export const overview: Query = {
  name: 'Overview',
  title: 'three levels: 20 accounts × 10 invoices × lines',
  document: `query Overview($regions: [Region!]) {
  accounts(where: { region: { in: $regions } }, orderBy: [{ name: ASC }, { id: ASC }], first: 20) {
    nodes {
      id
      name
      region
      status
      invoices(orderBy: [{ issuedOn: DESC }, { id: ASC }], first: 10) {
        nodes {
          id
          number
          issuedOn
          total
          lines(orderBy: [{ position: ASC }, { id: ASC }], first: 10) {
            nodes {
              description
              amount
            }
          }
        }
      }
    }
  }
}`,
};

/** A point read; every request asks for another invoice. */
export const oneInvoice: Query = {
  name: 'OneInvoice',
  title: 'point read: one invoice by id, ten fields',
  document: `query OneInvoice($id: ID!) {
  invoice(id: $id) {
    id
    number
    status
    currency
    issuedOn
    dueOn
    subtotal
    tax
    total
    notes
  }
}`,
};

/** The body of a GraphQL request over HTTP. */
export function requestBody(query: Query, variables: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ query: query.document, operationName: query.name, variables });
}
