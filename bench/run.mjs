// Builds the benchmark and runs it. The product is built already; only `npm run bench` comes here.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const bench = path.dirname(fileURLToPath(import.meta.url));
const tsc = path.join(bench, '..', 'node_modules', 'typescript', 'bin', 'tsc');
const built = spawnSync(process.execPath, [tsc, '-b', bench], { stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
await import('./dist/main.js');
