import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readOrCreateRootSecret, StatementVerifier } from '@countersign/crypto';
import { startWitness } from '../../../capabilities/audit';
import { CommandFailed, type CommandLine, EXIT, type ExitCode } from '../../command-line';

export interface WitnessRequest {
  readonly port: number;
  readonly host: string;
  readonly state: string;
  readonly keys: readonly string[];
}

/** Runs a witness until it is told to stop. It needs no settings of a gateway: run it where its operators cannot reach. */
export async function runWitness(line: CommandLine, { port, host, state, keys }: WitnessRequest): Promise<ExitCode> {
  const stateFile = path.resolve(state);
  mkdirSync(path.dirname(stateFile), { recursive: true });
  const signer = readOrCreateRootSecret(`${stateFile}.secret`).statements('audit-witness');
  const logKeys = StatementVerifier.fromPem(keys.map(readKey).join('\n'));
  const witness = await startWitness({ host, port, stateFile, logKeys, signer });
  line.out(`The witness answers at ${witness.url}; it counter-signs with\n${signer.pem()}`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await witness.close();
  return EXIT.fine;
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(`The key ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
