import path from 'node:path';
import type { Source } from './read-source';

const MOST_LINES = 300;
/** A test is read case by case, and its tables are long. */
const MOST_LINES_OF_TESTS = 400;

/** What each package may import of ours. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  crypto: [],
  policy: ['schema'],
  api: ['schema', 'crypto', 'policy'],
};

/** Third parties and the one place that may import each; tests may import anything. */
const HOMES: readonly { readonly what: RegExp; readonly home: RegExp }[] = [
  { what: /^casbin(\/|$)/, home: /^packages\/policy\/src\/casbin\// },
  { what: /^(@apollo\/server|@as-integrations\/express5)(\/|$)/, home: /^packages\/api\/src\/door\// },
  { what: /^(jose|speakeasy|node-forge|@node-rs\/argon2|@zxcvbn-ts\/.+)(\/|$)/, home: /^packages\/crypto\/src\// },
  { what: /^(node:)?crypto$/, home: /^packages\/crypto\/src\// },
  {
    what: /^graphile-worker(\/|$)/,
    home: /^packages\/api\/src\/(capabilities\/notifications\/|database\/(job-queue|quiet-worker-log)\.ts)/,
  },
  { what: /^graphql-sse(\/|$)/, home: /^packages\/api\/src\/door\// },
  { what: /^nodemailer(\/|$)/, home: /^packages\/api\/src\/capabilities\/notifications\// },
  { what: /^(node:)?process$/, home: /^packages\/api\/src\/settings\.ts$/ },
  // Version 7 has no compiler API: nothing can import it.
  { what: /^typescript$/, home: /^$/ },
];

const isTest = (file: string) => /\.test\.ts$|\/test\/|^scripts\/|^bench\//.test(file);

/** Every rule that a file breaks, as a sentence. */
export function violations(source: Source): string[] {
  const rules = [arrows, homes, globals, capabilityDoors, names, size, namedExports, silencedTests];
  return rules.flatMap((rule) => rule(source)).map((line) => `${source.file} ${line}`);
}

/** schema and crypto stand alone, policy knows schema, api knows all; nobody reaches past another package's index. */
function arrows({ file, imports }: Source): string[] {
  const own = packageOf(file);
  const allowed = own === undefined ? undefined : ARROWS[own];
  if (!own || !allowed) return [];
  return imports.flatMap((imported) => {
    const place = imported.startsWith('.') ? resolve(file, imported) : undefined;
    const target = place ? packageOf(place) : imported.match(/^@countersign\/([^/]+)/)?.[1];
    if (target === undefined || (place && target === own)) return [];
    if (!allowed.includes(target)) return [`imports ${imported}, but ${own} may not know ${target}`];
    // Tests lend one another their example data and generators, which no index exports.
    const lent = isTest(file) && place?.startsWith(`packages/${target}/test/`);
    return lent || imported === `@countersign/${target}` ? [] : [`imports ${imported} past the index of ${target}`];
  });
}

function homes({ file, imports }: Source): string[] {
  if (isTest(file)) return [];
  return imports.flatMap((imported) => {
    const rule = HOMES.find(({ what }) => what.test(imported));
    return rule && !rule.home.test(file) ? [`imports ${imported} outside its one home`] : [];
  });
}

/** Settings are read once, and chance comes from packages/crypto. */
function globals({ file, globals: used }: Source): string[] {
  if (isTest(file)) return [];
  return used.flatMap((name) => {
    const home = name.includes('process.env') ? file === 'packages/api/src/settings.ts' : packageOf(file) === 'crypto';
    return home ? [] : [`uses ${name} outside its one home`];
  });
}

function capabilityDoors({ file, imports }: Source): string[] {
  if (isTest(file)) return [];
  return imports.flatMap((imported) => {
    const inside = imported.startsWith('.') ? capabilityOf(resolve(file, imported)) : undefined;
    if (!inside || inside.name === capabilityOf(file)?.name) return [];
    return ['', 'index'].includes(inside.rest) ? [] : [`imports ${imported} past the index of ${inside.name}`];
  });
}

function names({ file }: Source): string[] {
  const parts = file.split('/').slice(1);
  const vague = parts.find((part) => /(^|[-.])(utils?|helpers?|common|managers?)([-.]|$)/.test(part));
  const unkebab = parts.find((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(part));
  return [
    ...(vague ? [`has ${vague} in its name, which promises nothing`] : []),
    ...(unkebab ? [`has ${unkebab} in its name, which is not kebab-case`] : []),
  ];
}

function size({ file, lines }: Source): string[] {
  const most = isTest(file) ? MOST_LINES_OF_TESTS : MOST_LINES;
  return lines > most ? [`has ${lines} lines; ${path.basename(file)} does more than one thing`] : [];
}

/** Jest itself asks for a default export in its global set-up and tear-down. */
function namedExports({ file, defaultExport }: Source): string[] {
  return defaultExport && !/\/harness\/global-/.test(file) ? ['has a default export; exports are named'] : [];
}

function silencedTests({ silenced }: Source): string[] {
  return silenced.map((name) => `silences tests with ${name}; only a condition may`);
}

function packageOf(file: string): string | undefined {
  return file.match(/^packages\/([^/]+)\//)?.[1];
}

function capabilityOf(file: string): { name: string; rest: string } | undefined {
  const [, name, rest] = file.match(/^packages\/api\/src\/capabilities\/([^/]+)\/?(.*)$/) ?? [];
  return name === undefined || rest === undefined ? undefined : { name, rest };
}

function resolve(file: string, imported: string): string {
  return path.posix.join(path.posix.dirname(file), imported);
}
