import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { builtinCatalogue, type Catalogue } from '@countersign/schema';
import { Client } from 'pg';
import type { Logger } from 'pino';
import { storePassword } from '../../src/capabilities/identity/store-password';
import { type Core, type Gateway, openCore, serve } from '../../src/compose';
import { createLog } from '../../src/log';
import { applyChanges } from '../../src/path/write-path';
import type { ChangedRecord, GivenChange } from '../../src/records/change';
import { installationUnder } from '../../src/records/installation';
import { readSettings } from '../../src/settings';
import { startOracleFromSource } from './oracle-from-source';
import { createTestDatabase, type TestDatabase } from './test-database';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
    data?: any;
    errors?: { message: string; path?: (string | number)[]; extensions: Record<string, string> & { code: string } }[];
    extensions?: Record<string, unknown>;
  };
}

export interface TestPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly personId: string;
  readonly userId: string;
  readonly token: string;
}

export interface NewTestPerson {
  readonly name: string;
  readonly audience: 'STAFF' | 'PORTAL';
  readonly roles?: readonly string[];
  /** Ids of sharing groups. */
  readonly groups?: readonly string[];
  readonly accountId?: string;
  readonly region?: string;
}

/** One permission line as a person would say it. */
export interface TestLine {
  readonly role: string;
  readonly object: string;
  /** Left out for actions on whole records. */
  readonly field?: string;
  readonly action: string;
  readonly effect?: 'ALLOW' | 'DENY';
}

export interface TestGatewayOptions {
  /** A database that another gateway serves from already. */
  readonly database?: TestDatabase;
  /** The gateway whose root secret this one shares, as replicas do. */
  readonly root?: TestGateway;
  readonly catalogue?: Catalogue;
  /** Settings by their names in the environment. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
  readonly log?: Logger;
  /** Does something to the thread of the continuous check before it is used. */
  readonly onOracle?: (worker: Worker) => void;
}

/** A gateway on a database of its own, over real HTTP, with the means to fill it. */
export class TestGateway {
  private people = 0;

  constructor(
    readonly core: Core,
    readonly gateway: Gateway,
    readonly database: TestDatabase,
    readonly catalogue: Catalogue,
    readonly dataDir: string,
    private readonly ownsDatabase: boolean,
  ) {}

  get url(): string {
    return this.gateway.url;
  }

  get outbox(): Gateway['outbox'] {
    return this.gateway.outbox;
  }

  async ask(
    token: string | null,
    query: string,
    variables?: unknown,
    more: Record<string, unknown> = {},
  ): Promise<Answer> {
    return this.post(token, JSON.stringify({ query, variables, ...more }));
  }

