import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { strictBase64url } from '../primitives/base64url';
import { ROOT_SECRET_MIN_BYTES, RootSecret } from './root-secret';

/** Thrown for a root secret file that is unsafe or unreadable. The message names file and line, never the content. */
export class RootSecretFileError extends Error {
  override readonly name = 'RootSecretFileError';
}

const PREFIX = 'countersign-root-1:';

/**
 * Reads the root secret, or makes one of 32 random bytes when there is no such file (mode 0600; the folder must exist).
 * Of several processes that start at once, all get the same secret. For the embedded default; a production start should
 * use `readRootSecret`, because a missing mount must not become a new secret that nothing old opens under.
 */
export function readOrCreateRootSecret(path: string): RootSecret {
  if (!fs.existsSync(path)) createRootSecretFile(path);
  return readRootSecret(path);
}

/**
 * Reads a root secret file: lines of `countersign-root-1:<base64url>`, the current version first, older ones after it.
 * Throws RootSecretFileError when it is missing, malformed, not a regular file, or open to group or others.
 */
export function readRootSecret(path: string): RootSecret {
  const text = readPrivateFile(path);
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) throw new RootSecretFileError(`root secret file ${path} is empty`);
  const [current, ...older] = lines.map((line, index) =>
    parseLine(line, `root secret file ${path}, line ${index + 1}`),
  );
  return new RootSecret(current!, older);
}

function parseLine(line: string, place: string): Buffer {
  const bytes = line.startsWith(PREFIX) ? strictBase64url(line.slice(PREFIX.length)) : null;
  if (bytes === null) throw new RootSecretFileError(`${place}: expected ${PREFIX}<base64url without padding>`);
  if (bytes.length < ROOT_SECRET_MIN_BYTES) {
    throw new RootSecretFileError(`${place}: a root secret needs at least ${ROOT_SECRET_MIN_BYTES} bytes`);
  }
  return bytes;
}

function readPrivateFile(path: string): string {
  let file: number;
  try {
    file = fs.openSync(path, 'r');
  } catch (error) {
    throw new RootSecretFileError(`root secret file ${path} cannot be opened (${codeOf(error)})`);
  }
  try {
    // Asked of the open file, not of the path: the path may lead elsewhere a moment later.
    const stat = fs.fstatSync(file);
    if (!stat.isFile()) throw new RootSecretFileError(`root secret file ${path} is not a regular file`);
    // Windows has no such bits; there the folder's access list has to do it.
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      throw new RootSecretFileError(
        `root secret file ${path} is open to group or others (mode ${mode}); run: chmod 600 ${path}`,
      );
    }
    return fs.readFileSync(file, 'utf8');
  } finally {
    fs.closeSync(file);
  }
}

/**
 * Writes a complete file under a name of its own and then links it to its place. A link fails when the place is taken,
 * so one process wins, and no other one can ever read a file that is there but still empty.
 */
function createRootSecretFile(path: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  try {
    const file = fs.openSync(draft, 'wx', 0o600);
    try {
      fs.writeSync(file, `${PREFIX}${randomBytes(32).toString('base64url')}\n`);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw new RootSecretFileError(`root secret file ${path} cannot be created (${codeOf(error)})`);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown reason';
}
