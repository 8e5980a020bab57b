import { roleOf } from '../../database/connection';
import { startEmbeddedPostgres } from '../../database/embedded/start-embedded-postgres';
import { migrate, pendingMigrations } from '../../database/migrate';
import { readSettings } from '../../settings';
import { type CommandLine, EXIT, type ExitCode, WrongUsage } from '../command-line';

/** Brings the schema up to date with the owner's credentials; with `check` only says what is missing. */
export async function migrateDatabase(line: CommandLine, check: boolean, asJson: boolean): Promise<ExitCode> {
  const { database, dataDir } = readSettings(line.env, 'command');
  const embedded = database.kind === 'embedded' ? await startEmbeddedPostgres({ dataDir }) : undefined;
  try {
    const gatewayUrl = database.kind === 'own' ? database.gatewayUrl : embedded!.gatewayUrl;
    const ownerUrl = database.kind === 'own' ? database.ownerUrl : embedded!.ownerUrl;
    if (check) {
      const { pending, unknown } = await pendingMigrations(gatewayUrl);
      if (asJson) line.out(`${JSON.stringify({ pending, unknown })}\n`);
      else
        line.out(
          [...pending.map((name) => `pending ${name}\n`), ...unknown.map((name) => `unknown ${name}\n`)].join(''),
        );
      return pending.length + unknown.length > 0 ? EXIT.found : EXIT.fine;
    }
    if (!ownerUrl) throw new WrongUsage('Set DATABASE_OWNER_URL to the role that owns the schema.');
    const ran = await migrate({ ownerUrl, gatewayRole: roleOf(gatewayUrl) });
    if (asJson) line.out(`${JSON.stringify({ ran })}\n`);
    else line.out(ran.length > 0 ? ran.map((name) => `ran ${name}\n`).join('') : 'The schema is up to date.\n');
    return EXIT.fine;
  } finally {
    await embedded?.stop();
  }
}
