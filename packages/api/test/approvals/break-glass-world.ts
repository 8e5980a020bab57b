import type { Answer, TestGateway, TestPerson } from '../harness/test-gateway';
import { startTestGateway } from '../harness/test-gateway';
import { type ApprovalWorld, approvalWorld } from './approval-world';

export const START = new Date('2026-05-04T09:00:00.000Z');

/** Two gateways with a clock each, two accounts with an invoice each, somebody who may take rights and who looks at it. */
export interface BreakGlassWorld extends ApprovalWorld {
  readonly second: TestGateway;
  readonly secondClock: { now: Date };
  /** Sees their own account, and changes nothing. */
  readonly holder: TestPerson;
  /** The one account that the holder answers for, with its invoice, and one of somebody else. */
  readonly own: { readonly accountId: string; readonly invoiceId: string };
  readonly other: { readonly accountId: string; readonly invoiceId: string };
  readonly eligibility: string;
  readonly portal: TestPerson;
  /** Sets both clocks to so many seconds after the start. */
  at(seconds: number): void;
  open(more?: Record<string, unknown>, who?: TestPerson): Promise<{ id: string; endsAt: string; status: string }>;
  /** Asks for the verb and gives the error. */
  refusedOpening(more?: Record<string, unknown>, who?: TestPerson): Promise<{ code: string; message: string } | null>;
  end(id: string, who?: TestPerson): Promise<{ status: string; endedAt: string | null }>;
  reviewGrant(id: string, who?: TestPerson): Promise<{ status: string }>;
  /** Ends and reviews whatever is open, so that the next test begins anew. */
  settle(): Promise<void>;
  /** Writes the notes of an invoice as the holder; gives the notes that it has then, or the code of the refusal. */
  writeNotes(id: string, notes: string, on?: TestGateway, who?: TestPerson): Promise<string>;
  seesOther(on?: TestGateway, who?: TestPerson): Promise<boolean>;
}

export const OPEN = `mutation ($input: OpenBreakGlassInput!) {
  openBreakGlass(input: $input) { id status inForce role group reason opensAt endsAt }
}`;
export const CLOSE = 'mutation ($id: ID!) { closeBreakGlass(id: $id) { status inForce endedAt } }';
export const REVIEW_GRANT = `mutation ($input: ReviewBreakGlassInput!) {
  reviewBreakGlass(input: $input) { status justified finding }
}`;
export const NEW_ELIGIBILITY = `mutation ($input: BreakGlassEligibilityCreateInput!) {
  createBreakGlassEligibility(input: $input) { breakGlassEligibility { id } pendingChange { id } userErrors { code message field } }
}`;
const UPDATE = `mutation ($id: ID!, $v: Int!, $input: InvoiceUpdateInput!) {
  updateInvoice(id: $id, expectedVersion: $v, input: $input) { invoice { notes } userErrors { code message } }
}`;

export async function breakGlassWorld(more: Readonly<Record<string, string>> = {}): Promise<BreakGlassWorld> {
  // The log's tail is measured by the database's clock, and its heads are dated by that of the tests: it is sealed once.
  const settings = { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200', ...more };
  const world = await approvalWorld({ settings });
  const { gateway, clock } = world;
  clock.now = START;
  const staff = { audience: 'STAFF' } as const;
  const holder = await gateway.person({ ...staff, name: 'Hanna Older', roles: ['account-manager'] });
  const accounts = await gateway.install([
    account('own', 'Own', { ownerId: holder.personId }),
    account('other', 'Other', {}),
    invoice('@own', 'I-1'),
    invoice('@other', 'I-2'),
  ]);
  const [ownAccount, otherAccount, ownInvoice, otherInvoice] = accounts.map(({ id }) => id);
  const roles = await gateway.roleIds();
  const [group] = await gateway.sql(`select id from sharing_group where name='Billing emergency'`);
  const [made] = await gateway.install([
    {
      verb: 'create',
      object: 'BreakGlassEligibility',
      input: {
        personId: holder.personId,
        roleId: roles.get('billing-emergency'),
        groupId: group!.id,
        longestMinutes: 30,
        reviewerRoleId: roles.get('finance-director'),
      },
    },
  ]);
  const portal = await gateway.person({
    name: 'Porta Luser',
    audience: 'PORTAL',
    roles: ['customer-portal'],
    accountId: otherAccount!,
  });
  const secondClock = { now: START };
  const second = await startTestGateway({
    database: gateway.database,
    root: gateway,
    settings,
    now: () => secondClock.now,
  });
  const eligibility = made!.id;
  const inputOf = (more: Record<string, unknown>) => ({
    input: { eligibility, minutes: 10, reason: 'Invoices went out wrong', ...more },
  });
  const invoices = async (on: TestGateway, who: TestPerson): Promise<Answer> =>
    on.ask(who.token, 'query ($id: ID!) { invoice(id: $id) { number notes } }', { id: otherInvoice });
  const glass: Omit<BreakGlassWorld, keyof ApprovalWorld> = {
    second,
    secondClock,
    holder,
    own: { accountId: ownAccount!, invoiceId: ownInvoice! },
    other: { accountId: otherAccount!, invoiceId: otherInvoice! },
    eligibility,
    portal,
    at(seconds) {
      const now = new Date(START.getTime() + seconds * 1000);
      clock.now = now;
      secondClock.now = now;
    },
    open: (more = {}, who = holder) => world.as(who, OPEN, inputOf(more)),
    async refusedOpening(more = {}, who = holder) {
      const { body } = await gateway.ask(who.token, OPEN, inputOf(more));
      const [error] = body.errors ?? [];
      return error ? { code: error.extensions.code, message: error.message } : null;
    },
    end: (id, who = holder) => world.as(who, CLOSE, { id }),
    reviewGrant: (id, who = world.director) =>
      world.as(who, REVIEW_GRANT, { input: { id, justified: true, finding: 'As it should be' } }),
    async settle() {
      const open = await gateway.sql(`select id, status from break_glass_grant where status<>'REVIEWED'`);
      for (const { id, status } of open as { id: string; status: string }[]) {
        if (status === 'OPEN') await glass.end(id);
        await glass.reviewGrant(id);
      }
    },
    async writeNotes(id, notes, on = gateway, who = holder) {
      const [row] = await gateway.sql(`select version from invoice where id='${id}'`);
      const { body } = await on.ask(who.token, UPDATE, { id, v: row!.version, input: { notes } });
      const answer = body.data?.updateInvoice;
      return answer?.invoice?.notes ?? body.errors?.[0]?.extensions.code ?? JSON.stringify(body);
    },
    async seesOther(on = gateway, who = holder) {
      const { body } = await invoices(on, who);
      return Boolean(body.data?.invoice);
    },
  };
  const stop = world.close;
  return Object.assign(world, glass, {
    close: async () => {
      await second.stop();
      await stop();
    },
  });
}

function account(as: string, name: string, more: Record<string, unknown>) {
  const input = { name, number: `A-${as}`, region: 'EMEA', segment: 'ENTERPRISE', currency: 'EUR', ...more };
  return { verb: 'create' as const, object: 'Account', as, input };
}

function invoice(accountId: string, number: string) {
  const input = { accountId, number, currency: 'EUR', status: 'ISSUED', issuedOn: '2026-04-01', dueOn: '2026-05-01' };
  return { verb: 'create' as const, object: 'Invoice', input };
}
