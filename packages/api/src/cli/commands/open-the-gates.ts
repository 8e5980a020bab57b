import { openGates } from '../../capabilities/approvals';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, WrongUsage } from '../command-line';
import { withCore } from '../with-core';

/**
 * Opens the gates for a while, from the machine that holds the gateway's secrets. It publishes a policy version and is
 * traced; the gates close again by themselves.
 */
export async function openTheGates(
  line: CommandLine,
  given: { readonly minutes: string; readonly reason: string },
): Promise<ExitCode> {
  const minutes = /^\d{1,3}$/.test(given.minutes) ? Number(given.minutes) : 0;
  if (minutes < 1 || minutes > 240) throw new WrongUsage('Give --minutes as a number from 1 to 240.');
  if (given.reason.trim() === '') throw new WrongUsage('Say with --reason why.');
  return withCore(line, async (core) => {
    const { snapshot } = await core.snapshots.refresh();
    if (!snapshot.policyRecords.gates?.closed) {
      throw new CommandFailed('The gates stand open: there were never two security admins.');
    }
    const now = core.now();
    const until = new Date(now.getTime() + minutes * 60_000);
    const deps = { dataSource: core.writes.dataSource, policyKey: core.macKeys.policy };
    await openGates(deps, snapshot, { now, until, reason: given.reason.trim() });
    line.out(`The gates are open until ${until.toISOString()}.\n`);
    return EXIT.fine;
  });
}
