import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `program` the way run.mjs does, in a process of its own. */
const WRAPPER = (program: string) => `
  import { runProgram } from ${JSON.stringify(path.join(__dirname, 'run-program.mjs'))};
  const { code } = await runProgram(process.execPath, ['-e', ${JSON.stringify(program)}], process.cwd());
  process.exitCode = code;`;

/** Takes its time to stop, and says when it has. */
const SLOW_TO_STOP = `
  const stop = () => setTimeout(() => { console.log('stopped in order'); process.exit(7); }, 200);
  process.once('SIGTERM', stop); process.once('SIGINT', stop);
  setInterval(() => {}, 1000); console.log('ready');`;

function node(script: string, options: { detached?: boolean } = {}): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { ...options, stdio: 'pipe' });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  }
  return { child, said: () => text };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('the entrance to every command', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'run-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('passes the exit code on', async () => {
    const { child } = node(WRAPPER('process.exit(3)'));
    expect(await once(child, 'close')).toEqual([3, null]);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s, tells the program to stop and waits until it has stopped in order',
    async (signal) => {
      const { child, said } = node(WRAPPER(SLOW_TO_STOP));
      await until(() => said().includes('ready'));
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([7, null]);
      expect(said()).toContain('stopped in order');
    },
  );

  test('survives Ctrl-C, which goes to the whole group, until the program has stopped in order', async () => {
    const { child, said } = node(WRAPPER(SLOW_TO_STOP), { detached: true });
    await until(() => said().includes('ready'));
    process.kill(-child.pid!, 'SIGINT');
    expect(await once(child, 'close')).toEqual([7, null]);
    expect(said()).toContain('stopped in order');
  });

  test('stops the program when npm, which started it, was killed', async () => {
    const wrapper = path.join(folder, 'wrapper.mjs');
    writeFileSync(wrapper, WRAPPER(SLOW_TO_STOP));
    const npm = node(`
      import { spawn } from 'node:child_process';
      const env = { ...process.env, npm_lifecycle_event: 'start' };
      spawn(process.execPath, [${JSON.stringify(wrapper)}], { env, stdio: 'inherit' });`);
    await until(() => npm.said().includes('ready'));
    npm.child.kill('SIGKILL');
    await until(() => npm.said().includes('stopped in order'));
  });

  test('refuses a command that it does not know, with the exit code for wrong usage', async () => {
    const { child, said } = node(
      `process.argv[2] = 'strat'; await import(${JSON.stringify(path.join(__dirname, 'run.mjs'))});`,
    );
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said()).toMatch(/^Usage: run\.mjs <start\|/);
  });

  test('lets one process at a time install and build, and takes over from one that died', async () => {
    const [lock, count] = [path.join(folder, 'lock'), path.join(folder, 'count')];
    writeFileSync(count, '0');
    // No process has this number: Linux stops below it.
    writeFileSync(lock, '4194305');
    const step = `
      import { exclusively } from ${JSON.stringify(path.join(__dirname, 'exclusively.mjs'))};
      import { readFileSync, writeFileSync } from 'node:fs';
      for (let i = 0; i < 5; i++) await exclusively(${JSON.stringify(lock)}, async () => {
        const seen = Number(readFileSync(${JSON.stringify(count)}, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 5));
        writeFileSync(${JSON.stringify(count)}, String(seen + 1));
      });`;
    const all = [node(step), node(step), node(step)];
    await Promise.all(all.map(({ child }) => once(child, 'close')));
    expect(readFileSync(count, 'utf8')).toBe('15');
  });
});
