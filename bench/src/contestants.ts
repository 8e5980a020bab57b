import type { BenchUsers } from './data/seed-access';
import { type BenchUser, signIn } from './data/sign-in';
import type { Contestant } from './rounds';
import type { ServerProcess } from './server-process';

/** What the others are compared with. */
export const PLAIN = 'plain';
export const RAW = 'raw pg';

type Start = (file: string, env?: Record<string, string>) => Promise<ServerProcess>;

/** Starts one process for each server. The gateway is one process as well, whoever asks it. */
export async function startContestants(start: Start, users: BenchUsers): Promise<Contestant[]> {
  const gateway = await start('gateway-server.js');
  const as = (user: BenchUser) => ({
    process: gateway,
    applicationName: 'countersign',
    headers: () => signIn(gateway.port, user),
  });
  const other = async (name: string, file: string, env: Record<string, string> = {}): Promise<Contestant> => {
    const applicationName = `bench ${name}`;
    const process = await start(file, { BENCH_NAME: applicationName, ...env });
    return { name, process, applicationName, headers: async () => ({}) };
  };
  return [
    { name: 'gateway', ...as(users.limited) },
    await other(PLAIN, 'plain-server.js'),
    await other(RAW, 'raw-server.js'),
    await other('plain, tuned', 'plain-server.js', { BENCH_TUNED: 'yes' }),
    { name: 'gateway, scope open', ...as(users.open) },
    { name: 'gateway, rules and masks', ...as(users.ruled), asks: 'ruled' },
    { name: 'gateway, with cursors', ...as(users.limited), asks: 'paged' },
  ];
}
