import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { randomId } from '@countersign/crypto';
import { writeEvent } from '../../capabilities/audit';
import { Identify, signIn } from '../../capabilities/identity';
import { type ImportOutcome, type ImportProblem, importRecords, parseImportMap } from '../../capabilities/import';
import type { Core } from '../../compose';
import { DemoPeopleFile } from '../../demo/demo-people-file';
import type { DecidedUnder } from '../../path/rooms';
import { HeadMoved } from '../../path/under-head';
import { type CommandLine, EXIT, type ExitCode, readAll, readLines, WrongUsage } from '../command-line';
import { withCore } from '../with-core';

export interface ImportOptions {
  readonly map: string;
  readonly files: readonly string[];
  readonly as?: string;
  readonly passwordStdin: boolean;
  readonly dryRun: boolean;
  readonly submit: boolean;
  readonly asJson: boolean;
}

/** Imports files on behalf of somebody who signs in for it, in one transaction. */
export async function importFiles(line: CommandLine, options: ImportOptions): Promise<ExitCode> {
  const { map: mapFile, files: paths, passwordStdin, dryRun, submit } = options;
  const piped = [...(passwordStdin ? ['the password'] : []), ...[mapFile, ...paths].filter((given) => given === '-')];
  if (piped.length > 1) throw new WrongUsage('Standard input can be one thing only.');
  const map = parseImportMap((await bytesOf(line, mapFile)).toString('utf8'));
  const only = Object.keys(map.files);
  const files = new Map<string, Buffer>();
  for (const given of paths) {
    if (given === '-' && only.length !== 1) throw new WrongUsage('Data on standard input needs a mapping of one file.');
    const name = given === '-' ? only[0]! : path.basename(given);
    if (files.has(name)) throw new WrongUsage(`${name} is given twice.`);
    files.set(name, await bytesOf(line, given));
  }
  return withCore(line, async (core) => {
    const started = core.now();
    // What a gateway would refuse to write, because its log is not the anchored one, is not imported either.
    await core.audit.keeper.round();
    core.audit.gate.requireOpen();
    const under = await signInAs(core, line, options);
    const run = (decided: DecidedUnder) =>
      importRecords({ pool: core.database.pool, writes: core.writes }, decided, {
        map,
        files,
        dryRun,
        submit,
        requestId: randomId(),
        now: core.now(),
        onProgress: (text) => line.err(`${text}\n`),
      });
    const outcome = await run(await under()).catch(async (error: unknown) => {
      if (!(error instanceof HeadMoved)) throw error;
      return run(await under());
    });
    return report(line, outcome, options, core.now().getTime() - started.getTime());
  });
}

/** Signs in once and decides as often as is asked. */
async function signInAs(core: Core, line: CommandLine, options: ImportOptions): Promise<() => Promise<DecidedUnder>> {
  const { email, password } = await credentials(core, line, options);
  const { database, macKeys, tokens, snapshots, log } = core;
  const trace = (event: Parameters<typeof writeEvent>[1]) => writeEvent(database.pool, event);
  const deps = { pool: database.pool, macKey: macKeys.rows, tokens, trace, traceFailure: trace };
  const attempt = { email, password, source: 'command line', requestId: randomId(), now: core.now() };
  const { token } = await signIn(deps, attempt);
  const identify = new Identify({ pool: database.pool, macKey: macKeys.rows, tokens, snapshots, log });
  return async () => {
    await snapshots.refresh();
    const { snapshot, head, principal } = await identify.principalFor(`Bearer ${token}`, core.now);
    return { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
  };
}

async function credentials({ settings }: Core, line: CommandLine, { as, passwordStdin }: ImportOptions) {
  const demo = settings.mode === 'demo' ? ((await new DemoPeopleFile(settings.dataDir).read()) ?? []) : [];
  const email = as ?? demo.find(({ roles }) => roles.includes('billing-operator'))?.email;
  if (email === undefined) throw new WrongUsage('Say with --as on whose behalf to import.');
  if (passwordStdin) return { email, password: (await readLines(line.stdin))[0] ?? '' };
  const password = settings.commandPassword ?? demo.find((person) => person.email === email)?.password;
  if (password === undefined) {
    throw new WrongUsage(`Give the password of ${email} with --password-stdin or in COUNTERSIGN_PASSWORD.`);
  }
  return { email, password };
}

function report(line: CommandLine, outcome: ImportOutcome, { dryRun, asJson }: ImportOptions, ms: number): ExitCode {
  if (asJson) line.out(`${JSON.stringify({ ...outcome, dryRun }, null, 2)}\n`);
  if (outcome.kind === 'imported') {
    const records = Object.entries(outcome.records);
    const total = records.reduce((sum, [, count]) => sum + count, 0);
    const what = records.map(([object, count]) => `${count} ${object}`).join(', ');
    const done = dryRun ? 'Nothing was written. Would import' : 'Imported';
    if (!asJson) line.out(`${done} ${total} records (${what}) in ${(ms / 1000).toFixed(1)} s.\n`);
    return EXIT.fine;
  }
  if (outcome.kind === 'submitted') {
    const total = Object.values(outcome.records).reduce((sum, count) => sum + count, 0);
    const { id, waitingFor } = outcome.held;
    const what = dryRun ? 'Nothing was written. Would ask for' : `Asked for, as pending change ${id},`;
    if (!asJson) line.out(`${what} ${total} records. It waits for: ${waitingFor.join('; ')}.\n`);
    return EXIT.fine;
  }
  if (!asJson) for (const problem of outcome.problems) line.err(`${describe(problem)}\n`);
  const more = outcome.total - outcome.problems.length;
  line.err(`${outcome.total} problem(s)${more > 0 ? `, ${more} of them not shown` : ''}. Nothing was written.\n`);
  return dryRun ? EXIT.found : EXIT.failed;
}

function describe({ file, line, column, reason }: ImportProblem): string {
  const place = [file, line === null ? '' : `line ${line}`, column === null ? '' : `column ${column}`];
  return [place.filter((part) => part !== '').join(', '), reason].filter((part) => part !== '').join(': ');
}

async function bytesOf(line: CommandLine, file: string): Promise<Buffer> {
  if (file === '-') return readAll(line.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw new WrongUsage(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
