import { Client, type ClientConfig, Pool, type PoolConfig, types } from 'pg';

/** The schema that holds every table of ours. */
export const SCHEMA = 'countersign';

const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000;

export interface ConnectionOptions {
  /** postgres://role:password@host:port/database */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** The server ends a statement that runs longer, in milliseconds; 0 for never. */
  readonly statementTimeoutMs?: number;
  /** Further settings of the session. */
  readonly session?: Readonly<Record<string, string>>;
}

export interface PoolOptions extends ConnectionOptions {
  /** Most connections at a time; 10 when left out. */
  readonly max?: number;
  /** A connection is replaced after so many statements, which ends the statements that it has prepared; never by default. */
  readonly maxUses?: number;
  /** Told about a connection that broke while idle. Without a listener such an error would end the process. */
  readonly onError: (error: Error) => void;
}

/**
 * A pool whose sessions all speak alike: our schema only, UTC, ISO dates, no JIT, bounded statements.
 *
 * The settings travel in the connection's start-up packet, so they hold from the first statement on and cost no round
 * trip. Numbers with a scale, whole numbers of 64 bits and points in time arrive as the text that PostgreSQL writes.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({
    ...connectionConfig(options),
    ...(options.max ? { max: options.max } : {}),
    ...(options.maxUses ? { maxUses: options.maxUses } : {}),
  });
  pool.on('error', options.onError);
  return pool;
}

/** What pg, and TypeORM through `extra`, need in order to open such a session. */
export function connectionConfig(options: ConnectionOptions): ClientConfig & PoolConfig {
  const session = {
    search_path: SCHEMA,
    timezone: 'UTC',
    datestyle: 'ISO',
    intervalstyle: 'iso_8601',
    extra_float_digits: '1',
    jit: 'off',
    // Billing data are read by index from memory or solid-state disks; the default is that of a spinning disk.
    random_page_cost: '1.1',
    statement_timeout: String(options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS),
    ...options.session,
  };
  const { url, options: given } = withoutOptions(options.url);
  const ours = Object.entries(session).map(([name, value]) => `-c ${name}=${escapeOption(value)}`);
  return {
    connectionString: url,
    application_name: options.applicationName,
    options: [...given, ...ours].join(' '),
    connectionTimeoutMillis: 10_000,
    types: exactTypes,
    Client: HeardClient,
  };
}

/**
 * A connection whose errors are always heard by somebody. Pools listen only while it is idle, and whoever borrows it may stop
 * listening before it is given back: an error that nobody hears would end the process. The next statement fails, so nothing
 * goes unnoticed.
 */
class HeardClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** The role that a database URL signs in as. */
export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

/** pg lets `?options=` in the URL win over ours, so both are joined; ours come last and hold. */
function withoutOptions(text: string): { url: string; options: string[] } {
  const url = new URL(text);
  const options = url.searchParams.getAll('options');
  if (options.length === 0) return { url: text, options };
  url.searchParams.delete('options');
  return { url: url.href, options };
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\\\s]/g, '\\$&');
}

/**
 * The types that a JavaScript value would round, shift or reorder; by OID, arrays beside their element. Their text is
 * kept. Of the rest, pg leaves 64-bit numbers and decimals as text by itself.
 */
const KEPT_AS_TEXT = new Set<number>([types.builtins.DATE, types.builtins.TIMESTAMP, types.builtins.TIMESTAMPTZ]);
const ARRAYS_OF_TEXT = new Set<number>([1182, 1115, 1185, 1231, 1016]);
const TEXT_ARRAY = 1009;

const exactTypes = {
  // pg declares its parsers without a type.
  // biome-ignore lint/suspicious/noExplicitAny: pg's own declaration of this function
  getTypeParser: (oid: number, format?: any): any => {
    if (format !== 'binary' && KEPT_AS_TEXT.has(oid)) return (text: string) => text;
    return types.getTypeParser(format !== 'binary' && ARRAYS_OF_TEXT.has(oid) ? TEXT_ARRAY : oid, format);
  },
};
