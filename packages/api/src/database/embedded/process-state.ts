import { readFileSync } from 'node:fs';

/**
 * Whether that process is running. A zombie counts as gone: where nobody reaps orphans (many containers), a stopped
 * server keeps its number for ever. A process of another user counts as running.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return processState(pid) !== 'Z';
}

/** The state letter that Linux keeps for a process, or undefined where there is no /proc. */
function processState(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second column is the command in brackets and may hold anything, brackets included.
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined;
  }
}
