import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { type ExportLine, exportLines, ocsfEvent, StoredTree, writeEvent } from '../../../capabilities/audit';
import type { Core } from '../../../compose';
import { CommandFailed, type CommandLine, EXIT, type ExitCode, WrongUsage } from '../../command-line';
import { operatorName } from '../../operator-name';
import { withCore } from '../../with-core';
import { type ExportFile, openExportFile } from './export-file';

const LOOK_MS = 1_000;

export interface ExportRequest {
  /** Null: from the newest head on. */
  readonly after: number | null;
  readonly format: 'ndjson' | 'ocsf';
  readonly values: boolean;
  readonly to?: string;
  /** Goes on behind the last head of the file, where there is one. */
  readonly resume?: boolean;
  /** Null: what is there. Else goes on with what comes, for so many seconds or for ever. */
  readonly follow: { readonly seconds: number | null } | null;
}

/** Writes the log, one line an entry, and leaves a trace of having done so before the first line leaves. */
export function exportAudit(line: CommandLine, request: ExportRequest): Promise<ExitCode> {
  return withCore(line, async (core) => {
    const { to, format, resume = false } = request;
    const newest = await new StoredTree(core.database.pool).newestHead();
    const file = to === undefined ? null : await openExportFile(to, format, resume);
    if (file?.head) await requireSameLog(core, file.head);
    const after = file?.head?.size ?? request.after ?? newest?.size ?? 0;
    if (after > (newest?.size ?? 0)) {
      throw new WrongUsage(`The log has ${newest?.size ?? 0} entries under a head; nothing comes after ${after}.`);
    }
    await trace(core, request, after, operatorName(line.env));
    const written = (from: number) => linesOf(core, request, from);
    if (file) {
      await file.write(written(after).text);
      return EXIT.fine;
    }
    const until = request.follow?.seconds ? performance.now() + request.follow.seconds * 1000 : null;
    for (let from = after; ; ) {
      const { text, end } = written(from);
      for await (const each of text) {
        line.out(each);
        await line.drained?.();
      }
      if (request.follow === null || (until !== null && performance.now() >= until)) return EXIT.fine;
      from = end();
      await nextHead(core, from, until);
    }
  });
}

/** The lines of one export, and where it has ended. */
function linesOf(core: Core, { format, values }: ExportRequest, after: number) {
  let size = after;
  const spelt = (given: ExportLine) => JSON.stringify(format === 'ocsf' ? ocsfEvent(given, core.now()) : given);
  const text = withOneView(core, async function* (client) {
    for await (const given of exportLines(client, { after, values })) {
      if (given.type === 'head') size = given.size;
      yield `${spelt(given)}\n`;
    }
  });
  return { text, end: () => size };
}

/** Everything within sees the database as it is at the beginning. */
async function* withOneView<T>(
  { database }: Core,
  work: (client: PoolClient) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    yield* work(client);
  } finally {
    client.release(true);
  }
}

/** What is written behind a head must continue it. Throws CommandFailed. */
async function requireSameLog({ database }: Core, head: NonNullable<ExportFile['head']>): Promise<void> {
  const tree = new StoredTree(database.pool);
  const same = head.log === (await tree.logId()) && (await tree.root(head.size))?.toString('hex') === head.root;
  if (!same) throw new CommandFailed('The file holds a head that this log does not continue: verify both.');
}

async function nextHead({ database }: Core, size: number, until: number | null): Promise<void> {
  const tree = new StoredTree(database.pool);
  while (until === null || performance.now() < until) {
    if (((await tree.newestHead())?.size ?? 0) > size) return;
    await sleep(LOOK_MS);
  }
}

function trace(
  { database, now }: Core,
  { values, follow }: ExportRequest,
  after: number,
  operator: string | null,
): Promise<void> {
  return writeEvent(database.pool, {
    action: 'EXPORT',
    at: now(),
    object: 'AuditEntry',
    reason: `The audit log was ${follow === null ? 'exported' : 'followed'} on the command line`,
    slots: { after: [null, after], values: [null, values], operator: [null, operator] },
  });
}
