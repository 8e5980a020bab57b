import { type Cents, centsText } from '../../../billing/exact-amounts';
import type { NextInvoice } from '../../../billing/next-invoice';

/** The next invoice of one subscription, as things are and as the change set would leave them. */
export interface InvoicePair {
  readonly subscription: string;
  readonly before: NextInvoice | null;
  readonly after: NextInvoice | null;
}

/** What next invoices in one currency come to, together. Decimals. */
export interface InvoiceDelta {
  readonly currency: string;
  readonly before: string;
  readonly after: string;
  readonly delta: string;
}

/** Whether a pair is computed from one of the changed records, or comes out otherwise than it was. */
export function isAffected({ before, after }: InvoicePair, changed: ReadonlySet<string>): boolean {
  if (before?.amount !== after?.amount || before?.currency !== after?.currency) return true;
  return [before, after].some((invoice) => invoice !== null && [...invoice.uses].some((use) => changed.has(use)));
}

/** Whether a price does not say what the subscription comes to; such a pair is in no sum. */
export function cannotBeTold({ before, after }: InvoicePair): boolean {
  return before?.amount === null || after?.amount === null;
}

/** Sums by currency, in the order of their codes. */
export function deltasOf(pairs: readonly InvoicePair[]): InvoiceDelta[] {
  const sums = new Map<string, { before: Cents; after: Cents }>();
  const add = (invoice: NextInvoice | null, side: 'before' | 'after') => {
    if (!invoice || invoice.amount === null) return;
    const sum = sums.get(invoice.currency) ?? { before: 0n, after: 0n };
    sum[side] += invoice.amount;
    sums.set(invoice.currency, sum);
  };
  for (const pair of pairs) {
    if (cannotBeTold(pair)) continue;
    add(pair.before, 'before');
    add(pair.after, 'after');
  }
  return [...sums].sort().map(([currency, { before, after }]) => {
    const [from, to, delta] = [before, after, after - before].map(centsText);
    return { currency, before: from!, after: to!, delta: delta! };
  });
}