  /** Posts a body as it is. */
  async post(token: string | null, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body,
    });
    const text = await response.text();
    let parsed: Answer['body'] = {};
    try {
      parsed = JSON.parse(text);
    } catch {
      // The test looks at the text.
    }
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  async get(address: string, token: string | null): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.url}${address}`, {
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    return { status: response.status, text: await response.text() };
  }

  signIn(email: string, password: string): Promise<Answer> {
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken expiresAt } }';
    return this.ask(null, query, { input: { email, password } });
  }

  /** Applies changes as the installation. Throws when one is refused. */
  async install(changes: readonly GivenChange[]): Promise<readonly ChangedRecord[]> {
    const under = installationUnder(await this.core.snapshots.refresh());
    const outcome = await applyChanges(this.core.writes, under, { requestId: null, now: this.core.now() }, changes);
    if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.userErrors));
    return outcome.records;
  }

  /** The records of a new role with its lines. */
  roleRecords(name: string, lines: readonly Omit<TestLine, 'role'>[] = []): GivenChange[] {
    const role: GivenChange = { verb: 'create', object: 'Role', as: name, input: { name } };
    return [role, ...lines.map((line) => lineRecord(`@${name}`, line))];
  }

  /** The records of further lines of roles that exist. */
  async lines(lines: readonly TestLine[]): Promise<void> {
    const ids = await this.roleIds();
    await this.install(lines.map((line) => lineRecord(ids.get(line.role)!, line)));
  }

  async roleIds(): Promise<Map<string, string>> {
    const { rows } = await this.core.database.pool.query<{ id: string; name: string }>('select id, name from role');
    return new Map(rows.map(({ id, name }) => [name, id]));
  }

  /** A person with a user, a password and a token. */
  async person(person: NewTestPerson): Promise<TestPerson> {
    this.people += 1;
    const email = `${person.name.toLowerCase().replace(/[^a-z]+/g, '.')}.${this.people}@example.com`;
    const password = `correct horse battery ${this.people}`;
    const ids = person.roles?.length ? await this.roleIds() : new Map<string, string>();
    const records = await this.install([
      { verb: 'create', object: 'Person', as: 'person', input: { fullName: person.name, email } },
      {
        verb: 'create',
        object: 'User',
        as: 'user',
        input: {
          personId: '@person',
          email,
          audience: person.audience,
          ...(person.accountId ? { accountId: person.accountId } : {}),
          ...(person.region ? { region: person.region } : {}),
        },
      },
      ...(person.roles ?? []).map((role): GivenChange => {
        return { verb: 'create', object: 'RoleAssignment', input: { roleId: ids.get(role), userId: '@user' } };
      }),
      ...(person.groups ?? []).map((groupId): GivenChange => {
        return { verb: 'create', object: 'SharingMember', input: { groupId, userId: '@user' } };
      }),
    ]);
    const idOf = (object: string) => records.find((record) => record.object === object)!.id;
    const { core } = this;
    const made = { name: person.name, email, password, personId: idOf('Person'), userId: idOf('User') };
    await storePassword(core.database.pool, core.macKeys.rows, made.userId, password, core.now());
    return { ...made, token: await this.tokenOf(made.userId) };
  }

  /** A token as signing in would give it, without the hashing. */
  async tokenOf(userId: string): Promise<string> {
    const { token } = await this.core.tokens.issue({ subject: userId, expiresInSeconds: 3_600 }, this.core.now());
    return token;
  }

  async revokeRoles({ userId }: { readonly userId: string }): Promise<void> {
    const { rows } = await this.core.database.pool.query<{ id: string }>(
      'select id from role_assignment where user_id = $1',
      [userId],
    );
    await this.install(rows.map(({ id }) => ({ verb: 'delete', object: 'RoleAssignment', id })));
  }

  /** Runs SQL as the server's superuser: an intruder, or a DBA. */
  async sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.database.adminUrl, options: '-c search_path=countersign' });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    await this.core.close();
    if (this.ownsDatabase) await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

function lineRecord(roleId: string, { object, field, action, effect = 'ALLOW' }: Omit<TestLine, 'role'>): GivenChange {
  const common = { roleId, objectName: object, action, effect };
  return field === undefined
    ? { verb: 'create', object: 'ObjectPermission', input: common }
    : { verb: 'create', object: 'FieldPermission', input: { ...common, fieldName: field } };
}

export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const database = options.database ?? (await createTestDatabase());
  const dataDir = await mkdtemp(path.join(tmpdir(), 'countersign-gateway-'));
  const settings = readSettings({
    DATA_DIR: dataDir,
    DATABASE_URL: database.gatewayUrl,
    PORT: '0',
    LOG_LEVEL: 'silent',
    // A thread for every gateway of every test is more than two cores can take.
    CONTINUOUS_CHECK_MS: '0',
    ...(options.root ? { ROOT_SECRET_FILE: path.join(options.root.dataDir, 'root-secret') } : {}),
    ...options.settings,
  });
  const catalogue = options.catalogue ?? builtinCatalogue();
  const core = await openCore(settings, {
    log: options.log ?? createLog(settings.logLevel),
    catalogue,
    startOracle() {
      const worker = startOracleFromSource();
      options.onOracle?.(worker);
      return worker;
    },
    ...(options.now ? { now: options.now } : {}),
  });
  const gateway = await serve(core);
  return new TestGateway(core, gateway, database, catalogue, dataDir, options.database === undefined);
}
