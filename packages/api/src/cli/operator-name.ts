import { userInfo } from 'node:os';

/** Under whose name the operating system runs a command: the traces of commands have no signed-in person to name. */
export function operatorName(env: Readonly<Record<string, string | undefined>> = {}): string | null {
  if (env.SUDO_USER) return env.SUDO_USER;
  try {
    return userInfo().username;
  } catch {
    // An id that has no name.
    return typeof process.getuid === 'function' ? `uid ${process.getuid()}` : null;
  }
}
