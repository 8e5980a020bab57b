import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './run-program.mjs';

const PNPM = 'pnpm@10.34.9';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const stampFile = path.join(root, 'node_modules', '.countersign-installed');

/** Whether we may install and build here. */
export function writable() {
  try {
    accessSync(root, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether what is installed is what the lock file and the manifests ask for, on this platform. */
export function installed() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted() && manifests().every(hasModules);
}

/** Installs and builds what is missing or stale; does nothing and says nothing otherwise. */
export async function build() {
  if (!installed()) await install();
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code } = await runProgram(process.execPath, [tsc, '-b'], root, { toStderr: true });
  if (code !== 0) throw new Error('The build failed.');
}

async function install() {
  rmSync(stampFile, { force: true });
  console.error('Installing the dependencies …');
  const windows = process.platform === 'win32';
  // Without a terminal pnpm would refuse to replace modules that another version or account installed.
  const args = ['--yes', PNPM, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const { code } = await runProgram(windows ? 'npx.cmd' : 'npx', args, root, { toStderr: true, shell: windows });
  if (code !== 0) throw new Error('The dependencies could not be installed.');
  writeFileSync(stampFile, wanted());
}

function wanted() {
  const hash = createHash('sha256');
  for (const file of [path.join(root, 'pnpm-lock.yaml'), path.join(root, 'pnpm-workspace.yaml'), ...manifests()]) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  // No dependency is compiled for one version of Node, so changing the version needs no new installation.
  return hash.update(`${PNPM} ${process.platform} ${process.arch}`).digest('hex');
}

function manifests() {
  const folders = readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name));
  return [root, ...folders, path.join(root, 'bench')]
    .map((folder) => path.join(folder, 'package.json'))
    .filter((file) => existsSync(file));
}

/** A folder of modules that was deleted by hand is put back, whatever the stamp says. */
function hasModules(manifest) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'));
  const needsSome = Object.keys(dependencies).length + Object.keys(devDependencies).length > 0;
  return !needsSome || existsSync(path.join(path.dirname(manifest), 'node_modules'));
}
