import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { GatewayProcess } from '../harness/gateway-process';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

/* The program as a process: started twice, started wrongly, stopped, killed, left without a database. */
describe('The gateway as a process', () => {
  let home: TestGateway;
  let ledger: SampleLedger;
  const folders: string[] = [];
  const processes: GatewayProcess[] = [];

  beforeAll(async () => {
    home = await startTestGateway();
    ledger = await sampleLedger(home);
  });
  afterAll(async () => {
    for (const started of processes) started.kill('SIGKILL');
    await Promise.all(processes.map(({ ended }) => ended));
    for (const made of folders) rmSync(made, { recursive: true, force: true });
    await home?.stop();
  });

  const folder = () => {
    const made = mkdtempSync(path.join(tmpdir(), 'countersign-start-'));
    folders.push(made);
    return made;
  };
  const rootSecret = () => path.join(home.dataDir, 'root-secret');
  const start = (env: Record<string, string> = {}, prelude = ''): GatewayProcess => {
    const made = new GatewayProcess(
      { DATABASE_URL: home.database.gatewayUrl, ROOT_SECRET_FILE: rootSecret(), DATA_DIR: folder(), ...env },
      prelude,
    );
    processes.push(made);
    return made;
  };
  const status = (url: string) =>
    fetch(url).then(
      (response) => response.status,
      () => 0,
    );
  const UPDATE = `mutation ($id: ID!, $version: Int!, $input: ContactUpdateInput!) {
    updateContact(id: $id, expectedVersion: $version, input: $input) { contact { version } userErrors { code } }
  }`;
  const ask = (url: string, query: string, variables: unknown = {}, token = ledger.admin.token, agent?: Agent) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = request(`${url}/graphql`, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      });
      sent.on('response', (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, text }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ query, variables }));
    });

  describe('says in a line why it does not start', () => {
    const oneLine = (output: string) => {
      expect(output.trim().split('\n')).toHaveLength(1);
      expect(output).not.toMatch(/\bat .*\.(ts|js):\d|\[object|Fault/);
    };

    test('without the root secret that the database was made with, and makes no other', async () => {
      const dataDir = folder();
      const started = start({ DATA_DIR: dataDir, ROOT_SECRET_FILE: '' });
      expect(await started.ended).toBe(1);
      oneLine(started.output);
      expect(started.output).toContain(path.join(dataDir, 'root-secret'));
      expect(existsSync(path.join(dataDir, 'root-secret'))).toBe(false);
    });

    test('with a root secret of another database', async () => {
      const other = path.join(folder(), 'root-secret');
      writeFileSync(other, `countersign-root-1:${Buffer.alloc(32, 7).toString('base64url')}\n`, { mode: 0o600 });
      const started = start({ ROOT_SECRET_FILE: other });
      expect(await started.ended).toBe(1);
      oneLine(started.output);
      expect(started.output).toContain(other);
    });

    test('with a root secret that others can read', async () => {
      const open = path.join(folder(), 'root-secret');
      copyFileSync(rootSecret(), open);
      const started = start({ ROOT_SECRET_FILE: open }, `chmod 644 ${open}; `);
      expect(await started.ended).toBe(1);
      oneLine(started.output);
      expect(started.output).toContain('chmod 600');
    });

    test('when another program has its address', async () => {
      const stranger = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => stranger.once('listening', resolve));
      const started = start({ PORT: String((stranger.address() as AddressInfo).port) });
      expect(await started.ended).toBe(1);
      stranger.close();
      oneLine(started.output);
      expect(started.output).toContain('in use');
    });

    test('when it cannot keep anything in its folder', async () => {
      const file = path.join(folder(), 'a-file');
      writeFileSync(file, '');
      const started = start({ DATA_DIR: path.join(file, 'data'), DATABASE_URL: '' });
      expect(await started.ended).toBe(1);
      oneLine(started.output);
      expect(started.output).toContain('DATA_DIR');
    });

    test('when the database does not know its password', async () => {
      const url = new URL(home.database.gatewayUrl);
      url.password = 'hush-hush';
      const started = start({ DATABASE_URL: url.href });
      expect(await started.ended).toBe(1);
      oneLine(started.output);
      expect(started.output).not.toContain('hush-hush');
    });
  });

  describe('stops in order', () => {
    test('a change that is under way is finished and answered, whoever keeps asking on an open connection', async () => {
      const [contact] = await home.sql('select id, version from contact limit 1');
      const started = start();
      const url = await started.url();
      const blocker = new Client({ connectionString: home.database.adminUrl, options: '-c search_path=countersign' });
      await blocker.connect();
      await blocker.query('begin');
      await blocker.query('select 1 from contact where id = $1 for update', [contact!.id]);
      const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });
      let asking = true;
      const pest = (async () => {
        while (asking) await ask(url, '{ viewer { id } }', {}, ledger.analyst.token, keepAlive).catch(() => undefined);
      })();
      const change = ask(url, UPDATE, { id: contact!.id, version: contact!.version, input: { phone: '+1 stopping' } });
      await new Promise((resolve) => setTimeout(resolve, 500));
      started.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await status(`${url}/livez`)).toBe(0);
      await blocker.query('commit');
      await blocker.end();
      const answer = await change;
      expect(JSON.parse(answer.text).data.updateContact.userErrors).toEqual([]);
      const began = Date.now();
      expect(await started.ended).toBe(0);
      expect(Date.now() - began).toBeLessThan(4_000);
      asking = false;
      await pest;
      keepAlive.destroy();
      expect(started.output).not.toContain('"level":50');
    });

    test('connections without end do not end it', async () => {
      const started = start({}, 'ulimit -n 120; ');
      const url = new URL(await started.url());
      const sockets: Socket[] = [];
      for (let i = 0; i < 300; i += 1) {
        const socket = connect(Number(url.port), url.hostname);
        socket.on('error', () => undefined);
        sockets.push(socket);
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      for (const socket of sockets) socket.destroy();
      for (let i = 0; i < 40 && (await status(`${url.origin}/readyz`)) !== 200; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      expect(await status(`${url.origin}/readyz`)).toBe(200);
      started.kill('SIGTERM');
      expect(await started.ended).toBe(0);
    });
  });

  describe('without its database', () => {
    /** The way to the database, which can be cut. */
    class Way {
      private readonly open = new Set<Socket>();
      private server: NetServer | null = null;
      port = 0;

      async join(): Promise<void> {
        const to = new URL(home.database.gatewayUrl);
        this.server = createNetServer((near) => {
          const far = connect(Number(to.port), to.hostname);
          for (const socket of [near, far]) {
            this.open.add(socket);
            socket.on('error', () => undefined);
            socket.on('close', () => {
              near.destroy();
              far.destroy();
            });
          }
          near.pipe(far).pipe(near);
        });
        this.server.listen(this.port, '127.0.0.1');
        await new Promise((resolve) => this.server!.once('listening', resolve));
        this.port = (this.server.address() as AddressInfo).port;
      }

      async cut(): Promise<void> {
        const closed = new Promise((resolve) => this.server!.close(resolve));
        for (const socket of this.open) socket.destroy();
        this.open.clear();
        await closed;
      }

      get url(): string {
        const url = new URL(home.database.gatewayUrl);
        url.hostname = '127.0.0.1';
        url.port = String(this.port);
        return url.href;
      }
    }
    const becomes = async (url: string, wanted: number) => {
      for (let i = 0; i < 100 && (await status(url)) !== wanted; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect([url, await status(url)]).toEqual([url, wanted]);
    };
    const freePort = async () => {
      const probe = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => probe.once('listening', resolve));
      const { port } = probe.address() as AddressInfo;
      await new Promise((resolve) => probe.close(resolve));
      return port;
    };

    test('it waits at the start, says so, and serves once it is there; later on it closes and opens by itself', async () => {
      const way = new Way();
      await way.join();
      await way.cut();
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const started = start({ DATABASE_URL: way.url, PORT: String(port) });
      await becomes(`${url}/livez`, 200);
      expect(await status(`${url}/readyz`)).toBe(503);
      const early = await ask(url, '{ viewer { id } }');
      expect(early.status).toBe(503);
      expect(JSON.parse(early.text).errors[0].extensions).toMatchObject({
        code: 'POLICY_UNAVAILABLE',
        requestId: expect.stringMatching(/^.{36}$/),
        decisionId: expect.any(String),
      });

      await way.join();
      await becomes(`${url}/readyz`, 200);
      expect((await ask(url, '{ viewer { name } }')).text).toContain('Ada Min');

      await way.cut();
      await becomes(`${url}/readyz`, 503);
      expect(await status(`${url}/livez`)).toBe(200);
      expect((await ask(url, '{ accounts { totalCount } }')).text).toContain('"code":"POLICY_UNAVAILABLE"');
      const write = 'mutation { createProduct(input: { name: "n", code: "none" }) { userErrors { code } } }';
      expect((await ask(url, write)).text).toContain('"code":"POLICY_UNAVAILABLE"');
      await way.join();
      await becomes(`${url}/readyz`, 200);
      expect((await ask(url, write)).text).toContain('"userErrors":[]');

      // As when the server is restarted in the middle of work.
      await home.sql(`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
        and datname = current_database() and usename <> current_user`);
      await becomes(`${url}/readyz`, 200);
      expect((await ask(url, '{ accounts { totalCount } }')).text).toContain('"totalCount":12');
      started.kill('SIGTERM');
      expect(await started.ended).toBe(0);
      await way.cut();
    });

    test('it can be told to stop while it waits', async () => {
      const port = await freePort();
      const started = start({ DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/none` });
      await started.says(/waiting for the database/);
      started.kill('SIGTERM');
      expect(await started.ended).toBe(0);
    });
  });

  test('killed under a load of writes it leaves every record with its traces, and starts again', async () => {
    const contacts = await home.sql('select id from contact limit 8');
    const started = start();
    const url = await started.url();
    let done = 0;
    const writers = contacts.map(async ({ id }) => {
      try {
        for (let n = 0; ; n += 1) {
          const [row] = await home.sql(`select version from contact where id = '${id}'`);
          const changes = [
            { updateContact: { id, expectedVersion: row!.version, input: { phone: `+${n}` } } },
            { createProduct: { input: { name: `of ${id} ${n}`, code: `c-${id}-${n}` } } },
          ];
          await ask(
            url,
            'mutation ($changes: [ChangeInput!]!) { applyChangeSet(changes: $changes) { userErrors { code } } }',
            { changes },
          );
          done += 1;
        }
      } catch {
        // The connection went with the process.
      }
    });
    while (done < 40) await new Promise((resolve) => setTimeout(resolve, 10));
    started.kill('SIGKILL');
    expect(await started.ended).toBe('SIGKILL');
    await Promise.all(writers);
    const broken = await home.sql(`
      select 'contact' as what, c.id from contact c
        where c.version <> (select count(*) from audit_entry e where e.record_id = c.id)
      union all select 'product', p.id from product p
        where p.version <> (select count(*) from audit_entry e where e.record_id = p.id)
      union all select 'half a set', c.id from contact c
        where (select count(*) from product p where p.code like 'c-' || c.id || '-%')
          <> (select count(*) from audit_entry e join audit_value v on v.entry_id = e.id
            where e.record_id = c.id and e.action = 'UPDATE' and v.slots->'phone'->>1 ~ '^[+][0-9]+$')
      union all select 'entry without values, or in neither queue nor log', e.id from audit_entry e
        where e.record_id is not null and e.action <> 'SYSTEM'
          and (not exists (select from audit_value v where v.entry_id = e.id)
            or not exists (select from audit_unsealed u where u.entry_id = e.id union all
              select from audit_leaf l where l.entry_id = e.id))`);
    expect(broken).toEqual([]);
    const again = start();
    expect(await status(`${await again.url()}/readyz`)).toBe(200);
  });
});
