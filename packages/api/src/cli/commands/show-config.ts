import { describeSettings, readSettings, SettingsInvalid } from '../../settings';
import { type CommandLine, EXIT, type ExitCode, table } from '../command-line';

/** Lists every setting with what counts now, and says what keeps the gateway from starting with them. */
export function showConfig(line: CommandLine, asJson: boolean): ExitCode {
  const settings = describeSettings(line.env);
  if (asJson) line.out(`${JSON.stringify(settings, null, 2)}\n`);
  else
    line.out(
      table(
        settings.map(({ name, value, meaning, unit }) => [name, value ?? '-', `${meaning}${unit ? ` (${unit})` : ''}`]),
      ),
    );
  try {
    readSettings(line.env, 'serve');
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    line.err(`${error.message}\n`);
    return EXIT.found;
  }
}
