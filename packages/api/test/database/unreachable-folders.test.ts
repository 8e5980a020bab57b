import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { clusterFolder, makeClusterFolder } from '../../src/database/embedded/cluster-folder';
import { findPostgres } from '../../src/database/embedded/find-postgres';
import { prepareBinaries } from '../../src/database/embedded/prepare-binaries';
import { canEnter, serverAccount } from '../../src/database/embedded/server-account';
import { makeFolder } from '../harness';

// Only root hands the server to another account, so only root can have folders that the server cannot enter.
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a checkout that only root can enter (runs as root only)', () => {
  const account = serverAccount();
  let closed: string;
  let reachable: string;
  let umask: number;
  beforeAll(() => {
    closed = makeFolder('closed');
    reachable = makeFolder('reachable');
    chmodSync(closed, 0o700);
    umask = process.umask(0o077);
  });
  afterAll(() => {
    process.umask(umask);
  });

  test('gets its data into a folder that the server can enter, and finds it again', async () => {
    const dataDir = path.join(closed, 'checkout', '.data');
    const { home, folder } = await makeClusterFolder(dataDir, account, path.join(reachable, 'var', 'lib'));
    expect(canEnter(account, folder)).toBe(false);
    expect(canEnter(account, home)).toBe(true);
    expect(home.startsWith(reachable)).toBe(true);
    expect(clusterFolder(dataDir).home).toBe(home);
  });

  test('gets a copy of the programs that the server can run, however tight the umask is', async () => {
    const packageFolder = path.join(closed, 'package');
    symlinkSync(findPostgres(), packageFolder);
    const copies = path.join(reachable, 'copies');
    mkdirSync(copies);
    chmodSync(copies, 0o711);
    // Two at once: what runs has been tried with --version before it is handed out.
    const both = await Promise.all([1, 2].map(() => prepareBinaries(packageFolder, copies, account)));
    for (const binaries of both) expect(binaries.startsWith(copies)).toBe(true);
  });
});
