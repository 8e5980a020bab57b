/** One question that every server is asked. */
export interface Query {
  /** The operation's name; the raw server picks its statement by it. */
  readonly name: 'Overview' | 'OneInvoice';
  readonly title: string;
  readonly document: string;
  readonly variants: {
    /** The same, asking besides at every list whether there is more and where to go on. */
    readonly paged?: string;
    /** The same for a caller under cell rules, asking besides for what they see masked, where there is such a field. */
    readonly ruled: string;
  };
}

/** The regions that the asked accounts lie in, and that the row scope of the limited user allows. */
export const REGIONS = ['EMEA', 'AMER', 'APAC'] as const;

const overviewDocument = ({ page = '', masked = '' } = {}) => `query Overview($regions: [Region!]) {
  accounts(where: { region: { in: $regions } }, orderBy: [{ name: ASC }, { id: ASC }], first: 20) {
    nodes {
      id
      name
      region
      status${masked}
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
            }${page}
          }
        }${page}
      }
    }${page}
  }
}`;

/** Three levels: 20 accounts, the latest 10 invoices of each, and their lines. */
export const overview: Query = {
  name: 'Overview',
  title: 'Three levels: 20 accounts × 10 invoices × lines',
  document: overviewDocument(),
  variants: {
    paged: overviewDocument({ page: ' pageInfo { hasNextPage endCursor }' }),
    ruled: overviewDocument({ masked: ' taxId' }),
  },
};

const invoiceDocument = `query OneInvoice($id: ID!) {
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
}`;

/** A point read; every request asks for another invoice. */
export const oneInvoice: Query = {
  name: 'OneInvoice',
  title: 'Point read: one invoice by id',
  document: invoiceDocument,
  variants: { ruled: invoiceDocument },
};

/** The body of a GraphQL request over HTTP. */
export function requestBody(name: string, document: string, variables: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ query: document, operationName: name, variables });
}
