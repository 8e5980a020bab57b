import type { Writable } from 'node:stream';

/**
 * Writes what is told, word by word, as fast as it is taken up. A client that does not take a word up in time is let go:
 * its connection is broken off. Resolves when nothing is left to tell or nobody is left to be told; never rejects.
 */
export async function sendStream(
  words: AsyncIterable<string>,
  to: Writable,
  patienceMs: number,
  onTaken: () => void = () => undefined,
): Promise<void> {
  try {
    for await (const word of words) {
      if (to.destroyed || !to.writable) return;
      if (!(await taken(to, word, patienceMs))) {
        to.destroy();
        return;
      }
      onTaken();
    }
    to.end();
  } catch {
    to.destroy();
  }
}

function taken(to: Writable, word: string, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), patienceMs);
    to.write(word, (error) => {
      clearTimeout(late);
      resolve(!error);
    });
  });
}
