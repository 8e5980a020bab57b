import type { Readable } from 'node:stream';
import type { Environment } from '../settings';

/** What a command reads from and writes to. */
export interface CommandLine {
  /** The environment; left out: that of the process. */
  readonly env?: Environment;
  readonly stdin: Readable;
  /** Results. */
  out(text: string): void;
  /** Resolves once results are taken fast enough again; absent where they always are. */
  drained?(): Promise<void>;
  /** Progress and errors. */
  err(text: string): void;
}

/** Scripts tell by these what became of a command. */
export const EXIT = { fine: 0, failed: 1, wrongUsage: 2, found: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that was called in a way that cannot work; the message says how it can. */
export class WrongUsage extends Error {}

/** A command that could not do what it was asked to; the message is fit to be shown. */
export class CommandFailed extends Error {}

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The lines of standard input, without line breaks: passwords, one a line. */
export async function readLines(stream: Readable): Promise<string[]> {
  const text = (await readAll(stream)).toString('utf8');
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/** Rows of cells, aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
