// The one entrance: `npm start`, `npm test` and the others come here. It needs nothing but Node and npm: it installs
// and builds what is missing or stale, then runs the program. Everything it says itself goes to standard error.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { exclusively } from './exclusively.mjs';
import { runProgram } from './run-program.mjs';
import { build, installed, root, writable } from './workspace.mjs';

const OLDEST_NODE = [20, 19];
const node = process.execPath;
const at = (...parts) => path.join(root, ...parts);
const biome = at('node_modules', '@biomejs', 'biome', 'bin', 'biome');
const jest = at('node_modules', 'jest', 'bin', 'jest.js');
const stryker = at('node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

/** Each command is a list of programs; each gets its turn, and the first failure is the exit code. */
const COMMANDS = {
  start: (args) => [[at('packages', 'api', 'dist', 'main.js'), ...args]],
  countersign: (args) => [[at('packages', 'api', 'dist', 'cli', 'main.js'), ...args]],
  test: (args) => [[jest, ...args]],
  // Tests in a real browser; they need Chromium, so they are no part of `test`.
  browser: (args) => [[jest, '--testMatch', '**/test/browser/*.browser.ts', ...args]],
  // Long proofs: kills by the hundred, a minute under load, a million entries. One at a time, as they load the machine.
  prove: (args) => [
    // --testMatch takes every word that follows it, so it must not stand before the paths.
    [jest, '--testMatch', '**/test/proofs/**/*.proof.ts', '--runInBand', '--testTimeout', '900000', ...args],
  ],
  // Mutants of packages/policy: what its tests do not notice. Words before the first option are the files to mutate.
  mutate: (args) => {
    const options = args.findIndex((arg) => arg.startsWith('-'));
    const files = options < 0 ? args : args.slice(0, options);
    const mutate = files.length > 0 ? ['--mutate', files.join(',')] : [];
    return [[stryker, 'run', at('packages', 'policy', 'stryker.config.json'), ...mutate, ...args.slice(files.length)]];
  },
  build: () => [],
  format: (args) => [[biome, 'check', '--write', ...(args.length > 0 ? args : ['.'])]],
  check: () => [
    [biome, 'check', '--error-on-warnings', '.'],
    [at('node_modules', 'typescript', 'bin', 'tsc'), '-b', at('packages', 'api', 'tsconfig.test.json'), at('bench')],
    [jest, at('packages', 'api', 'test', 'structure')],
  ],
  bench: (args) => [[at('bench', 'run.mjs'), ...args]],
};

function stop(code, line) {
  console.error(line);
  process.exit(code);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  stop(1, `Countersign needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}.`);
}

const [command, ...args] = process.argv.slice(2);
requireNode();
if (!Object.hasOwn(COMMANDS, command ?? '')) stop(2, `Usage: run.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]`);

try {
  if (writable()) await exclusively(at('.cache', 'build.lock'), build);
  else if (!installed() || !existsSync(at('packages', 'api', 'dist'))) {
    stop(1, `${root} belongs to another user. Let its owner run \`npm run build\` there, or use a copy of your own.`);
  }
} catch (error) {
  stop(1, error.message);
}

// graphql-js and Express check more, and are slower, unless they are told that nobody develops them here.
const serves = command === 'start' || command === 'countersign';
const env = serves ? { NODE_ENV: 'production', ...process.env } : process.env;

let code = 0;
for (const program of COMMANDS[command](args)) {
  const ended = await runProgram(node, program, root, { env });
  code ||= ended.code;
  if (ended.stopped) break;
}
process.exitCode = code;
