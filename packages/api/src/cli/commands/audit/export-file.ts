import { constants, createWriteStream, existsSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HeadLine } from '../../../capabilities/audit';
import { CommandFailed } from '../../command-line';

type Format = 'ndjson' | 'ocsf';

/** Where an export to a file goes on. */
export interface ExportFile {
  /** The last signed head in the file; null where it begins anew. */
  readonly head: HeadLine | null;
  /** Writes the lines that follow and puts the file in its place. */
  write(lines: AsyncGenerator<string, void>): Promise<void>;
}

const BLOCK = 1 << 20;

/**
 * A file for an export. It is written as `<file>.part` and gets its name at the end: a file under its own name is complete.
 * With `resume` it goes on behind the last signed head of either; what an interruption left behind that is cut off. Without,
 * nothing that exists is written over. Throws CommandFailed.
 */
export async function openExportFile(file: string, format: Format, resume: boolean): Promise<ExportFile> {
  const part = `${file}.part`;
  const kept = [part, file].find((name) => existsSync(name));
  if (kept === undefined) return { head: null, write: (lines) => written(file, part, 'wx', lines) };
  if (!resume) throw new CommandFailed(`${kept} is there already: --resume goes on with it.`);
  const handle = await open(kept, constants.O_RDWR | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${kept} cannot be written to (${error.code}).`);
  });
  try {
    const found = await lastHead(handle, format);
    if (found === null && (await handle.stat()).size > 0 && !(await beginsAs(handle, format))) {
      throw new CommandFailed(`${kept} is no export in the form ${format}.`);
    }
    await handle.truncate(found?.end ?? 0);
    if (kept === file) await rename(file, part);
    return { head: found?.head ?? null, write: (lines) => written(file, part, 'a', lines) };
  } finally {
    await handle.close();
  }
}

async function written(file: string, part: string, flags: string, lines: AsyncGenerator<string, void>): Promise<void> {
  await pipeline(Readable.from(lines), createWriteStream(part, { mode: 0o600, flags, flush: true }));
  await rename(part, file);
}

/** The last line that is a head, and where it ends; looked for from the end, as an export may be very long. */
async function lastHead(handle: FileHandle, format: Format): Promise<{ head: HeadLine; end: number } | null> {
  let tail = Buffer.alloc(0);
  for (let from = (await handle.stat()).size; from > 0; ) {
    const size = Math.min(BLOCK, from);
    from -= size;
    const { buffer } = await handle.read(Buffer.alloc(size), 0, size, from);
    tail = Buffer.concat([buffer, tail]);
    // Whole lines only: the first piece begins somewhere in a line, and the last one has no end.
    for (let end = tail.lastIndexOf(10); end >= 0; ) {
      const before = end === 0 ? -1 : tail.lastIndexOf(10, end - 1);
      if (before < 0 && from > 0) {
        tail = tail.subarray(0, end + 1);
        break;
      }
      const head = headIn(tail.toString('utf8', before + 1, end), format);
      if (head) return { head, end: from + end + 1 };
      end = before;
    }
  }
  return null;
}

function headIn(text: string, format: Format): HeadLine | null {
  const line = lineIn(text, format);
  return line?.type === 'head' ? (line as HeadLine) : null;
}

function lineIn(text: string, format: Format): { readonly type?: unknown } | null {
  try {
    const given = JSON.parse(text);
    return (format === 'ocsf' ? given?.unmapped?.countersign : given) ?? null;
  } catch {
    return null;
  }
}

async function beginsAs(handle: FileHandle, format: Format): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BLOCK), 0, BLOCK, 0);
  const text = buffer.toString('utf8', 0, bytesRead);
  const end = text.indexOf('\n');
  return end < 0 ? text.startsWith('{') : lineIn(text.slice(0, end), format)?.type === 'start';
}
