import type { Settings } from '../settings';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** What the settings are read for: only the serving process must not hold the owner's credentials. */
export type Purpose = 'serve' | 'command';

/** Combinations that are well-formed but must not start; one line each, with the way out. */
export function unsafeSettings(settings: Settings, purpose: Purpose): string[] {
  return [...contradictions(settings), ...(settings.mode === 'demo' ? demo(settings) : production(settings, purpose))];
}

function contradictions({ database, keysDatabaseUrl, limits, audit }: Settings): string[] {
  const problems: string[] = [];
  if (audit.checkpointSeconds >= audit.tailLimitSeconds) {
    problems.push(
      'AUDIT_CHECKPOINT_SECONDS must be below AUDIT_TAIL_LIMIT_SECONDS: else every pause closes the gateway',
    );
  }
  if (audit.witnessKeyFile && !audit.witnessUrl)
    problems.push('AUDIT_WITNESS_KEY_FILE is set, AUDIT_WITNESS_URL is not');
  if (limits.defaultPage > limits.page) problems.push('DEFAULT_PAGE_SIZE is above MAX_PAGE_SIZE');
  if (database.kind === 'own' && database.ownerUrl && place(database.ownerUrl) !== place(database.gatewayUrl)) {
    problems.push('DATABASE_OWNER_URL and DATABASE_URL must name the same database on the same server');
  }
  if (database.kind === 'own' && keysDatabaseUrl && place(keysDatabaseUrl) === place(database.gatewayUrl)) {
    problems.push('KEYS_DATABASE_URL must name another database than DATABASE_URL: a data backup may hold no keys');
  }
  return problems;
}

function demo({ host }: Settings): string[] {
  if (LOOPBACK.test(host)) return [];
  return [`HOST ${host} is open to the network, and COUNTERSIGN_MODE is demo: a demo listens on loopback only`];
}

function production(settings: Settings, purpose: Purpose): string[] {
  const { database, host, publicUrl, rootSecretFile, allowEmbeddedDatabase } = settings;
  const problems: string[] = [];
  if (!rootSecretFile) problems.push('ROOT_SECRET_FILE is missing: production does not make up its own secrets');
  if (!publicUrl) problems.push('PUBLIC_URL is missing: tokens are bound to it');
  else if (!publicUrl.startsWith('https:') && !LOOPBACK.test(new URL(publicUrl).hostname)) {
    problems.push(`PUBLIC_URL ${publicUrl} is not https: tokens would travel in the clear`);
  }
  if (database.kind === 'embedded' && !allowEmbeddedDatabase) {
    problems.push('DATABASE_URL is missing: set it, or ALLOW_EMBEDDED_DATABASE=yes to run on the embedded PostgreSQL');
  }
  if (database.kind === 'own' && database.ownerUrl) {
    if (purpose === 'serve') {
      problems.push('DATABASE_OWNER_URL is set: whoever breaks into the gateway could rewrite its audit log. Unset it');
    }
    if (new URL(database.ownerUrl).username === new URL(database.gatewayUrl).username) {
      problems.push('DATABASE_URL and DATABASE_OWNER_URL sign in as the same role: give the gateway one of its own');
    }
  }
  if (settings.metricsToken !== undefined && settings.metricsToken.length < 16) {
    problems.push('METRICS_TOKEN is shorter than 16 characters: it could be guessed');
  }
  const { webhook } = settings.notify;
  if (webhook && !webhook.url.startsWith('https:') && !LOOPBACK.test(new URL(webhook.url).hostname)) {
    problems.push('NOTIFY_WEBHOOK_URL is not https: everybody on the way could read it');
  }
  if (host === '') problems.push('HOST is empty');
  return problems;
}

/** Host, port and database of a URL; two URLs with an equal place may differ in the role. */
function place(text: string): string {
  const { hostname, port, pathname } = new URL(text);
  return `${hostname}:${port || '5432'}${pathname}`;
}
