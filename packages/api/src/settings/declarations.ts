import { z } from 'zod';

/** One setting: what it is called, what it means, and how its text is understood. */
export interface Declaration<T = unknown> {
  readonly meaning: string;
  /** The text that counts when the setting is absent; none: the setting may be absent. */
  readonly default?: string;
  readonly unit?: string;
  /** Never shown, and also read from the file that `<NAME>_FILE` names. */
  readonly secret?: true;
  readonly schema: z.ZodType<T, string>;
}

const text = z.string();

const postgresUrl = z.string().refine(isPostgresUrl, 'must look like postgres://role:password@host:port/database');

const webUrl = z
  .string()
  .refine((value) => /^https?:\/\/[^/?#@]+\/?$/.test(value) && URL.canParse(value), 'must be an origin: https://host')
  .transform((value) => new URL(value).origin);

const mailUrl = z
  .string()
  .refine(
    (value) => /^smtps?:\/\/[^/?#]+\/?$/.test(value) && URL.canParse(value),
    'must look like smtp://user:password@host:587',
  );

const mailAddress = z.string().regex(/^[^\s,;:<>()[\]"\\@]+@[^\s,;:<>()[\]"\\@]+$/, 'must be one address: name@host');

const callUrl = z
  .string()
  .refine(
    (value) => /^https?:\/\/[^@#]+$/.test(value) && URL.canParse(value),
    'must be an address: https://host/path, without a user',
  );

const yesOrNo = z.enum(['yes', 'no'], 'must be yes or no').transform((value) => value === 'yes');

function whole(min: number, max: number) {
  return z
    .string()
    .refine((value) => /^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

function isPostgresUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^postgres(ql)?:$/.test(url.protocol) && url.username !== '' && url.pathname.length > 1;
}

function declare<T extends Record<string, Declaration>>(declarations: T): T {
  return declarations;
}

/** Every setting there is, in the order in which `countersign config` lists them. */
export const DECLARATIONS = declare({
  COUNTERSIGN_MODE: {
    meaning: 'demo: example data and people, loopback only; production: unsafe settings stop the start',
    default: 'demo',
    schema: oneOf(['demo', 'production']),
  },
  HOST: { meaning: 'Address to listen on', default: '127.0.0.1', schema: text },
  PORT: { meaning: 'Port to listen on; 0 takes any free one', default: '4000', schema: whole(0, 65_535) },
  PUBLIC_URL: { meaning: 'Origin under which callers reach the gateway', schema: webUrl },
  DATA_DIR: { meaning: 'Folder for everything the gateway keeps on this machine', default: '.data', schema: text },
  DATABASE_URL: {
    meaning: "PostgreSQL for the data, with the gateway's role; without it an embedded one runs in DATA_DIR",
    secret: true,
    schema: postgresUrl,
  },
  DATABASE_OWNER_URL: {
    meaning: 'The same database with the role that owns the schema; needed for migrations only',
    secret: true,
    schema: postgresUrl,
  },
  KEYS_DATABASE_URL: {
    meaning: 'PostgreSQL for the key ledger: another database, outside every data backup',
    secret: true,
    schema: postgresUrl,
  },
  ROOT_SECRET_FILE: {
    meaning: "File with the root of the gateway's own secrets; without it one is made in DATA_DIR",
    schema: text,
  },
  COUNTERSIGN_PASSWORD: {
    meaning: 'Password of the person on whose behalf a command works; the gateway does not look at it',
    secret: true,
    schema: text,
  },
  ALLOW_EMBEDDED_DATABASE: {
    meaning: 'Lets production run on the embedded PostgreSQL',
    default: 'no',
    schema: yesOrNo,
  },
  DATABASE_POOL_SIZE: {
    meaning: 'Most database connections at a time',
    default: '10',
    unit: 'connections',
    schema: whole(2, 1_000),
  },
  STATEMENT_TIMEOUT_MS: {
    meaning: 'The database ends a statement that runs longer; 0 never',
    default: '10000',
    unit: 'ms',
    schema: whole(0, 3_600_000),
  },
  CONTINUOUS_CHECK_MS: {
    meaning:
      'How often a decision that was just used is put to the full Casbin enforcer, in a thread of its own; 0 never',
    default: '1000',
    unit: 'ms',
    schema: whole(0, 3_600_000),
  },
  AUDIT_CHECKPOINT_SECONDS: {
    meaning: 'The audit log is sealed, signed and anchored so often',
    default: '5',
    unit: 's',
    schema: whole(1, 3_600),
  },
  AUDIT_TAIL_LIMIT_SECONDS: {
    meaning: 'Changes and reads of protected values stop while an audit entry has waited longer for its anchors',
    default: '300',
    unit: 's',
    schema: whole(1, 86_400),
  },
  AUDIT_ANCHOR_FILE: {
    meaning: 'File that remembers the heads of the audit log; without it audit-anchor.ndjson in DATA_DIR',
    schema: text,
  },
  AUDIT_WITNESS_URL: { meaning: 'Origin of a witness that counter-signs the heads of the audit log', schema: webUrl },
  AUDIT_WITNESS_KEY_FILE: {
    meaning: 'File with the public key of that witness, in PEM form',
    schema: text,
  },
  AUDIT_RETENTION_DAYS: {
    meaning: '`audit prune` removes old and new values of entries that are older; 0 keeps them for ever',
    default: '0',
    unit: 'days',
    schema: whole(0, 36_500),
  },
  NOTIFY_LOG: {
    meaning: "Writes a line into the gateway's log for each thing that happens to a pending change",
    default: 'yes',
    schema: yesOrNo,
  },
  NOTIFY_SMTP_URL: {
    meaning: 'Mail server for notifications: smtp://user:password@host:587, or smtps://; without one no mails are sent',
    secret: true,
    schema: mailUrl,
  },
  NOTIFY_FROM: { meaning: 'Address that mails come from', schema: mailAddress },
  NOTIFY_WEBHOOK_URL: {
    meaning: 'Address to which notifications are posted, signed as Standard Webhooks are',
    secret: true,
    schema: callUrl,
  },
  NOTIFY_WEBHOOK: {
    meaning: 'Posts to NOTIFY_WEBHOOK_URL; no keeps quiet for a while',
    default: 'yes',
    schema: yesOrNo,
  },
  NOTIFY_WEBHOOK_KEY: {
    meaning: 'Number of the key that signs webhooks; the next number is another key, and the one before signs as well',
    default: '1',
    schema: whole(1, 9_999),
  },
  NOTIFY_POLL_MS: {
    meaning: 'How often the outbox is looked into when nothing has called for it',
    default: '5000',
    unit: 'ms',
    schema: whole(100, 600_000),
  },
  METRICS_TOKEN: {
    meaning: 'Bearer token that opens /metrics; without one only a demo shows them',
    secret: true,
    schema: text,
  },
  CLIENT_TIMEOUT_MS: {
    meaning: 'How long a client may take to send a request, or to take up more of its answer',
    default: '20000',
    unit: 'ms',
    schema: whole(500, 600_000),
  },
  MAX_CONNECTIONS: {
    meaning: 'Most connections of clients at a time; more are closed at once',
    default: '5000',
    unit: 'connections',
    schema: whole(10, 100_000),
  },
  LOG_LEVEL: {
    meaning: 'Least important log line that is written',
    default: 'info',
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
  },
  MAX_BODY_BYTES: {
    meaning: 'Largest request body',
    default: '1048576',
    unit: 'bytes',
    schema: whole(1_024, 64 * 1024 * 1024),
  },
  MAX_JSON_DEPTH: {
    meaning: 'Deepest nesting of a request body',
    default: '32',
    unit: 'levels',
    schema: whole(4, 200),
  },
  MAX_TOKENS: {
    meaning: 'Longest GraphQL document',
    default: '10000',
    unit: 'tokens',
    schema: whole(100, 1_000_000),
  },
  MAX_DEPTH: { meaning: 'Deepest GraphQL document', default: '15', unit: 'levels', schema: whole(3, 100) },
  MAX_SELECTIONS: {
    meaning: 'Most fields selected, fragments written out',
    default: '2000',
    unit: 'fields',
    schema: whole(10, 100_000),
  },
  MAX_ALIASES: { meaning: 'Most aliases in a document', default: '100', unit: 'aliases', schema: whole(0, 10_000) },
  MAX_PAGE_SIZE: { meaning: 'Most records in one page', default: '100', unit: 'records', schema: whole(1, 10_000) },
  DEFAULT_PAGE_SIZE: {
    meaning: 'Records in a page whose size was not said',
    default: '20',
    unit: 'records',
    schema: whole(1, 10_000),
  },
  MAX_LIST_VALUES: {
    meaning: 'Most values in one list of a filter',
    default: '1000',
    unit: 'values',
    schema: whole(1, 100_000),
  },
  MAX_CHANGES: {
    meaning: 'Most changes in one change set that comes as a mutation',
    default: '1000',
    unit: 'changes',
    schema: whole(1, 100_000),
  },
  MAX_COST: {
    meaning: 'Most expensive document: records it may return times the fields of each',
    default: '100000',
    unit: 'values',
    schema: whole(100, 100_000_000),
  },
  MAX_CONCURRENT_ROOT_FIELDS: {
    meaning: 'Root fields of one request that are read at the same time',
    default: '4',
    unit: 'fields',
    schema: whole(1, 64),
  },
  MAX_STREAMS: {
    meaning: 'Streams of live updates that are open at a time',
    default: '200',
    unit: 'streams',
    schema: whole(0, 10_000),
  },
  MAX_STREAMS_PER_USER: {
    meaning: 'Streams of live updates that one user may have open at a time',
    default: '5',
    unit: 'streams',
    schema: whole(1, 1_000),
  },
});

export type SettingName = keyof typeof DECLARATIONS;
