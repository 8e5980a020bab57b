import { CommandFailed, type CommandLine, EXIT, type ExitCode } from '../../command-line';
import { withCore } from '../../with-core';

/** Does one round of what every gateway does all the time: seal, sign, anchor, compare. 3 when the log is not the anchored one. */
export function sealAudit(line: CommandLine, asJson: boolean): Promise<ExitCode> {
  return withCore(line, async ({ audit }) => {
    await audit.keeper.round();
    const figures = audit.keeper.figures;
    if (asJson) line.out(`${JSON.stringify(figures, null, 2)}\n`);
    else line.out(`${figures.size} entries in the log, ${figures.anchored} anchored, ${figures.queued} wait.\n`);
    if (figures.alarmed) return EXIT.found;
    if (figures.failures > 0)
      throw new CommandFailed('Not everything could be sealed and anchored; see the log above.');
    return EXIT.fine;
  });
}
