import { randomId } from '@countersign/crypto';
import { Identify } from '../../src/capabilities/identity/identify';
import { type ImportOutcome, importRecords, parseImportMap } from '../../src/capabilities/import';
import type { DecidedUnder } from '../../src/path/rooms';
import { starterPolicy } from '../../src/starter/starter-policy';
import { startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

/** A gateway with the starter policy, and somebody who may import. */
export interface ImportWorld {
  readonly gateway: TestGateway;
  readonly operator: TestPerson;
  /** Imports on behalf of somebody; the operator unless told. */
  run(
    map: unknown,
    files: Readonly<Record<string, string | Buffer>>,
    more?: { as?: TestPerson; dryRun?: boolean; submit?: boolean },
  ): Promise<ImportOutcome>;
  /** How many records of the table there are. */
  count(table: string): Promise<number>;
}

export async function createImportWorld(): Promise<ImportWorld> {
  const gateway = await startTestGateway();
  await gateway.install(starterPolicy(gateway.catalogue));
  const operator = await gateway.person({ name: 'Bela Osterlund', audience: 'STAFF', roles: ['billing-operator'] });
  return {
    gateway,
    operator,
    async run(map, files, { as = operator, dryRun = false, submit = false } = {}) {
      const { database, writes, now } = gateway.core;
      const request = {
        map: parseImportMap(typeof map === 'string' ? map : JSON.stringify(map)),
        files: new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text as string)])),
        dryRun,
        submit,
        requestId: randomId(),
        now: now(),
        onProgress: () => {},
      };
      return importRecords({ pool: database.pool, writes }, await under(gateway, as), request);
    },
    async count(table) {
      const [row] = await gateway.sql(`select count(*)::int as n from ${table}`);
      return Number(row!.n);
    },
  };
}

async function under({ core }: TestGateway, { token }: TestPerson): Promise<DecidedUnder> {
  const { database, macKeys, tokens, snapshots, log, now } = core;
  await snapshots.refresh();
  const identify = new Identify({ pool: database.pool, macKey: macKeys.rows, tokens, snapshots, log });
  const { snapshot, head, principal } = await identify.principalFor(`Bearer ${token}`, now);
  return { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
}
