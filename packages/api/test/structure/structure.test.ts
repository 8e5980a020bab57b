import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readSource, type Source } from './read-source';
import { violations } from './rules';

const ROOT = path.resolve(__dirname, '../../../..');

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : sourceFiles(file);
    return /\.(ts|mts|mjs)$/.test(entry.name) ? [file] : [];
  });
}

function planted(file: string, text: string): string[] {
  return violations(readSource(file, text));
}

describe('the structure of the code', () => {
  const folders = readdirSync(path.join(ROOT, 'packages')).map((name) => `packages/${name}`);
  const files = [...folders, 'scripts', 'bench']
    .filter((folder) => statSync(path.join(ROOT, folder), { throwIfNoEntry: false })?.isDirectory())
    .flatMap(sourceFiles);
  const sources: Source[] = files.map((file) => readSource(file, readFileSync(path.join(ROOT, file), 'utf8')));

  test('was really read: there are files and imports in every package', () => {
    for (const name of ['schema', 'crypto', 'policy', 'api']) {
      const own = sources.filter(({ file }) => file.startsWith(`packages/${name}/src/`));
      expect(own.length).toBeGreaterThan(0);
      expect(own.flatMap(({ imports }) => imports).length).toBeGreaterThan(0);
    }
  });

  test('keeps the arrows between packages, the one home of each third party, and the house rules', () => {
    expect(sources.flatMap(violations)).toEqual([]);
  });

  test('the offline verifier of the audit log stands alone and can be read in ten minutes', () => {
    const { imports, lines } = readSource(
      'scripts/verify-audit.mjs',
      readFileSync(path.join(ROOT, 'scripts/verify-audit.mjs'), 'utf8'),
    );
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((imported) => !/^node:(crypto|fs|readline|util)$/.test(imported))).toEqual([]);
    expect(lines).toBeLessThanOrEqual(260);
  });

  test.each([
    ["import { x } from '@countersign/policy';", 'packages/schema/src/a.ts'],
    ["import type { X } from '@countersign/schema';", 'packages/crypto/src/a.ts'],
    ["export * from '@countersign/crypto';", 'packages/policy/src/a.ts'],
    ["type X = import('@countersign/api').X;", 'packages/policy/src/a.ts'],
    ["import { x } from '../../crypto/src/index';", 'packages/policy/src/a.ts'],
    ["import x = require('@countersign/api');", 'packages/schema/src/a.test.ts'],
  ])('an arrow that points the wrong way is caught: %s in %s', (text, file) => {
    expect(planted(file, text)).toEqual([expect.stringMatching(/may not know/)]);
  });

  test.each([
    ["import { x } from '@countersign/schema/dist/x';", 'packages/api/src/a.ts'],
    ["const x = require('@countersign/policy/src/x');", 'packages/api/src/a.ts'],
    ["import { x } from '../audit/write-entry';", 'packages/api/src/capabilities/keys/a.ts'],
    ["import { x } from './capabilities/audit/audit.errors';", 'packages/api/src/compose.ts'],
  ])('a way past an index is caught: %s in %s', (text, file) => {
    expect(planted(file, text)).toEqual([expect.stringMatching(/past the index/)]);
  });

  test.each([
    ["import { newEnforcer } from 'casbin';", 'packages/policy/src/fields/a.ts'],
    ["import type { ApolloServer } from '@apollo/server';", 'packages/api/src/path/a.ts'],
    ["const x = await import('jose');", 'packages/api/src/capabilities/identity/a.ts'],
    ["import { createHash } from 'node:crypto';", 'packages/api/src/records/a.ts'],
    ["import { createHash } from 'crypto';", 'packages/policy/src/a.ts'],
    ['const x = process.env.HOST;', 'packages/api/src/main.ts'],
    ["const { HOST } = process['env'];", 'packages/api/src/database/a.ts'],
    ['const x = crypto.getRandomValues(y);', 'packages/api/src/a.ts'],
    ['const x = globalThis.crypto.subtle;', 'packages/policy/src/a.ts'],
    ["import ts from 'typescript';", 'packages/api/src/a.ts'],
  ])('a third party outside its home is caught: %s in %s', (text, file) => {
    expect(planted(file, text)).toEqual([expect.stringMatching(/outside its one home/)]);
  });

  test.each([
    ['a name that promises nothing', '', 'packages/api/src/utils/dates.ts'],
    ['a manager', '', 'packages/api/src/key-manager.ts'],
    ['a name in camel case', '', 'packages/api/src/keyRing.ts'],
    ['a file of 301 lines', 'x;\n'.repeat(301), 'packages/api/src/a.ts'],
    ['a default export', 'export default 1;', 'packages/api/src/a.ts'],
    ['a test that is skipped', "test.skip('x', () => {});", 'packages/api/src/a.test.ts'],
    ['a table that runs alone', "describe.only.each([1])('x', () => {});", 'packages/api/src/a.test.ts'],
    ['a test crossed out', "xit('x', () => {});", 'packages/api/src/a.test.ts'],
  ])('a broken house rule is caught: %s', (_, text, file) => {
    expect(planted(file, text)).toHaveLength(1);
  });

  test.each([
    ["import { newEnforcer } from 'casbin';", 'packages/policy/src/casbin/a.ts'],
    ["import { createHash } from 'node:crypto';", 'packages/crypto/src/a.ts'],
    ["import { createHash } from 'node:crypto';", 'packages/api/src/a.test.ts'],
    ['const x = process.env;', 'packages/api/src/settings.ts'],
    ["import { x } from '@countersign/policy';", 'packages/api/src/a.ts'],
    ["import { x } from '../audit';", 'packages/api/src/capabilities/keys/a.ts'],
    ["import { x } from './queue';", 'packages/api/src/capabilities/keys/a.ts'],
    ["const t = present ? test : test.skip; if (!present) test.skip('x', () => {});", 'packages/api/src/a.test.ts'],
    ['const fit = [1]; fit.map(String); fit;', 'packages/api/src/a.test.ts'],
    ["// import 'casbin'\nconst x = 'process.env';", 'packages/api/src/a.ts'],
    ['const key = place.crypto; const o = { crypto: 1 };', 'packages/api/src/a.ts'],
  ])('what is allowed is let be: %s in %s', (text, file) => {
    expect(planted(file, text)).toEqual([]);
  });
});
