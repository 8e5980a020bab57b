import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The version of the product, from its manifest. */
export const VERSION: string = JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')).version;
