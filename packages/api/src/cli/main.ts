import 'reflect-metadata';
import { once } from 'node:events';
import { EXIT } from './command-line';
import { runCommand } from './run-command';

const line = {
  stdin: process.stdin,
  out: (text: string) => void process.stdout.write(text),
  drained: async () => {
    if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  },
  err: (text: string) => void process.stderr.write(text),
};

// Whoever reads has enough (`… | head`): nobody is left to write for, and nobody to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.failed);
});

runCommand(line, process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // A pipe that nobody closes must not keep the command waiting.
  process.stdin.unref?.();
});
