import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ServerOrder } from './servers/serve';

/** A server that has not stopped by then is stopped. */
const STOP_MS = 10_000;

export interface ServerProcess {
  readonly port: number;
  /** Processor time used so far, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a server of `servers/` in a process of its own; resolves when it listens. */
export async function startServer(
  file: string,
  order: ServerOrder,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const execArgv = process.env.BENCH_NODE_OPTIONS?.split(' ').filter(Boolean) ?? [];
  const child = fork(path.join(__dirname, 'servers', file), {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { port } = await ask<{ port: number }>(child, order);
  return {
    port,
    cpuMs: async () => (await ask<{ cpuMs: number }>(child, 'cpu')).cpuMs,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

/** Sends one message and gives the answer to it. Throws what the process reports, or that it ended. */
export function ask<Answer>(child: ChildProcess, message: object | string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      settle();
    };
    const onMessage = (answer: { error?: string }) =>
      finish(() => (answer.error === undefined ? resolve(answer as Answer) : reject(new Error(answer.error))));
    const onExit = (code: number | null) => finish(() => reject(new Error(`A bench process ended with code ${code}`)));
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(message);
  });
}
