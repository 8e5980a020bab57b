import type { Settings } from '../settings';

/** What the audit log says of the settings that a gateway runs with: names and figures, never a secret or a password. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const { mode, host, port, publicUrl = null, dataDir, database, audit, limits } = settings;
  const { notify } = settings;
  const { checkpointSeconds, tailLimitSeconds, retentionDays, anchorFile } = audit;
  return {
    mode,
    host,
    port,
    publicUrl,
    dataDir,
    database: database.kind === 'own' ? withoutCredentials(database.gatewayUrl) : 'embedded',
    ownerGiven: database.kind === 'own' && database.ownerUrl !== undefined,
    rootSecretFile: settings.rootSecretFile ?? null,
    metricsToken: settings.metricsToken === undefined ? 'not set' : 'set',
    poolSize: settings.poolSize,
    statementTimeoutMs: settings.statementTimeoutMs,
    continuousCheckMs: settings.continuousCheckMs,
    notify: {
      log: notify.log,
      mail: notify.smtp === null ? 'not set' : 'set',
      webhook: notify.webhook === null ? 'not set' : 'set',
      pollMs: notify.pollMs,
    },
    logLevel: settings.logLevel,
    audit: { checkpointSeconds, tailLimitSeconds, retentionDays, anchorFile },
    limits,
  };
}

/** `host:port/database`; a URL that cannot be read is not shown at all. */
function withoutCredentials(url: string): string {
  if (!URL.canParse(url)) return 'own';
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
