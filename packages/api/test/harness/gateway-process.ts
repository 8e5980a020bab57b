import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const HOOK = path.join(__dirname, 'run-from-source.cjs');
const MAIN = path.resolve(__dirname, '../../src/main.ts');

/** The program itself, as a process of its own: for what only happens to processes. */
export class GatewayProcess {
  /** Everything it has written so far, standard error included. */
  output = '';
  private readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;

  /** `env` is all that it gets to see besides PATH. `prelude` is shell that runs before it. */
  constructor(env: Readonly<Record<string, string>>, prelude = '') {
    const command = `${prelude}exec "$0" --require "$1" "$2"`;
    this.child = spawn('/bin/sh', ['-c', command, process.execPath, HOOK, MAIN], {
      env: { PATH: process.env.PATH, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => resolve(code ?? signal ?? 'gone'));
    });
  }

  /** Its process id: the shell before it becomes it. */
  get pid(): number {
    return this.child.pid!;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.child.kill(signal);
  }

  /** Where it answers, once it says so. */
  async url(): Promise<string> {
    return (await this.says(/answers at (http\S+)/))[1]!;
  }

  /** Waits for something in its output. Throws with what there is when it ends before. */
  async says(wanted: RegExp, forMs = 90_000): Promise<RegExpExecArray> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    for (const deadline = Date.now() + forMs; Date.now() < deadline; ) {
      const found = wanted.exec(this.output);
      if (found) return found;
      if (over) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${over ? 'It ended' : 'It did not say so'}:\n${this.output}`);
  }
}
