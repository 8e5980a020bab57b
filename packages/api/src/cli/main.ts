import 'reflect-metadata';
import { runCommand } from './run-command';

const line = {
  stdin: process.stdin,
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
};

runCommand(line, process.argv.slice(2)).then((code) => {
  process.exitCode = code;
  // A pipe that nobody closes must not keep the command waiting.
  process.stdin.unref?.();
});
