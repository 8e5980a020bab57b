import { assessPassword, hashPassword, type MacKey, verifyPassword } from '@countersign/crypto';
import { isUuid } from '@countersign/schema';
import type { DataSource } from 'typeorm';
import { rowsOf, type Transaction } from '../../database/sql-runner';
import { Fault } from '../../path/faults';
import type { RequestScope } from '../../path/request-scope';
import type { Authority } from '../../path/rooms';
import { HeadMoved, underHead } from '../../path/under-head';
import { lockHead, moveHead } from '../../records/authority-head';
import { endWithRights } from '../../records/rights-end';
import { gatesAreClosed } from '../../snapshot/policy-records';
import { traceOfRequest, writeEvent } from '../audit';
import { credentialMacText, storeHash } from './store-password';

export interface PasswordDeps {
  readonly dataSource: DataSource;
  readonly macKey: MacKey;
  /** Counts a look at a password, and throws RATE_LIMITED when there were too many. */
  readonly countTry: (email: string, scope: RequestScope) => Promise<void>;
}

/** Why a password was not accepted; empty when it was set. */
export type PasswordProblems = readonly string[];

/**
 * Changes the caller's own password. The present one is asked for, so that an open session is not enough. All tokens of
 * the user end, this one too. Throws UNAUTHENTICATED and RATE_LIMITED.
 */
export async function changePassword(
  deps: PasswordDeps,
  scope: RequestScope,
  input: { readonly currentPassword: string; readonly newPassword: string },
): Promise<PasswordProblems> {
  const { userId, email } = scope.under.principal.values;
  if (userId === null || email === null) throw new Fault('UNAUTHENTICATED');
  await deps.countTry(email, scope);
  const [credential] = await rowsOf<{ password_hash: string; mac: Buffer }>(
    deps.dataSource,
    'select password_hash, mac from user_credential where user_id = $1',
    [userId],
  );
  const genuine = credential && deps.macKey.verify(credentialMacText(userId, credential.password_hash), credential.mac);
  if (!genuine || !(await verifyPassword(credential.password_hash, input.currentPassword))) {
    throw new Fault('UNAUTHENTICATED', { message: 'The present password is wrong.' });
  }
  return underHead(scope, () => set(deps, scope, userId, input.newPassword, 'changed by its owner'));
}

/**
 * Sets somebody else's password. Whoever does can sign in as that user, so it takes the right to give anybody any role as
 * well as the right to update users. Nobody sets their own this way. Throws FORBIDDEN, and NOT_FOUND for a user who is
 * missing or outside the caller's scope alike.
 */
export async function setPassword(
  deps: PasswordDeps & { readonly mayTouch: (scope: RequestScope, userId: string) => Promise<boolean> },
  scope: RequestScope,
  input: { readonly userId: string; readonly newPassword: string },
): Promise<PasswordProblems> {
  return underHead(scope, async (under) => {
    requirePasswordRights(under.authority);
    if (!isUuid(input.userId) || !(await deps.mayTouch(scope, input.userId))) throw new Fault('NOT_FOUND');
    // Looking may have taken the request to a later head, under which these rights have not been decided.
    if (scope.under !== under) throw new HeadMoved();
    return set(deps, scope, input.userId, input.newPassword, 'set by an administrator');
  });
}

function requirePasswordRights({ table }: Authority): void {
  if (!table.readable('User') || !table.may('User', 'update')) {
    throw new Fault('FORBIDDEN', { coordinate: 'User', action: 'UPDATE' });
  }
  if (!table.may('RoleAssignment', 'create')) {
    throw new Fault('FORBIDDEN', { coordinate: 'RoleAssignment', action: 'CREATE' });
  }
  for (const member of ['role', 'user']) {
    if (!table.change('RoleAssignment', member)) {
      throw new Fault('FORBIDDEN', { coordinate: `RoleAssignment.${member}`, action: 'CHANGE' });
    }
  }
}

async function set(
  deps: PasswordDeps,
  scope: RequestScope,
  userId: string,
  password: string,
  reason: 'changed by its owner' | 'set by an administrator',
): Promise<PasswordProblems> {
  const { values } = scope.under.principal;
  const [user] = await rowsOf<{ email: string; person_id: string; name: string }>(
    deps.dataSource,
    'select u.email, u.person_id, p.full_name as name from app_user u join person p on p.id = u.person_id where u.id = $1',
    [userId],
  );
  if (!user) throw new Fault('NOT_FOUND');
  if (reason === 'set by an administrator' && user.person_id === values.personId)
    throw new Fault('FORBIDDEN', { coordinate: 'User', action: 'UPDATE', because: 'own-rights' });
  const contextWords = [user.name, ...user.name.split(/\s+/), user.email, user.email.split('@')[0]!, 'countersign'];
  const assessment = assessPassword(password, { contextWords, secondFactor: false });
  if (!assessment.ok) return assessment.reasons;
  const hash = await hashPassword(password);
  await deps.dataSource.transaction((tx) => storeUnderHead(deps, tx, scope, userId, hash, reason));
  return [];
}

/**
 * Whoever sets the password of a user can sign in as them. While changes of rights take two people, nobody gets another's
 * rights that way alone: only a user of a person who has none yet is given a password; others are helped on the command
 * line. It is the person who counts: by a second account, made for them, somebody could speak and withdraw in their name.
 */
async function forbidTakeover(tx: Transaction, { under, receivedAt }: RequestScope, userId: string): Promise<void> {
  if (!gatesAreClosed(under.snapshot.policyRecords, receivedAt)) return;
  const rows = await rowsOf(
    tx,
    `select 1 from role_assignment a join app_user u on u.id = a.user_id
      where u.person_id = (select person_id from app_user where id = $1)
    union all select 1 from break_glass_eligibility where person_id = (select person_id from app_user where id = $1)
    limit 1`,
    [userId],
  );
  if (rows.length === 0) return;
  throw new Fault('FORBIDDEN', {
    coordinate: 'User',
    action: 'UPDATE',
    because: 'maker-checker',
    message: 'This person holds roles, or may be lent some: their passwords are set on the command line.',
  });
}

async function storeUnderHead(
  { macKey }: PasswordDeps,
  tx: Transaction,
  scope: RequestScope,
  userId: string,
  hash: string,
  reason: string,
): Promise<void> {
  const { head } = scope.under;
  await lockHead(tx, head);
  if (reason === 'set by an administrator') await forbidTakeover(tx, scope, userId);
  await storeHash(tx, macKey, userId, hash, scope.receivedAt);
  await writeEvent(tx, {
    ...traceOfRequest(scope),
    reason: `password ${reason}`,
    action: 'SYSTEM',
    object: 'User',
    recordId: userId,
  });
  // Tokens of the old password end everywhere.
  await moveHead(tx, head, { ...head, peopleEpoch: head.peopleEpoch + 1 });
  await endWithRights(tx, scope.under);
}
