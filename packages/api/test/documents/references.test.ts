import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../../../..');
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const documents = ['.', 'docs', 'examples'].flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join(folder, file)),
);

/** `#a-heading` as GitHub makes it of "A heading". */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase());
  return new Set(headings.map((heading) => heading.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
}

test.each(documents)('every link of %s leads somewhere', (document) => {
  const text = textOf(document).replace(/^```[\s\S]*?^```$/gm, '');
  const lost = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => {
    if (/^https?:/.test(target!)) return [];
    const [file, anchor] = target!.split('#') as [string, string?];
    const found = file === '' ? document : path.join(path.dirname(document), file);
    if (!existsSync(path.join(ROOT, found))) return [target];
    return anchor !== undefined && !anchorsOf(textOf(found)).has(anchor) ? [target] : [];
  });
  expect(lost).toEqual([]);
});

describe('docs/controls.md', () => {
  const rows = textOf('docs/controls.md')
    .split('\n## Not kept yet')[0]!
    .split('\n')
    .filter((line) => /^\| .*`packages\/.*`: \*/.test(line));
  const cells = rows.map((row) => row.split(' | ') as [string, string, string]);

  test('has rows', () => expect(rows.length).toBeGreaterThan(40));

  test.each(cells)('%s', (_promise, code, proof) => {
    for (const [, place] of code.matchAll(/`([^`]+)`/g))
      expect([place, existsSync(path.join(ROOT, place!))]).toEqual([place, true]);
    const [, file, sentence] = /^`([^`]+)`: \*(.+)\* \|$/.exec(proof) ?? [];
    expect([file, textOf(file!).includes(sentence!)]).toEqual([file, true]);
  });

  test('every row of its tables of promises names a test', () => {
    const promised = textOf('docs/controls.md')
      .split('\n## Not kept yet')[0]!
      .split('\n')
      .filter((line) => /^\| (?!promise)/.test(line));
    expect(promised.filter((line) => !rows.includes(line))).toEqual([]);
  });
});
