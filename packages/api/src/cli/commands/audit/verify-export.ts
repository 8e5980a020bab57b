import { spawn } from 'node:child_process';
import path from 'node:path';
import { type CommandLine, EXIT, type ExitCode } from '../../command-line';

/** Stands by itself in the checkout, so that whoever verifies can read it whole and needs nothing else of ours. */
const VERIFIER = path.resolve(__dirname, '../../../../../../scripts/verify-audit.mjs');

export interface OfflineVerification {
  readonly file: string;
  readonly keys: readonly string[];
  readonly anchor?: string;
  readonly asJson: boolean;
}

/** Runs the independent verifier on an export. Needs no settings and no database. */
export async function verifyExport(line: CommandLine, given: OfflineVerification): Promise<ExitCode> {
  const args = [
    ...['--export', given.file],
    ...given.keys.flatMap((key) => ['--key', key]),
    ...(given.anchor === undefined ? [] : ['--anchor', given.anchor]),
    ...(given.asJson ? ['--json'] : []),
  ];
  const child = spawn(process.execPath, [VERIFIER, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env: {} });
  child.stdout.on('data', (chunk) => line.out(String(chunk)));
  child.stderr.on('data', (chunk) => line.err(String(chunk)));
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  if (given.file === '-') line.stdin.pipe(child.stdin);
  else child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(known(code)));
  });
}

function known(code: number | null): ExitCode {
  return Object.values(EXIT).find((exit) => exit === code) ?? EXIT.failed;
}
