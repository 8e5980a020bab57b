import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { World } from '../worlds/world';
import type { Sequence } from './sequence';

/** A difference of another day, with the world it needs. */
export interface KeptCase extends Sequence {
  /** What both say again, as a sentence. */
  readonly title: string;
  readonly world: World;
}

const FOLDER = path.join(__dirname, '../regressions');

/** Every kept case, by the name of its file. */
export function keptCases(): KeptCase[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')) as KeptCase);
}

/** Keeps a case under a kebab-case name; its title is for a human to write. */
export function keepCase(name: string, kept: KeptCase): string {
  const file = path.join(FOLDER, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  return file;
}
