import { rootSecretFromBytes } from '@countersign/crypto';
import { type DecisionRecord, openDecision, sealDecision } from './decision-token';

const root = rootSecretFromBytes(Buffer.alloc(32, 9));
const decisions = root.sealer('decision');
const record: DecisionRecord = {
  policyVersion: 12,
  peopleEpoch: 345,
  caller: '01900000-0000-7000-8000-000000000000',
  coordinate: 'Invoice.taxId',
  action: 'FILTER',
  because: null,
  code: 'FIELD_FORBIDDEN',
};
const NOTHING: DecisionRecord = {
  policyVersion: null,
  peopleEpoch: null,
  caller: null,
  coordinate: null,
  action: null,
  because: null,
  code: 'OK',
};

test('a decision id opens as what it was sealed with', () => {
  for (const about of [record, NOTHING]) expect(openDecision(decisions, sealDecision(decisions, about))).toEqual(about);
});

test('the longest decision has an id as long as the shortest', () => {
  const longest: DecisionRecord = {
    ...record,
    policyVersion: 2_147_483_647,
    peopleEpoch: 2_147_483_647,
    coordinate: `${'O'.repeat(63)}.${'f'.repeat(63)}`,
    action: 'AGGREGATE',
    because: 'write-scope',
    code: 'GRAPHQL_VALIDATION_FAILED',
  };
  expect(sealDecision(decisions, longest)).toHaveLength(sealDecision(decisions, NOTHING).length);
});

test('nothing else opens: bent ids, ids under other keys, and texts sealed as decisions that are none', () => {
  const id = sealDecision(decisions, record);
  for (let at = 0; at < id.length; at += 7) {
    const bent = `${id.slice(0, at)}${id[at] === 'A' ? 'B' : 'A'}${id.slice(at + 1)}`;
    expect(openDecision(decisions, bent)).toBeNull();
  }
  expect(openDecision(root.sealer('cursor'), id)).toBeNull();
  for (const text of ['no JSON', '{}', '[]', '[1,2,3,4]', '[null,null,null,null,null,null,"NOT_A_CODE"]']) {
    expect(openDecision(decisions, decisions.seal(text, 'decision'))).toBeNull();
  }
});
