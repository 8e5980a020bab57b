import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LogSettings } from './capabilities/audit';
import type { NotifySettings } from './capabilities/notifications';
import type { Limits } from './path/limits';
import { DECLARATIONS, type Declaration, type SettingName } from './settings/declarations';
import { type Purpose, unsafeSettings } from './settings/unsafe-settings';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that can be set, checked; handed to whoever needs it. Nothing else reads the environment. */
export interface Settings {
  readonly mode: 'demo' | 'production';
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly database:
    | { readonly kind: 'embedded' }
    | { readonly kind: 'own'; readonly gatewayUrl: string; readonly ownerUrl?: string };
  readonly keysDatabaseUrl?: string;
  readonly rootSecretFile?: string;
  /** Of the person on whose behalf a command works. */
  readonly commandPassword?: string;
  readonly allowEmbeddedDatabase: boolean;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly continuousCheckMs: number;
  readonly audit: LogSettings & { readonly retentionDays: number };
  readonly notify: NotifySettings;
  /** Opens /metrics. */
  readonly metricsToken?: string;
  /** For sending a request, and for taking up the answer. */
  readonly clientTimeoutMs: number;
  readonly maxConnections: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly limits: Limits;
}

/** Settings that do not hold together. `problems` names every one, not only the first; none shows a secret. */
export class SettingsInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Countersign does not start with these settings:\n${problems.map((line) => `- ${line}`).join('\n')}`);
    this.name = 'SettingsInvalid';
  }
}

/** One line of `countersign config`. */
export interface SettingDescription {
  readonly name: string;
  readonly meaning: string;
  readonly unit?: string;
  readonly default?: string;
  /** What counts now; a secret is only said to be set. */
  readonly value?: string;
  readonly secret: boolean;
}

/**
 * Reads and checks every setting. Throws SettingsInvalid with all problems.
 *
 * `purpose` is `serve` for the gateway and `command` for a command-line tool, which may hold the owner's credentials.
 */
export function readSettings(env: Environment = process.env, purpose: Purpose = 'serve'): Settings {
  const problems: string[] = [];
  const read = <N extends SettingName>(name: N) => readOne(name, env, problems) as Read<N>;
  const required = <N extends SettingName>(name: N) => read(name) as NonNullable<Read<N>>;

  const gatewayUrl = read('DATABASE_URL');
  const ownerUrl = read('DATABASE_OWNER_URL');
  if (ownerUrl && !gatewayUrl) problems.push('DATABASE_OWNER_URL is set, DATABASE_URL is not: it takes both');
  const settings: Settings = {
    mode: required('COUNTERSIGN_MODE'),
    host: required('HOST'),
    port: required('PORT'),
    publicUrl: read('PUBLIC_URL'),
    dataDir: path.resolve(required('DATA_DIR')),
    database: gatewayUrl ? { kind: 'own', gatewayUrl, ownerUrl } : { kind: 'embedded' },
    keysDatabaseUrl: read('KEYS_DATABASE_URL'),
    rootSecretFile: read('ROOT_SECRET_FILE'),
    commandPassword: read('COUNTERSIGN_PASSWORD'),
    allowEmbeddedDatabase: required('ALLOW_EMBEDDED_DATABASE'),
    poolSize: required('DATABASE_POOL_SIZE'),
    statementTimeoutMs: required('STATEMENT_TIMEOUT_MS'),
    continuousCheckMs: required('CONTINUOUS_CHECK_MS'),
    audit: {
      checkpointSeconds: required('AUDIT_CHECKPOINT_SECONDS'),
      tailLimitSeconds: required('AUDIT_TAIL_LIMIT_SECONDS'),
      anchorFile: path.resolve(read('AUDIT_ANCHOR_FILE') ?? path.join(required('DATA_DIR'), 'audit-anchor.ndjson')),
      witnessUrl: read('AUDIT_WITNESS_URL'),
      witnessKeyFile: read('AUDIT_WITNESS_KEY_FILE'),
      retentionDays: required('AUDIT_RETENTION_DAYS'),
    },
    notify: notifySettings(read, required, problems),
    metricsToken: read('METRICS_TOKEN'),
    clientTimeoutMs: required('CLIENT_TIMEOUT_MS'),
    maxConnections: required('MAX_CONNECTIONS'),
    logLevel: required('LOG_LEVEL'),
    limits: {
      bodyBytes: required('MAX_BODY_BYTES'),
      jsonDepth: required('MAX_JSON_DEPTH'),
      documentTokens: required('MAX_TOKENS'),
      selectionDepth: required('MAX_DEPTH'),
      selections: required('MAX_SELECTIONS'),
      aliases: required('MAX_ALIASES'),
      page: required('MAX_PAGE_SIZE'),
      defaultPage: required('DEFAULT_PAGE_SIZE'),
      listValues: required('MAX_LIST_VALUES'),
      changes: required('MAX_CHANGES'),
      cost: required('MAX_COST'),
      concurrentRootFields: required('MAX_CONCURRENT_ROOT_FIELDS'),
      streams: required('MAX_STREAMS'),
      streamsOfOne: required('MAX_STREAMS_PER_USER'),
    },
  };
  // Only well-formed settings can be judged together.
  if (problems.length === 0) problems.push(...unsafeSettings(settings, purpose));
  if (problems.length > 0) throw new SettingsInvalid(problems);
  return settings;
}

/** Every setting with its meaning and what counts now. Secrets are never shown, whether valid or not. */
export function describeSettings(env: Environment = process.env): SettingDescription[] {
  return Object.entries<Declaration>(DECLARATIONS).map(([name, declaration]) => {
    const given = rawText(name, declaration, env, []);
    const value = declaration.secret && given !== undefined ? '(set)' : (given ?? declaration.default);
    const { meaning, unit } = declaration;
    return { name, meaning, unit, default: declaration.default, value, secret: declaration.secret === true };
  });
}

function notifySettings(
  read: <N extends SettingName>(name: N) => Read<N>,
  required: <N extends SettingName>(name: N) => NonNullable<Read<N>>,
  problems: string[],
): NotifySettings {
  const [smtp, from, webhook] = [read('NOTIFY_SMTP_URL'), read('NOTIFY_FROM'), read('NOTIFY_WEBHOOK_URL')];
  if (smtp && !from) problems.push('NOTIFY_SMTP_URL is set, NOTIFY_FROM is not: mails come from an address');
  const calls = webhook && required('NOTIFY_WEBHOOK') ? webhook : null;
  return {
    log: required('NOTIFY_LOG'),
    smtp: smtp && from ? { url: smtp, from } : null,
    webhook: calls ? { url: calls } : null,
    webhookKey: required('NOTIFY_WEBHOOK_KEY'),
    pollMs: required('NOTIFY_POLL_MS'),
  };
}

type Read<N extends SettingName> = (typeof DECLARATIONS)[N]['schema']['_output'] | undefined;

function readOne(name: SettingName, env: Environment, problems: string[]): unknown {
  const declaration: Declaration = DECLARATIONS[name];
  const given = rawText(name, declaration, env, problems) ?? declaration.default;
  if (given === undefined) return undefined;
  const result = declaration.schema.safeParse(given);
  if (result.success) return result.data;
  // What was given may hold a password, so a secret is never quoted back.
  const quoted = declaration.secret ? '' : ` (it is "${given}")`;
  problems.push(`${name} ${result.error.issues[0]?.message}${quoted}`);
  return declaration.default === undefined ? undefined : declaration.schema.parse(declaration.default);
}

/** The text of a setting, from the environment or from the file that `<NAME>_FILE` names. Empty counts as absent. */
function rawText(name: string, { secret }: Declaration, env: Environment, problems: string[]): string | undefined {
  const given = env[name] || undefined;
  const file = (secret && env[`${name}_FILE`]) || undefined;
  if (file === undefined) return given;
  if (given !== undefined) {
    problems.push(`${name} and ${name}_FILE are both set: it takes one of them`);
    return given;
  }
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    problems.push(`${name}_FILE ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}
