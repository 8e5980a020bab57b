import { merkleLeafHash, StatementVerifier, verifyConsistency, verifyInclusion } from '@countersign/crypto';
import { headIsGenuine, parseHeadLine } from '../../src/capabilities/audit/log/tree-head';
import { blank } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

const HEAD = 'log size root at keyId signature';
const INCLUSION = `query ($id: ID!, $size: Int) {
  auditInclusionProof(entryId: $id, treeSize: $size) { position header commitments leafHash proof head { ${HEAD} } }
}`;
const CONSISTENCY = `query ($from: Int!, $to: Int!) {
  auditConsistencyProof(fromSize: $from, toSize: $to) { proof from { ${HEAD} } to { ${HEAD} } }
}`;
const codes = ({ body }: Answer) => (body.errors ?? []).map(({ extensions }) => extensions.code);
const bytes = (text: string) => Buffer.from(text, 'hex');

describe('Proofs over GraphQL', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let reader: TestPerson;
  let keys: StatementVerifier;
  let sizes: number[];
  const ask = (query: string, variables = {}, who = reader) => gateway.ask(who.token, query, variables);
  // biome-ignore lint/suspicious/noExplicitAny: a head as GraphQL shows it
  const headOf = (given: any) => parseHeadLine({ ...given, type: 'head' })!;

  beforeAll(async () => {
    gateway = await startTestGateway({
      settings: { AUDIT_CHECKPOINT_SECONDS: '3600', AUDIT_TAIL_LIMIT_SECONDS: '7200' },
    });
    ledger = await sampleLedger(gateway);
    reader = ledger.admin;
    for (let n = 0; n < 6; n += 1) {
      await gateway.install(
        Array.from({ length: n + 1 }, (_, i) => ({
          verb: 'create' as const,
          object: 'Person',
          input: { fullName: `Nora Ewcomer ${n}${i}` },
        })),
      );
      await gateway.core.audit.keeper.round();
    }
    sizes = (await gateway.sql('select size from audit_head order by size')).map(({ size }) => Number(size));
    keys = StatementVerifier.fromPem(gateway.core.audit.signer.pem());
  });
  afterAll(() => gateway?.stop());

  test('every tenth entry is shown to stand in the log under every head that covers it', async () => {
    const leaves = await gateway.sql(
      'select position, entry_id from audit_leaf where position % 10 = 0 order by position',
    );
    expect(leaves.length).toBeGreaterThan(30);
    for (const { position, entry_id: id } of leaves) {
      const size =
        sizes.find((each) => each > Number(position) && each % 2 === (Number(position) % 4) / 2) ?? sizes.at(-1)!;
      const { body } = await ask(INCLUSION, { id, size });
      const { header, commitments, leafHash, proof, head, position: at } = body.data.auditInclusionProof;
      expect(at).toBe(Number(position));
      const leaf = merkleLeafHash(Buffer.concat([Buffer.from(header), Buffer.from(commitments, 'base64')]));
      expect(leaf.toString('hex')).toBe(leafHash);
      expect(headIsGenuine(keys, headOf(head))).toBe(true);
      const claim = { leafHash: leaf, index: at, treeSize: head.size, root: bytes(head.root), proof: proof.map(bytes) };
      expect(verifyInclusion(claim)).toBe(true);
      expect(verifyInclusion({ ...claim, index: at + 1 })).toBe(false);
    }
  });

  test('every head is shown to continue every older one', async () => {
    expect(sizes.length).toBeGreaterThan(4);
    for (const from of sizes) {
      for (const to of sizes.filter((size) => size >= from)) {
        const { body } = await ask(CONSISTENCY, { from, to });
        const { proof, from: older, to: newer } = body.data.auditConsistencyProof;
        const claim = { oldSize: from, newSize: to, oldRoot: bytes(older.root), newRoot: bytes(newer.root) };
        expect(verifyConsistency({ ...claim, proof: proof.map(bytes) })).toBe(true);
        expect([headIsGenuine(keys, headOf(older)), headIsGenuine(keys, headOf(newer))]).toEqual([true, true]);
      }
    }
  });

  test('the newest head is the one that is anchored', async () => {
    const { body } = await ask(`{ auditHead { ${HEAD} } }`);
    expect(body.data.auditHead.size).toBe(gateway.core.audit.keeper.figures.anchored);
  });

  test('an entry that waits has no proof yet, nor has one under a head from before it', async () => {
    const [made] = await gateway.install([{ verb: 'create', object: 'Person', input: { fullName: 'Late Comer' } }]);
    const [{ id } = { id: '' }] = await gateway.sql(`select id from audit_entry where record_id = '${made!.id}'`);
    expect((await ask(INCLUSION, { id })).body.data).toEqual({ auditInclusionProof: null });
    await gateway.core.audit.keeper.round();
    expect((await ask(INCLUSION, { id, size: sizes[0] })).body.data).toEqual({ auditInclusionProof: null });
    expect((await ask(INCLUSION, { id })).body.data.auditInclusionProof.header).toContain(made!.id);
  });

  test('sizes that no head has are refused', async () => {
    const unsigned = sizes[0]! - 1;
    expect(codes(await ask(CONSISTENCY, { from: unsigned, to: sizes[1] }))).toEqual(['BAD_USER_INPUT']);
    expect(codes(await ask(CONSISTENCY, { from: sizes[1], to: sizes[0] }))).toEqual(['BAD_USER_INPUT']);
    expect(codes(await ask(CONSISTENCY, { from: 0, to: -1 }))).toEqual(['BAD_USER_INPUT']);
  });

  test('they are for those who may read all traces: to others, whatever entry they name, it is the same refusal', async () => {
    const [{ id } = { id: '' }] = await gateway.sql(`select id from audit_entry where object_name = 'Invoice' limit 1`);
    const missing = '00000000-0000-7000-8000-00000000ffff';
    await gateway.install(
      gateway.roleRecords('half-reader', [
        { object: 'AuditEntry', field: 'action', action: 'SEE_CLEAR' },
        { object: 'AuditEntry', field: 'changes', action: 'SEE_CLEAR' },
      ]),
    );
    const half = await gateway.person({ name: 'Hal Freader', audience: 'STAFF', roles: ['half-reader'] });
    for (const who of [ledger.analyst, ledger.support, ledger.portal, half]) {
      const answers = [await ask(INCLUSION, { id }, who), await ask(INCLUSION, { id: missing }, who)];
      expect(codes(answers[0]!)[0]).toMatch(/^(FORBIDDEN|FIELD_FORBIDDEN)$/);
      expect(blank(answers[0]!.text)).toBe(blank(answers[1]!.text));
      expect(codes(await ask('{ auditHead { size } }', {}, who))[0]).toMatch(/^(FORBIDDEN|FIELD_FORBIDDEN)$/);
      expect(codes(await ask(CONSISTENCY, { from: sizes[0], to: sizes[1] }, who))).toHaveLength(1);
    }
    expect(codes(await gateway.ask(null, '{ auditHead { size } }'))).toEqual(['UNAUTHENTICATED']);
    expect(codes(await ask(INCLUSION, { id: missing }))).toEqual(['NOT_FOUND']);
    expect(codes(await ask(INCLUSION, { id: 'x' }))).toEqual(['NOT_FOUND']);
  });

  test('asking for a proof is traced', async () => {
    const [{ id } = { id: '' }] = await gateway.sql('select id from audit_entry limit 1');
    await ask(INCLUSION, { id });
    await gateway.core.folded.flush();
    const rows = await gateway.sql(
      `select distinct user_id from audit_entry where action = 'READ' and record_id = '${id}'`,
    );
    expect(rows).toEqual([{ user_id: reader.userId }]);
  });
});
