import { readFileSync } from 'node:fs';
import path from 'node:path';

const SECURITY = path.resolve(__dirname, '../../../../SECURITY.md');
const HEADING = '## Exceptions to "hidden means missing"';

/** The codes by which a caller may learn of what they cannot see: the bold words of the list in SECURITY.md. */
export function listedExceptions(): string[] {
  const text = readFileSync(SECURITY, 'utf8');
  const section = text.split(HEADING)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^- \*\*`([A-Z_]+)`\*\*/gm)].map(([, code]) => code!);
}
