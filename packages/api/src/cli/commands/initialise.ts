import { assessPassword } from '@countersign/crypto';
import { setPasswords } from '../../capabilities/identity';
import type { Core } from '../../compose';
import { applyChanges } from '../../path/write-path';
import type { GivenChange } from '../../records/change';
import { installationUnder } from '../../records/installation';
import { roleKey, starterPolicy } from '../../starter/starter-policy';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, readLines, WrongUsage } from '../command-line';
import { withCore } from '../with-core';

export interface FirstAdmin {
  readonly email: string;
  readonly name: string;
}

/**
 * Makes the starter policy and the first security admins on a database that has no policy yet. Afterwards everything is
 * done by signed-in people; there is no second way in.
 */
export async function initialise(line: CommandLine, admins: readonly FirstAdmin[], asJson: boolean): Promise<ExitCode> {
  const passwords = await readLines(line.stdin);
  if (passwords.length !== admins.length) {
    throw new WrongUsage(
      `Give ${admins.length} password(s) on standard input, one a line, in the order of the admins.`,
    );
  }
  for (const [index, admin] of admins.entries()) requireGoodPassword(admin, passwords[index]!);
  return withCore(line, async (core) => {
    const users = await createAdmins(core, admins);
    await setPasswords(
      { dataSource: core.writes.dataSource, macKey: core.macKeys.rows },
      users.map((userId, index) => ({ userId, password: passwords[index]! })),
      { now: core.now(), reason: 'Installation' },
    );
    const names = admins.map(({ email }) => email);
    line.out(asJson ? `${JSON.stringify({ securityAdmins: names })}\n` : `Security admins: ${names.join(', ')}\n`);
    if (admins.length < 2) line.err('Name a second security admin soon: nobody can agree to their own changes.\n');
    return EXIT.fine;
  });
}

/** Throws WrongUsage with the reasons. */
export function requireGoodPassword({ email, name }: FirstAdmin, password: string): void {
  const words = [name, ...name.split(/\s+/), email, email.split('@')[0]!, 'countersign'];
  const assessment = assessPassword(password, { contextWords: words, secondFactor: false });
  if (!assessment.ok)
    throw new WrongUsage(`The password of ${email} is not acceptable. ${assessment.reasons.join(' ')}`);
}

async function createAdmins(core: Core, admins: readonly FirstAdmin[]): Promise<string[]> {
  const under = installationUnder(await core.snapshots.refresh());
  if (under.head.policyVersion > 0) {
    throw new CommandFailed('This database has a policy already. Security admins make further users from within.');
  }
  const people = admins.flatMap(({ email, name }, index): GivenChange[] => [
    { verb: 'create', object: 'Person', as: `person:${index}`, input: { fullName: name, email } },
    {
      verb: 'create',
      object: 'User',
      as: `user:${index}`,
      input: { personId: `@person:${index}`, email: email.toLowerCase(), audience: 'STAFF' },
    },
    {
      verb: 'create',
      object: 'RoleAssignment',
      input: { userId: `@user:${index}`, roleId: `@${roleKey('security-admin')}` },
    },
  ]);
  const changes = [...starterPolicy(under.snapshot.catalogue), ...people];
  const meta = { requestId: null, now: core.now(), reason: 'Installation' };
  const outcome = await applyChanges(core.writes, under, meta, changes);
  if (outcome.kind === 'refused') {
    throw new CommandFailed(
      outcome.userErrors.map(({ field, message }) => `${field?.join('.') ?? ''} ${message}`).join('\n'),
    );
  }
  return outcome.records.filter(({ object }) => object === 'User').map(({ id }) => id);
}
