import fc from 'fast-check';
import type { WidenablePolicy } from '../../src/rows/widenings';
import type { GroupDefinition } from '../../src/versions/policy-body';
import { conditionJsonOf } from './random-condition';
import { SAMPLE_OBJECTS } from './sample-catalogue';

export type GroupCondition = GroupDefinition['conditions'][number];

const conditions = new Map(SAMPLE_OBJECTS.map((object) => [object, conditionJsonOf(object, 2)]));

/** A condition of a group on a random object; most are on the heads of the chains, where they reach furthest. */
export function randomGroupCondition(): fc.Arbitrary<GroupCondition> {
  return fc
    .constantFrom(...SAMPLE_OBJECTS, 'Account', 'Account', 'Invoice')
    .chain((object) => conditions.get(object)!.map((condition) => ({ object, condition })));
}

/** Up to three groups, `a`, `b` and `c`, with up to three conditions each, over objects of which some are open. */
export function randomPolicy(): fc.Arbitrary<WidenablePolicy> {
  const group = (id: string): fc.Arbitrary<GroupDefinition> =>
    fc.record({
      id: fc.constant(id),
      name: fc.constant(`group ${id}`),
      access: fc.constantFrom('read', 'read-write'),
      conditions: fc.array(randomGroupCondition(), { maxLength: 3 }),
    });
  return fc.record({
    roles: fc.constant([]),
    cellRules: fc.constant([]),
    sharing: fc
      .subarray([...SAMPLE_OBJECTS])
      .map((open) => open.map((object) => ({ object, sharing: 'open' as const }))),
    groups: fc.tuple(group('a'), group('b'), group('c')).chain((groups) => fc.subarray(groups, { minLength: 1 })),
  });
}
