import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { headLine, parseHeadLine, type SignedHead } from '../log/tree-head';
import { AnchorAway, AnchorRefused, type AuditAnchor, requireContinuation } from './audit-anchor';

/** More than any line: the newest one is looked for at the end of the file. */
const TAIL_BYTES = 64 * 1024;

/**
 * A file that heads are appended to, one a line, each on the disk before `add` returns. Put it where whoever can change
 * the database cannot write. What a crash has cut short is not taken for a head, and stays where it is.
 */
export class FileAnchor implements AuditAnchor {
  readonly name: string;

  constructor(private readonly file: string) {
    this.name = `the file ${file}`;
  }

  latest(): Promise<SignedHead | null> {
    return this.using('r', (handle) => newestIn(handle)).catch((error: unknown) => {
      if (error instanceof AnchorAway && (error.cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
  }

  async add(head: SignedHead, proof: readonly Buffer[]): Promise<void> {
    await this.using('a+', async (handle) => {
      const held = await newestIn(handle);
      requireContinuation(held, head, proof);
      if (held?.size === head.size) return;
      const { size } = await handle.stat();
      const broken = size > 0 && (await read(handle, size - 1, 1)).toString() !== '\n';
      // One write: on a local disk another process cannot get in between.
      await handle.appendFile(`${broken ? '\n' : ''}${JSON.stringify(headLine(head))}\n`);
      await handle.datasync();
    });
  }

  private async using<T>(flags: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
    let handle: FileHandle | undefined;
    try {
      if (flags !== 'r') mkdirSync(path.dirname(this.file), { recursive: true });
      handle = await open(this.file, flags, 0o600);
      return await work(handle);
    } catch (error) {
      if (error instanceof AnchorRefused) throw error;
      throw new AnchorAway(`${this.name} cannot be used`, { cause: error });
    } finally {
      await handle?.close();
    }
  }
}

/** Every head in the text of an anchor file. Lines that a crash has cut short are left out. */
export function headsIn(text: string): SignedHead[] {
  return text.split('\n').flatMap((line) => {
    try {
      return parseHeadLine(JSON.parse(line)) ?? [];
    } catch {
      return [];
    }
  });
}

async function newestIn(handle: FileHandle): Promise<SignedHead | null> {
  const { size } = await handle.stat();
  const tail = (await read(handle, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES))).toString('utf8');
  const newest = headsIn(tail).at(-1);
  if (newest !== undefined) return newest;
  return headsIn((await read(handle, 0, size)).toString('utf8')).at(-1) ?? null;
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
