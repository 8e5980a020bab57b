import { Command, CommanderError, Option } from 'commander';
import { ImportMapInvalid } from '../capabilities/import';
import { DatabaseUnfit } from '../database/database-unfit';
import { Fault } from '../path/faults';
import { SettingsInvalid } from '../settings';
import { addAuditCommands } from './audit-commands';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, WrongUsage } from './command-line';
import { findPolicyDrift } from './commands/find-policy-drift';
import { importFiles } from './commands/import-files';
import { initialise } from './commands/initialise';
import { migrateDatabase } from './commands/migrate-database';
import { openTheGates } from './commands/open-the-gates';
import { setUserPassword } from './commands/set-user-password';
import { showConfig } from './commands/show-config';
import { showWebhookSecret } from './commands/show-webhook-secret';

/** Runs one command and gives its exit code. Arguments are those after the program's name. */
export async function runCommand(line: CommandLine, args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.fine;
  const program = createProgram(line, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return explain(line, error);
  }
}

function createProgram(line: CommandLine, end: (code: ExitCode) => void): Command {
  const program = new Command('countersign')
    .description('Operates a Countersign gateway. Settings come from the environment; see `countersign config`.')
    .addOption(new Option('-o, --output <format>', 'how results are written').choices(['text', 'json']).default('text'))
    .exitOverride()
    .configureOutput({ writeOut: line.out, writeErr: line.err });
  const asJson = () => program.opts<{ output: string }>().output === 'json';

  program
    .command('config')
    .description('list every setting and what counts now; 3 when the gateway would not start with them')
    .action(() => end(showConfig(line, asJson())));

  program
    .command('migrate')
    .description('bring the schema of the database up to date')
    .option('--check', 'only say what is missing; 3 when something is')
    .action(async ({ check = false }: { check?: boolean }) => end(await migrateDatabase(line, check, asJson())));

  program
    .command('init')
    .description('make the starter policy and the first security admins; passwords come on standard input, one a line')
    .requiredOption('--email <address>', 'who they sign in as; repeat for a second admin', collect, [])
    .requiredOption('--name <full name>', 'what they are called, in the same order', collect, [])
    .action(async ({ email, name }: { email: string[]; name: string[] }) => {
      if (email.length !== name.length) throw new WrongUsage('Give as many names as addresses.');
      const admins = email.map((address, index) => ({ email: address, name: name[index]! }));
      end(await initialise(line, admins, asJson()));
    });

  program
    .command('password')
    .description('set the password of a user; it comes on standard input')
    .requiredOption('--email <address>', 'who they sign in as')
    .action(async ({ email }: { email: string }) => end(await setUserPassword(line, email)));

  program
    .command('import')
    .description('import CSV files in one transaction, on behalf of somebody who may')
    .argument('<files...>', 'data files, named as in the mapping; - for standard input')
    .requiredOption('--map <file>', 'how rows become records; - for standard input')
    .option('--as <email>', 'on whose behalf; in a demo the billing operator when left out')
    .option('--password-stdin', 'their password comes on standard input')
    .option('--dry-run', 'do everything, then undo it; 3 when rows are at fault')
    .option('--submit', 'ask others for what needs their agreement, as one pending change of at most 1,000 records')
    .action(async (files: string[], given: GivenImport) => {
      const { map, as, passwordStdin = false, dryRun = false, submit = false } = given;
      end(await importFiles(line, { map, as, passwordStdin, dryRun, submit, files, asJson: asJson() }));
    });

  program
    .command('policy')
    .description('look at the published policy')
    .command('drift')
    .description('list configuration that was changed behind the gateway’s back; 3 when there is any')
    .action(async () => end(await findPolicyDrift(line, asJson())));
  program
    .command('gates')
    .description('look after the gates that approval rules close')
    .command('open')
    .description('the offline ceremony, when nobody is left who could agree: rules hold nothing for a while')
    .requiredOption('--minutes <count>', 'for how long, 1 to 240')
    .requiredOption('--reason <text>', 'why; it goes into the audit log')
    .action(async (given: { minutes: string; reason: string }) => end(await openTheGates(line, given)));
  program
    .command('webhook-secret')
    .description('print the secret with which the receiver of webhooks verifies their signatures')
    .action(async () => end(await showWebhookSecret(line, asJson())));
  addAuditCommands(program, line, end);
  return program;
}

interface GivenImport {
  map: string;
  as?: string;
  passwordStdin?: boolean;
  dryRun?: boolean;
  submit?: boolean;
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** What went wrong, in one place and without a stack where the cause is known. */
function explain(line: CommandLine, error: unknown): ExitCode {
  // Commander has said what is wrong already, and asking for help is not wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.wrongUsage;
  if (error instanceof Fault) {
    const { coordinate } = error.detail;
    line.err(`${error.code}${coordinate === undefined ? '' : ` ${coordinate}`}: ${error.message}\n`);
    return EXIT.failed;
  }
  if (error instanceof WrongUsage || error instanceof ImportMapInvalid) {
    line.err(`${error.message}\n`);
    return EXIT.wrongUsage;
  }
  const isKnown = [CommandFailed, SettingsInvalid, DatabaseUnfit].some((kind) => error instanceof kind);
  line.err(`${isKnown ? (error as Error).message : ((error as Error | undefined)?.stack ?? String(error))}\n`);
  return EXIT.failed;
}
