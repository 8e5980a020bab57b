import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CommandLine, type ExitCode, WrongUsage } from './command-line';
import { exportAudit } from './commands/audit/export-audit';
import { pruneAudit } from './commands/audit/prune-audit';
import { runWitness } from './commands/audit/run-witness';
import { sealAudit } from './commands/audit/seal-audit';
import { showAuditKey } from './commands/audit/show-audit-key';
import { verifyExport } from './commands/audit/verify-export';
import { verifyLiveAudit } from './commands/audit/verify-live-audit';

interface VerifyOptions {
  readonly records?: boolean;
  readonly export?: string;
  readonly key: string[];
  readonly anchor?: string;
}

interface ExportOptions {
  readonly after?: number;
  readonly format: 'ndjson' | 'ocsf';
  readonly values: boolean;
  readonly to?: string;
  readonly resume?: boolean;
  readonly seconds?: number;
}

/** `countersign audit …`: everything about the log that needs no signed-in person. */
export function addAuditCommands(program: Command, line: CommandLine, end: (code: ExitCode) => void): void {
  const asJson = () => program.opts<{ output: string }>().output === 'json';
  const audit = program.command('audit').description('verify, export and keep the audit log');

  audit
    .command('verify')
    .description('recompute the whole log and compare it with its heads and anchors; 3 when anything differs')
    .option('--records', 'also compare every record with its traces')
    .option('--export <file>', 'verify an export instead, offline; needs --key; - for standard input')
    .option('--key <pem>', 'public key of the log, for --export; repeat for older keys', collect, [])
    .option('--anchor <file>', 'heads that were kept elsewhere, for --export')
    .action(async ({ records = false, export: file, key, anchor }: VerifyOptions) => {
      if (file === undefined) {
        if (key.length > 0 || anchor !== undefined) throw new WrongUsage('--key and --anchor go with --export.');
        return end(await verifyLiveAudit(line, { records, asJson: asJson() }));
      }
      if (records || key.length === 0) throw new WrongUsage('--export takes --key, and no --records.');
      end(await verifyExport(line, { file, keys: key, anchor, asJson: asJson() }));
    });

  const format = () =>
    new Option('--format <form>', 'one JSON object a line').choices(['ndjson', 'ocsf']).default('ndjson');
  audit
    .command('export')
    .description('write the log up to its newest head, with all that an offline verifier needs')
    .option('--after <position>', 'leave out so many entries that an earlier export had', whole)
    .addOption(format())
    .option('--no-values', 'without old and new values')
    .option('--to <file>', 'write to a file, complete when the command ends with 0')
    .option('--resume', 'with --to: go on behind the last signed head of the file, also after an interruption')
    .action(async ({ after = 0, format, values, to, resume }: ExportOptions) => {
      if (resume && to === undefined) throw new WrongUsage('--resume goes with --to.');
      end(await exportAudit(line, { after, format, values, to, resume, follow: null }));
    });
  audit
    .command('tail')
    .description('write entries as they are sealed, until stopped')
    .option('--after <position>', 'begin there instead of at the newest head', whole)
    .addOption(format())
    .option('--no-values', 'without old and new values')
    .option('--seconds <n>', 'end after so many seconds', whole)
    .action(async ({ after, format, values, seconds }: ExportOptions) =>
      end(await exportAudit(line, { after: after ?? null, format, values, follow: { seconds: seconds ?? null } })),
    );

  audit
    .command('key')
    .description('print the public keys of the log, newest first, in PEM form')
    .action(async () => end(await showAuditKey(line, asJson())));

  audit
    .command('checkpoint')
    .description('seal, sign and anchor what waits, now')
    .action(async () => end(await sealAudit(line, asJson())));

  audit
    .command('prune')
    .description('remove old and new values of entries older than AUDIT_RETENTION_DAYS; proofs stay valid')
    .action(async () => end(await pruneAudit(line, asJson())));

  audit
    .command('witness')
    .description('counter-sign heads of a log over HTTP, and refuse a fork or an older state')
    .requiredOption('--port <port>', 'where to listen; 0 takes any free port', whole)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .requiredOption('--state <file>', 'where accepted heads are remembered; the witness keeps its own key beside it')
    .requiredOption('--key <pem>', 'public key of the log; repeat for further ones', collect, [])
    .action(async ({ port, host, state, key }: { port: number; host: string; state: string; key: string[] }) =>
      end(await runWitness(line, { port, host, state, keys: key })),
    );
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function whole(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(value);
}
