import { basisPoints, type Cents, centsText } from '../billing/exact-amounts';
import { plusDays } from './calendar-days';
import type { DemoAccount } from './demo-accounts';
import type { DemoSet } from './demo-set';
import type { SeededChance } from './seeded-chance';

interface Owed {
  readonly account: DemoAccount;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly total: Cents;
  /** What a credit note may take back. */
  readonly firstLine: Cents;
}

interface Paid {
  readonly status: 'SETTLED' | 'FAILED' | 'PENDING';
  readonly amount: Cents;
  readonly on: string;
}

interface Credit {
  readonly status: 'APPLIED' | 'ISSUED';
  readonly amount: Cents;
  readonly reason: string;
}

/** How an invoice stands, and everything that made it so. */
export interface Settlement {
  readonly status: 'ISSUED' | 'PAID' | 'OVERDUE' | 'VOID';
  /** Adds the payments and credits to the demo. */
  addTo(set: DemoSet, invoice: string, number: string): void;
}

const REASONS = ['Service was interrupted', 'Wrong quantity', 'Agreed after a complaint'] as const;

/**
 * Decides what became of an invoice. It is PAID exactly if settled payments and applied credits make up its total,
 * OVERDUE exactly if they do not and its due date has passed.
 */
export function settleInvoice(
  { chance, today }: { readonly chance: SeededChance; readonly today: string },
  owed: Owed,
): Settlement {
  const { account, issuedOn, dueOn, total } = owed;
  const lastDay = dueOn < today ? dueOn : today;
  const some = (from: string): string => {
    const days = Math.round((Date.parse(lastDay) - Date.parse(from)) / 86_400_000);
    return plusDays(from, days > 0 ? chance.whole(0, days) : 0);
  };
  if (chance.percent(1)) return settlement(chance, owed, 'VOID', [], []);

  const isOld = plusDays(dueOn, 100) < today;
  const pays = account.status === 'SUSPENDED' ? isOld : isOld || chance.percent(dueOn < today ? 85 : 35);
  if (!pays) {
    const part =
      dueOn < today && chance.percent(30)
        ? [{ status: 'SETTLED', amount: total / 2n, on: some(issuedOn) } as const]
        : [];
    const underWay =
      dueOn >= today && chance.percent(20) ? [{ status: 'PENDING', amount: total, on: today } as const] : [];
    return settlement(chance, owed, dueOn < today ? 'OVERDUE' : 'ISSUED', [...part, ...underWay], []);
  }
  const credits = chance.percent(4) && owed.firstLine > 0n ? [creditOf(chance, owed)] : [];
  const credited = credits.reduce((sum, { status, amount }) => sum + (status === 'APPLIED' ? amount : 0n), 0n);
  const rest = total - credited;
  const failed = account.card && chance.percent(4) ? [{ status: 'FAILED', amount: rest, on: issuedOn } as const] : [];
  const inTwo = chance.percent(3) && rest > 10_000n;
  const amounts = rest === 0n ? [] : inTwo ? [rest / 3n, rest - rest / 3n] : [rest];
  const paid = amounts.map((amount) => ({ status: 'SETTLED', amount, on: some(issuedOn) }) as const);
  return settlement(chance, owed, 'PAID', [...failed, ...paid], credits);
}

function creditOf(chance: SeededChance, { firstLine }: Owed): Credit {
  const amount = chance.percent(30) ? firstLine : basisPoints(firstLine, 1_000n);
  return { status: chance.percent(80) ? 'APPLIED' : 'ISSUED', amount, reason: chance.pick(REASONS) };
}

function settlement(
  chance: SeededChance,
  { account, issuedOn }: Owed,
  status: Settlement['status'],
  payments: readonly Paid[],
  credits: readonly Credit[],
): Settlement {
  const references = payments.map(() => (account.card ? `ch-${chance.digits(10)}` : `bank-${chance.digits(8)}`));
  const { currency } = account;
  return {
    status,
    addTo(set, invoice, number) {
      payments.forEach(({ status: how, amount, on }, index) => {
        set.add('Payment', on, {
          accountId: account.ref,
          invoiceId: invoice,
          paymentMethodId: account.card,
          status: how,
          currency,
          amount: centsText(amount),
          receivedOn: on,
          reference: references[index],
        });
      });
      credits.forEach(({ status: how, amount, reason }, index) => {
        set.add('CreditNote', issuedOn, {
          accountId: account.ref,
          invoiceId: invoice,
          number: `CN-${number.slice(4)}-${index + 1}`,
          status: how,
          currency,
          amount: centsText(amount),
          issuedOn,
          reason,
        });
      });
    },
  };
}
