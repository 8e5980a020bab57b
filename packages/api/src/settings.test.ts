import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeSettings, type Environment, readSettings, SettingsInvalid } from './settings';
import type { Purpose } from './settings/unsafe-settings';

const GATEWAY = 'postgres://gateway:tell-nobody@db.example:5432/billing';
const OWNER = 'postgres://owner:nor-this@db.example/billing';
const PRODUCTION: Environment = {
  COUNTERSIGN_MODE: 'production',
  HOST: '0.0.0.0',
  PUBLIC_URL: 'https://billing.example',
  ROOT_SECRET_FILE: '/run/secrets/root',
  DATABASE_URL: GATEWAY,
};

function problemsOf(env: Environment, purpose?: Purpose): readonly string[] {
  try {
    readSettings(env, purpose);
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('an empty environment is a demo on loopback with an embedded database', () => {
    expect(readSettings({})).toMatchObject({
      mode: 'demo',
      host: '127.0.0.1',
      port: 4000,
      dataDir: path.resolve('.data'),
      database: { kind: 'embedded' },
      limits: {
        bodyBytes: 1_048_576,
        documentTokens: 10_000,
        selectionDepth: 15,
        selections: 2_000,
        aliases: 100,
        page: 100,
        defaultPage: 20,
      },
    });
  });

  test('an empty value counts as absent', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '' })).toEqual(readSettings({}));
  });

  test('every problem is named, not only the first', () => {
    const problems = problemsOf({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      MAX_TOKENS: '1e9',
      PUBLIC_URL: 'billing.example/x',
    });
    expect(problems.map((line) => line.split(' ')[0])).toEqual(['PORT', 'PUBLIC_URL', 'LOG_LEVEL', 'MAX_TOKENS']);
  });

  test.each(['0x10', ' 80', '80.5', '-1', '1e3', '９'])('the port %p is not read as a number', (PORT) => {
    expect(problemsOf({ PORT })).toHaveLength(1);
  });

  test('a secret can come from a file, and the line end is no part of it', () => {
    const file = path.join(folder, 'url');
    writeFileSync(file, `${GATEWAY}\n`);
    expect(readSettings({ DATABASE_URL_FILE: file }).database).toEqual({ kind: 'own', gatewayUrl: GATEWAY });
  });

  test('a secret given twice, or in a file that is not there, stops the start', () => {
    expect(problemsOf({ DATABASE_URL: GATEWAY, DATABASE_URL_FILE: 'x' })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set: it takes one of them',
    ]);
    expect(problemsOf({ DATABASE_URL_FILE: path.join(folder, 'none') })[0]).toMatch(/none cannot be read \(ENOENT\)$/);
  });

  test('no message and no listing shows a secret', () => {
    const env = { DATABASE_URL: 'mysql://gateway:tell-nobody@db/x', KEYS_DATABASE_URL: GATEWAY };
    const shown = JSON.stringify([problemsOf(env), describeSettings(env)]);
    expect(shown).not.toContain('tell-nobody');
    expect(shown).toContain('DATABASE_URL must look like postgres://');
    expect(describeSettings(env).find(({ name }) => name === 'KEYS_DATABASE_URL')?.value).toBe('(set)');
  });

  test('an audit log that could not keep up by its own settings, and a key of no witness, stop the start', () => {
    expect(problemsOf({ AUDIT_CHECKPOINT_SECONDS: '60', AUDIT_TAIL_LIMIT_SECONDS: '60' })).toHaveLength(1);
    expect(problemsOf({ AUDIT_CHECKPOINT_SECONDS: '59', AUDIT_TAIL_LIMIT_SECONDS: '60' })).toEqual([]);
    expect(problemsOf({ AUDIT_WITNESS_KEY_FILE: 'x' })).toHaveLength(1);
  });

  test('the listing says what counts, with its unit', () => {
    expect(describeSettings({ STATEMENT_TIMEOUT_MS: '50' })).toContainEqual(
      expect.objectContaining({
        name: 'STATEMENT_TIMEOUT_MS',
        unit: 'ms',
        default: '10000',
        value: '50',
        secret: false,
      }),
    );
  });

  test('a demo that the network could reach does not start', () => {
    for (const HOST of ['0.0.0.0', '::', '192.0.2.7', 'demo.example', '127.0.0.1.evil.example']) {
      expect(problemsOf({ HOST })).toHaveLength(1);
    }
    for (const HOST of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) expect(problemsOf({ HOST })).toEqual([]);
  });

  test('a well-set production starts', () => {
    expect(problemsOf(PRODUCTION)).toEqual([]);
  });

  test.each<[string, Environment, RegExp]>([
    ['metrics behind a token that could be guessed', { METRICS_TOKEN: 'short' }, /METRICS_TOKEN/],
    ['without a root secret', { ROOT_SECRET_FILE: undefined }, /^ROOT_SECRET_FILE is missing/],
    ['without a public address', { PUBLIC_URL: undefined }, /^PUBLIC_URL is missing/],
    ['over plain http', { PUBLIC_URL: 'http://billing.example' }, /is not https/],
    ['on the embedded database without permission', { DATABASE_URL: undefined }, /ALLOW_EMBEDDED_DATABASE=yes/],
    ["with the owner's credentials at hand", { DATABASE_OWNER_URL: OWNER }, /^DATABASE_OWNER_URL is set/],
    ['with the keys beside the data', { KEYS_DATABASE_URL: OWNER }, /^KEYS_DATABASE_URL must name another/],
  ])('production does not start %s', (_, change, problem) => {
    expect(problemsOf({ ...PRODUCTION, ...change })).toEqual([expect.stringMatching(problem)]);
  });

  test('a command may hold the owner’s credentials in production, but not for the gateway’s own role', () => {
    expect(problemsOf({ ...PRODUCTION, DATABASE_OWNER_URL: OWNER }, 'command')).toEqual([]);
    expect(problemsOf({ ...PRODUCTION, DATABASE_OWNER_URL: GATEWAY }, 'command')).toHaveLength(1);
  });

  test('the owner’s URL alone, or one of another database, stops the start', () => {
    expect(problemsOf({ DATABASE_OWNER_URL: OWNER })).toEqual([expect.stringContaining('it takes both')]);
    const elsewhere = OWNER.replace('db.example', 'other.example');
    expect(problemsOf({ DATABASE_URL: GATEWAY, DATABASE_OWNER_URL: elsewhere })).toHaveLength(1);
  });
});
