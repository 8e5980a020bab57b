import { verifyInclusion } from '@countersign/crypto';
import { Client } from 'pg';
import { sealCheckpoint } from '../../src/capabilities/audit/log/seal-checkpoint';
import { StoredTree } from '../../src/capabilities/audit/log/stored-tree';
import { Findings } from '../../src/capabilities/audit/verify/finding';
import { verifyLog } from '../../src/capabilities/audit/verify/verify-log';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';
import { Chance } from '../reference/worlds/chance';

const ENTRIES = Number(process.env.LOG_ENTRIES ?? 1_000_000);
const PROOFS = Number(process.env.LOG_PROOFS ?? 100_000);
const AT_A_TIME = 100_000;
/** Proofs that are asked for at the same time. */
const LANES = 6;

/** Entries as the gateway writes them: a true header, a salted commitment, values, and a place in the queue. */
const FILL = `with made as (
    select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id, n, sha256(n::text::bytea) as salt
    from generate_series($1::bigint, $2::bigint) n
  ), entry as (
    insert into audit_entry (id, at, action, object_name, record_id, outside, header, commitments)
    select id, '2026-01-01T00:00:00Z', 'UPDATE', 'Invoice', id, false,
      '{"action":"UPDATE","at":"2026-01-01T00:00:00.000Z","client":null,"id":"' || id || '","object":"Invoice",' ||
      '"outside":false,"person":null,"policyVersion":null,"reason":null,"record":"' || id || '","request":null,' ||
      '"slots":["notes"],"user":null,"v":1}', sha256(salt || convert_to('[null,"note ' || n || '"]', 'UTF8')) from made
  ), val as (
    insert into audit_value (entry_id, slots, salts)
    select id, jsonb_build_object('notes', jsonb_build_array(null, 'note ' || n)), salt from made
  )
  insert into audit_unsealed (entry_id) select id from made`;

describe(`A log of ${ENTRIES} entries`, () => {
  let gateway: TestGateway;
  let owner: Client;
  let filled = 0;
  const figures: Record<string, unknown> = {};

  beforeAll(async () => {
    gateway = await startTestGateway({
      settings: { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200', STATEMENT_TIMEOUT_MS: '0' },
    });
    owner = new Client({ connectionString: gateway.database.adminUrl, options: '-c search_path=countersign' });
    await owner.connect();
  });
  afterAll(async () => {
    console.info(figures);
    await owner?.end();
    await gateway?.stop();
  });

  const fill = async (upTo: number) => {
    while (filled < upTo) {
      const to = Math.min(filled + AT_A_TIME, upTo);
      await owner.query(FILL, [filled + 1, to]);
      filled = to;
    }
  };
  const deps = () => ({
    pool: gateway.core.database.pool,
    signer: gateway.core.audit.signer,
    now: () => new Date(),
  });
  const sealAll = async () => {
    for (let added = 1; added > 0; ) added = (await sealCheckpoint(deps()))!.added;
  };
  /** What one checkpoint of 100 entries writes and takes when the log is so long. */
  const checkpointCost = async () => {
    const costs: number[] = [];
    const nodes: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      await fill(filled + 100);
      const [before] = (await owner.query('select count(*)::int as n from audit_node')).rows;
      const began = performance.now();
      const { added } = (await sealCheckpoint(deps()))!;
      // The gateway itself may have left an entry meanwhile.
      expect(Math.abs(added - 103)).toBeLessThanOrEqual(3);
      costs.push(performance.now() - began);
      const [after] = (await owner.query('select count(*)::int as n from audit_node')).rows;
      nodes.push(after.n - before.n);
    }
    costs.sort((a, b) => a - b);
    return { medianMs: Math.round(costs[4]! * 10) / 10, mostHashes: Math.max(...nodes) };
  };

  test('the cost of a checkpoint does not grow with the log', async () => {
    await sealAll();
    for (const size of [1_000, 100_000, ENTRIES].filter((each) => each <= ENTRIES)) {
      const began = performance.now();
      await fill(size);
      await sealAll();
      await owner.query('analyze');
      const cost = await checkpointCost();
      figures[`checkpoint of 100 at ${size}`] = cost;
      figures[`seconds to fill and seal up to ${size}`] = Math.round((performance.now() - began) / 1000);
      // A hundred leaves complete about a hundred subtrees, and at most one more for each level above.
      expect(cost.mostHashes).toBeLessThanOrEqual(106 + Math.ceil(Math.log2(filled + 1000)));
    }
  });

  test(`inclusion proofs of ${PROOFS} random entries verify`, async () => {
    const tree = new StoredTree(deps().pool);
    const head = (await tree.newestHead())!;
    const chance = new Chance(Date.now() % 1e9);
    const began = performance.now();
    let [left, longest] = [PROOFS, 0];
    const lane = async () => {
      while (left > 0) {
        const indexes = Array.from({ length: Math.min(500, left) }, () => chance.int(head.size));
        left -= indexes.length;
        const { rows } = await deps().pool.query('select position, hash from audit_leaf where position = any($1)', [
          indexes,
        ]);
        const leaves = new Map(rows.map(({ position, hash }) => [Number(position), hash as Buffer]));
        for (const index of indexes) {
          const proof = await tree.inclusionProof(index, head.size);
          longest = Math.max(longest, proof.length);
          const claim = { leafHash: leaves.get(index)!, index, treeSize: head.size, root: head.root, proof };
          if (!verifyInclusion(claim)) throw new Error(`the proof of position ${index} does not hold`);
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    figures.proofs = { proven: PROOFS, longest, seconds: Math.round((performance.now() - began) / 1000) };
    expect(longest).toBeLessThanOrEqual(Math.ceil(Math.log2(head.size)) + 1);
  });

  test('the whole log verifies, and an entry changed in the middle of it is found', async () => {
    const keys = deps().signer;
    const verified = async () => {
      const findings = new Findings();
      const began = performance.now();
      const report = await verifyLog({ db: owner, keys, anchored: [], findings });
      return { report, findings: findings.list, seconds: Math.round((performance.now() - began) / 1000) };
    };
    const { report, findings, seconds } = await verified();
    figures.verify = { leaves: report.leaves, heads: report.heads, seconds };
    expect(findings).toEqual([]);
    if (ENTRIES > 200_000) return;
    await owner.query(
      `update audit_value set slots = '{"notes": [null, "forged"]}' where entry_id =
      (select entry_id from audit_leaf where position = $1)`,
      [Math.floor(ENTRIES / 2)],
    );
    expect((await verified()).findings).toEqual([expect.objectContaining({ kind: 'value-changed' })]);
  });
});
