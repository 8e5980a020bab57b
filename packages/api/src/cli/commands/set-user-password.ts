import { setPasswords } from '../../capabilities/identity';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, readLines } from '../command-line';
import { withCore } from '../with-core';
import { requireGoodPassword } from './initialise';

/**
 * Sets the password of a user from the machine that holds the gateway's secrets: the way back in when the last security
 * admin has lost theirs. It is traced, and ends all tokens of the user.
 */
export async function setUserPassword(line: CommandLine, email: string): Promise<ExitCode> {
  const [password = ''] = await readLines(line.stdin);
  return withCore(line, async (core) => {
    const { rows } = await core.database.pool.query<{ id: string; name: string }>(
      'select u.id, p.full_name as name from app_user u join person p on p.id = u.person_id where u.email = $1',
      [email.toLowerCase()],
    );
    const [user] = rows;
    if (!user) throw new CommandFailed(`There is no user ${email}.`);
    requireGoodPassword({ email, name: user.name }, password);
    const deps = { dataSource: core.writes.dataSource, macKey: core.macKeys.rows };
    const reason = 'Password set on the command line';
    await setPasswords(deps, [{ userId: user.id, password }], { now: core.now(), reason });
    line.out(`The password of ${email} is set.\n`);
    return EXIT.fine;
  });
}
