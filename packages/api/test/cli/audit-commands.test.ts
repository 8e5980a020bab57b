import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { runCommand } from '../../src/cli/run-command';
import { makeFolder } from '../harness';
import { sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('countersign audit', () => {
  let gateway: TestGateway;
  let folder: string;
  const file = (name: string) => path.join(folder, name);
  const settings = () => ({
    DATABASE_URL: gateway.database.gatewayUrl,
    DATA_DIR: gateway.dataDir,
    LOG_LEVEL: 'error',
  });
  const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> => {
    const ended = { out: '', err: '' };
    const line = {
      env: { ...settings(), ...env },
      stdin: Readable.from([]),
      out: (text: string) => {
        ended.out += text;
      },
      err: (text: string) => {
        ended.err += text;
      },
    };
    return { code: await runCommand(line, ['audit', ...args]), ...ended };
  };
  const seal = () => gateway.core.audit.keeper.round();
  const account = (of = gateway) =>
    of.install([
      { verb: 'create', object: 'Person', input: { fullName: 'Nora Ewcomer', email: `n${Math.random()}@example.org` } },
    ]);

  beforeAll(async () => {
    folder = makeFolder('audit-cli');
    gateway = await startTestGateway({
      settings: { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200' },
    });
    await sampleLedger(gateway);
    await seal();
    const { out } = await run(['key']);
    writeFileSync(file('public.pem'), out);
    await account();
    await seal();
  });
  afterAll(() => gateway?.stop());

  test('verify recomputes everything, compares every record, and ends with 0', async () => {
    const ended = await run(['verify', '--records']);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toMatch(
      /entries in the log under \d+ heads, anchored up to \d+ by .*records compared.*Everything is as/s,
    );
    const json = JSON.parse((await run(['verify', '-o', 'json'])).out);
    expect(json).toMatchObject({ found: 0, records: null, log: { queued: expect.any(Number) } });
    expect(json.log.leaves).toBeGreaterThan(300);
  });

  test('verify names the entry and the record that somebody changed, and ends with 3', async () => {
    const [entry] = await gateway.sql(`select id, reason from audit_entry where action = 'CREATE' limit 1`);
    const [invoice] = await gateway.sql('select id from invoice limit 1');
    await gateway.sql(`update audit_entry set reason = 'nothing of note' where id = '${entry!.id}';
      set session_replication_role = replica; update invoice set notes = 'forged' where id = '${invoice!.id}'`);
    try {
      const ended = await run(['verify', '--records']);
      expect(ended.code).toBe(3);
      expect(ended.out).toContain(String(entry!.id));
      expect(ended.out).toContain(
        `record-changed: Invoice ${invoice!.id}: it is not what its last trace says, in notes`,
      );
      expect(ended.out).not.toContain('forged');
    } finally {
      await gateway.sql(`update audit_entry set reason = null where id = '${entry!.id}';
        set session_replication_role = replica; update invoice set notes = null where id = '${invoice!.id}'`);
    }
    expect((await run(['verify', '--records'])).code).toBe(0);
  });

  describe('an export', () => {
    const verify = (name: string, ...more: string[]) =>
      run(['verify', '--export', file(name), '--key', file('public.pem'), ...more]);
    const lines = (name: string) => readFileSync(file(name), 'utf8').trim().split('\n');
    const write = (name: string, given: readonly string[]) => writeFileSync(file(name), `${given.join('\n')}\n`);

    beforeAll(async () => {
      expect(await run(['export', '--to', file('log.ndjson')])).toMatchObject({ code: 0, err: '' });
    });

    test('is verified offline, with the public key and the anchor file', async () => {
      const ended = await verify('log.ndjson', '--anchor', path.join(gateway.dataDir, 'audit-anchor.ndjson'));
      expect(ended).toMatchObject({ code: 0, err: '' });
      expect(ended.out).toMatch(/\d+ signed heads, [1-9]\d* anchored: as it was signed/);
      expect(JSON.parse((await verify('log.ndjson', '-o', 'json')).out)).toMatchObject({ found: [], from: 0 });
    });

    test('that somebody changed anywhere is refused, and the entry is named', async () => {
      const all = lines('log.ndjson');
      const at = all.findIndex((text, n) => n > 20 && JSON.parse(text).slots?.name);
      const entry = JSON.parse(all[at]!) as { position: number; header: string; slots: Record<string, unknown> };
      const changed = (line: object) => all.map((text, n) => (n === at ? JSON.stringify(line) : text));
      const forgeries: [string, string[]][] = [
        [`position ${entry.position}`, changed({ ...entry, slots: { ...entry.slots, name: [null, 'forged'] } })],
        ['another root', changed({ ...entry, header: entry.header.replace('"CREATE"', '"UPDATE"') })],
        [`position ${entry.position}: missing`, all.filter((_, n) => n !== at)],
        [
          `position ${entry.position}: missing`,
          all.map((text, n) => (n === at ? all[at + 1]! : n === at + 1 ? all[at]! : text)),
        ],
        ['no head covers', all.slice(0, at)],
        ['is no JSON', all.map((text, n) => (n === at ? text.slice(0, 40) : text))],
        ['not signed', all.map((text) => text.replace(/"size":\d+/, '"size":1'))],
      ];
      for (const [message, given] of forgeries) {
        write('forged.ndjson', given);
        const ended = await verify('forged.ndjson');
        expect([message, ended.code]).toEqual([message, 3]);
        expect(ended.out).toContain(message);
      }
    });

    test('without values still proves who did what when, and goes on where an earlier one ended', async () => {
      const heads = lines('log.ndjson')
        .map((text) => JSON.parse(text))
        .filter(({ type }) => type === 'head');
      const first = heads[0].size as number;
      const all = lines('log.ndjson');
      const cut = all.findIndex((text) => JSON.parse(text).type === 'head') + 1;
      await run(['export', '--after', String(first), '--no-values', '--to', file('rest.ndjson')]);
      expect((await verify('rest.ndjson')).code).toBe(0);
      write('both.ndjson', [...all.slice(0, cut), ...lines('rest.ndjson')]);
      expect((await verify('both.ndjson')).code).toBe(0);
      write('gap.ndjson', [...all.slice(0, cut - 2), ...lines('rest.ndjson')]);
      expect((await verify('gap.ndjson')).code).toBe(3);
    });

    test.each(['ndjson', 'ocsf'])('that was interrupted is resumed as %s, and verified as one', async (format) => {
      const [whole, name] = [`whole-${format}.ndjson`, `resumed-${format}.ndjson`];
      const args = ['export', '--format', format];
      expect((await run([...args, '--to', file(whole)])).code).toBe(0);
      const text = readFileSync(file(whole), 'utf8');
      const heads = [...text.matchAll(/^.*"type":"head".*$/gm)];
      const [first, last] = [heads[0]!, heads.at(-1)!];
      // Killed in the middle of an entry, of the last head, and before there was any.
      for (const kept of [first.index + first[0].length + 40, last.index + 30, 90]) {
        rmSync(file(name), { force: true });
        writeFileSync(`${file(name)}.part`, text.slice(0, kept));
        await account();
        await seal();
        expect(await run([...args, '--to', file(name), '--resume'])).toMatchObject({ code: 0, err: '' });
        expect((await verify(name)).code).toBe(0);
        expect(existsSync(`${file(name)}.part`)).toBe(false);
        const positions = [...readFileSync(file(name), 'utf8').matchAll(/"type":"entry","position":(\d+)/g)];
        expect(positions.map(([, position]) => Number(position))).toEqual(positions.map((_, n) => n));
      }
      // What is complete goes on as well, with what was sealed since, or with nothing.
      for (let n = 0; n < 2; n += 1) {
        expect((await run([...args, '--to', file(name), '--resume'])).code).toBe(0);
        expect((await verify(name)).code).toBe(0);
      }
    });

    test('writes over nothing, follows no link, and continues no other log', async () => {
      const before = readFileSync(file('log.ndjson'), 'utf8');
      expect(await run(['export', '--to', file('log.ndjson')])).toMatchObject({
        code: 1,
        err: expect.stringContaining('--resume'),
      });
      expect((await run(['export', '--to', file('log.ndjson'), '--resume', '--format', 'ocsf'])).code).toBe(1);
      write(
        'forked.ndjson',
        before
          .trim()
          .split('\n')
          .map((text) => text.replace(/"root":"../, '"root":"00')),
      );
      expect(await run(['export', '--to', file('forked.ndjson'), '--resume'])).toMatchObject({
        code: 1,
        err: expect.stringContaining('continue'),
      });
      writeFileSync(file('precious'), 'precious');
      symlinkSync(file('precious'), file('linked.part'));
      for (const more of [[], ['--resume']]) {
        expect((await run(['export', '--to', file('linked'), ...more])).code).toBe(1);
      }
      expect(readFileSync(file('precious'), 'utf8')).toBe('precious');
      expect(readFileSync(file('log.ndjson'), 'utf8')).toBe(before);
      expect((await run(['export', '--resume'])).code).toBe(2);
    });

    test('as OCSF events carries the same proof', async () => {
      const ended = await run(['export', '--format', 'ocsf']);
      write('ocsf.ndjson', ended.out.trim().split('\n'));
      expect((await verify('ocsf.ndjson')).code).toBe(0);
      const created = lines('ocsf.ndjson')
        .map((text) => JSON.parse(text))
        .find(({ activity_name }) => activity_name === 'CREATE');
      expect(created).toMatchObject({
        class_uid: 3004,
        category_uid: 3,
        type_uid: 300401,
        activity_id: 1,
        time: expect.any(Number),
        metadata: { version: '1.3.0', product: { name: 'Countersign' }, uid: expect.any(String) },
        entity: { type: expect.any(String), uid: expect.any(String) },
      });
    });

    test('is itself traced', async () => {
      const [row] = await gateway.sql(`select count(*)::int as n from audit_entry where action = 'EXPORT'`);
      expect(row!.n).toBeGreaterThan(1);
    });

    test.each([
      [['verify', '--export', 'x'], 2],
      [['verify', '--key', 'x'], 2],
      [['verify', '--export', 'x', '--key', 'y', '--records'], 2],
      [['verify', '--export', '/nowhere', '--key', '/nowhere'], 1],
      [['export', '--after', 'x'], 2],
      [['export', '--after', '99999999'], 2],
      [['prune'], 2],
      [['witness', '--port', '0', '--key', 'x'], 2],
    ])('%j ends with %i', async (args, code) => {
      expect((await run(args)).code).toBe(code);
    });
  });

  test('tail goes on with what is sealed while it runs', async () => {
    const following = run(['tail', '--seconds', '4']);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const [made] = await account();
    await seal();
    const { code, out } = await following;
    expect(code).toBe(0);
    expect(out).toContain(made!.id);
  });

  test('an export whose reader has enough ends without a word', async () => {
    const harness = path.resolve(__dirname, '../harness/run-from-source.cjs');
    const main = path.resolve(__dirname, '../../src/cli/main.ts');
    const env = { ...process.env, ...settings() };
    const child = spawn(process.execPath, ['--require', harness, main, 'audit', 'export'], { env });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, err]).toEqual([1, '']);
  });

  test('checkpoint seals, signs and anchors what waits', async () => {
    await account();
    const ended = await run(['checkpoint', '-o', 'json']);
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({ queued: 0, alarmed: false });
  });

  describe('retention', () => {
    const days = (n: number) => ({ AUDIT_RETENTION_DAYS: String(n) });

    test('removes values of their age, not headers nor commitments, with a trace, and verify still passes', async () => {
      const past = new Date(Date.now() - 365 * 86_400_000);
      const then = await startTestGateway({ database: gateway.database, root: gateway, now: () => past });
      const [old] = await account(then);
      await then.stop();
      await seal();
      const pruned = await run(['prune', '-o', 'json'], days(180));
      expect([pruned.code, JSON.parse(pruned.out).entries]).toEqual([0, 1]);
      const [entry] = await gateway.sql(`select e.header, v.slots from audit_entry e
        left join audit_value v on v.entry_id = e.id where e.record_id = '${old!.id}'`);
      expect(entry).toEqual({ header: expect.stringContaining('"slots":["createdAt"'), slots: null });
      await seal();
      const verified = await run(['verify', '--records']);
      expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('retention removed the values of 1') });
      expect(verified.out).toMatch(/\d+ fields cannot be/);
      const [trace] = await gateway.sql(`select v.slots from audit_entry e join audit_value v on v.entry_id = e.id
        where v.slots ? 'valuesPrunedBefore'`);
      expect(trace!.slots).toMatchObject({ entries: [null, 1] });
      expect((await run(['prune', '-o', 'json'], days(180))).out).toContain('"entries":0');
    });

    test('takes none that the database was told to keep, and values that went otherwise are found', async () => {
      expect(await run(['prune'], days(30))).toMatchObject({ code: 1, err: expect.stringContaining('90 days') });
      const kept = await gateway.sql('select entry_id, slots::text, salts from audit_value order by entry_id limit 1');
      await gateway.sql(`delete from audit_value where entry_id = '${kept[0]!.entry_id}'`);
      const ended = await run(['verify']);
      expect(ended.code).toBe(3);
      expect(ended.out).toContain(`entry ${kept[0]!.entry_id}: its values are gone, and retention did not remove them`);
      await gateway.sql(`insert into audit_value values ('${kept[0]!.entry_id}', $$${kept[0]!.slots}$$,
        '\\x${(kept[0]!.salts as Buffer).toString('hex')}')`);
      expect((await run(['verify'])).code).toBe(0);
    });
  });

  test('a witness runs as a program of its own, and the gateway is refused what it has not shown to continue', async () => {
    const hook = path.resolve(__dirname, '../harness/run-from-source.cjs');
    const main = path.resolve(__dirname, '../../src/cli/main.ts');
    const args = ['audit', 'witness', '--port', '0', '--state', file('witness.ndjson'), '--key', file('public.pem')];
    const child = spawn(process.execPath, ['--require', hook, main, ...args], { env: { PATH: process.env.PATH } });
    try {
      let said = '';
      const url = await new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (chunk) => {
          said += String(chunk);
          const found = /answers at (\S+);/.exec(said);
          if (found && said.includes('END PUBLIC KEY')) resolve(found[1]!);
        });
        child.stderr.on('data', (chunk) => reject(new Error(String(chunk))));
      });
      writeFileSync(file('witness.pem'), said.slice(said.indexOf('-----BEGIN')));
      const witnessed = { AUDIT_WITNESS_URL: url, AUDIT_WITNESS_KEY_FILE: file('witness.pem') };
      expect((await run(['checkpoint'], witnessed)).code).toBe(0);
      const { head } = (await (await fetch(`${url}/head`)).json()) as { head: { size: number } };
      expect(head.size).toBeGreaterThan(300);
      await account();
      expect((await run(['checkpoint'], witnessed)).code).toBe(0);
      const later = (await (await fetch(`${url}/head`)).json()) as { head: { size: number } };
      expect(later.head.size).toBeGreaterThan(head.size);
    } finally {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    }
  });
});
