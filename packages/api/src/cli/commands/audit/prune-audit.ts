import { pruneValues } from '../../../capabilities/audit';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, WrongUsage } from '../../command-line';
import { withCore } from '../../with-core';

const DAY_MS = 86_400_000;
/** PostgreSQL's code for an exception that a function of ours has raised. */
const RAISED = 'P0001';

/** Removes old and new values that have reached their age. Run it once a day. */
export function pruneAudit(line: CommandLine, asJson: boolean): Promise<ExitCode> {
  return withCore(line, async ({ database, settings, now }) => {
    const { retentionDays } = settings.audit;
    if (retentionDays === 0)
      throw new WrongUsage('Set AUDIT_RETENTION_DAYS first: without it values are kept for ever.');
    const moment = now();
    const before = new Date(moment.getTime() - retentionDays * DAY_MS);
    const pruned = await pruneValues(database.pool, { before, now: moment }).catch((error: unknown) => {
      const { code, message } = error as { code?: string; message: string };
      throw code === RAISED ? new CommandFailed(`The database does not allow it: ${message}.`) : error;
    });
    const told = { before: before.toISOString(), entries: pruned };
    line.out(
      asJson ? `${JSON.stringify(told)}\n` : `Values of ${pruned} entries before ${told.before} were removed.\n`,
    );
    return EXIT.fine;
  });
}
