import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** A demo person as they are listed for whoever tries the demo. */
export interface DemoPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly roles: readonly string[];
}

const people = z.array(
  z.object({ name: z.string(), email: z.string(), password: z.string().min(1), roles: z.array(z.string()) }),
);

/**
 * The list of demo people with their passwords. It is written as a draft before the passwords count and gets its name
 * when they do: a draft that is still there tells that a start ended half-way, and that nobody knows the passwords.
 */
export class DemoPeopleFile {
  private readonly file: string;
  private readonly draft: string;

  constructor(dataDir: string) {
    this.file = path.join(dataDir, 'demo-people.json');
    this.draft = `${this.file}.new`;
  }

  /** The list as it counts; undefined when there is none, or none that can be trusted. */
  async read(): Promise<readonly DemoPerson[] | undefined> {
    if ((await textOf(this.draft)) !== undefined) return undefined;
    const text = await textOf(this.file);
    if (text === undefined) return undefined;
    const parsed = people.safeParse(jsonOf(text));
    return parsed.success ? parsed.data : undefined;
  }

  /** Writes the draft down to the disk. Only its owner can read it. */
  async prepare(list: readonly DemoPerson[]): Promise<void> {
    // Whatever lies there may be open to others.
    await rm(this.draft, { force: true });
    const handle = await open(this.draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(list, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** The passwords of the draft count from now on. */
  async publish(): Promise<void> {
    await rename(this.draft, this.file);
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
