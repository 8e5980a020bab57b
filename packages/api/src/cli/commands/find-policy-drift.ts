import { findDrift } from '../../capabilities/permissions';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, table } from '../command-line';
import { withCore } from '../with-core';

const TRIES = 3;

/** Lists configuration that is not what was published: changed behind the gateway's back, and without effect. */
export function findPolicyDrift(line: CommandLine, asJson: boolean): Promise<ExitCode> {
  return withCore(line, async ({ snapshots, database }) => {
    for (let tries = 1; tries <= TRIES; tries++) {
      const { snapshot } = await snapshots.refresh();
      const drift = await findDrift(database.pool, snapshot);
      if (drift === null) continue;
      if (asJson) line.out(`${JSON.stringify(drift, null, 2)}\n`);
      else if (drift.length === 0) line.out(`The tables are what policy version ${snapshot.policyVersion} says.\n`);
      else line.out(table(drift.map(({ kind, object, id, members }) => [kind, object, id, members.join(', ')])));
      return drift.length > 0 ? EXIT.found : EXIT.fine;
    }
    throw new CommandFailed('The policy keeps changing; try again later.');
  });
}
