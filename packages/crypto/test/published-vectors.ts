import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Published test vectors lie beside the repository, not in it: they are other people's data. */
const FOLDER = resolve(__dirname, '../../../../shared/vectors');

export type Counts = Record<string, number>;

/**
 * A test over a published file, or a visible skip where the folder is absent. The run says how many cases it judged,
 * and none at all is a failure: a check that looked at nothing proves nothing.
 */
export function testVectors<Content>(
  title: string,
  file: string,
  run: (content: Content) => Counts | Promise<Counts>,
): void {
  if (!existsSync(FOLDER)) {
    test.skip(`${title} (published vectors are not on this machine)`, () => {});
    return;
  }
  test(title, async () => {
    const counts = await run(JSON.parse(readFileSync(resolve(FOLDER, file), 'utf8')) as Content);
    process.stdout.write(`${file}: ${JSON.stringify(counts)}\n`);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  });
}
