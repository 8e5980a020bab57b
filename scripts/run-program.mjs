import { spawn } from 'node:child_process';
import os from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program in the foreground and gives its exit code; 128 + n when a signal ended it. A signal to us becomes a
 * SIGTERM to it, and we wait: the program stops in its own order, and we never leave it behind.
 */
export function runProgram(file, args, cwd, { toStderr = false, shell = false, env = process.env } = {}) {
  return new Promise((resolve) => {
    const stdio = toStderr ? ['ignore', process.stderr, process.stderr] : 'inherit';
    const child = spawn(file, args, { cwd, stdio, shell, env });
    let stopped = false;
    const handOn = () => {
      stopped = true;
      // Ctrl-C reaches the program as well. As another signal ours cannot look like a second, impatient Ctrl-C.
      child.kill('SIGTERM');
    };
    for (const signal of SIGNALS) process.on(signal, handOn);
    const watch = watchNpm(handOn);
    const end = (code) => {
      clearInterval(watch);
      for (const signal of SIGNALS) process.off(signal, handOn);
      resolve({ code, stopped });
    };
    child.on('error', (error) => {
      console.error(`${file} could not be started: ${error.message}`);
      end(1);
    });
    child.on('exit', (code, signal) => end(code ?? 128 + (os.constants.signals[signal] ?? 0)));
  });
}

/** npm that is told to stop does not tell us: when it is gone, whoever started it wants us gone as well. */
function watchNpm(gone) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 500);
  timer.unref();
  return timer;
}
