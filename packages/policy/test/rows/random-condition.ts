import { type CatalogueField, memberOf, objectOf, operatorsFor } from '@countersign/schema';
import fc from 'fast-check';
import { PRINCIPAL_VALUES, type PrincipalValues } from '../../src/rows/condition';
import { sampleCatalogue } from './sample-catalogue';
import { pool, sampleId } from './sample-records';

/** A principal some of whose values are null. */
export const SAMPLE_PRINCIPAL: PrincipalValues = {
  userId: sampleId('Contact', 1),
  personId: null,
  accountId: sampleId('Account', 2),
  region: 'EMEA',
  email: null,
  clientId: sampleId('Account', 0),
};

/** Random conditions of an object in their JSON form; all are valid where principal values are allowed. */
export function conditionJsonOf(objectName: string, depth = 4): fc.Arbitrary<Record<string, unknown>> {
  const leaf = fc.oneof(...leaves(objectName));
  if (depth === 0) return leaf;
  const inner = conditionJsonOf(objectName, depth - 1);
  const list = fc.array(inner, { maxLength: 3 });
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    { weight: 2, arbitrary: fc.record({ and: list }) },
    { weight: 2, arbitrary: fc.record({ or: list }) },
    { weight: 3, arbitrary: fc.record({ not: inner }) },
    { weight: 4, arbitrary: fc.oneof(...steps(objectName, depth - 1)) },
    // Several keys in one object.
    { weight: 1, arbitrary: fc.tuple(leaf, fc.record({ not: inner })).map(([one, other]) => ({ ...one, ...other })) },
  );
}

function leaves(objectName: string): fc.Arbitrary<Record<string, unknown>>[] {
  return objectOf(sampleCatalogue, objectName).members.flatMap((member) => {
    if (member.kind === 'to-many') return [];
    if (member.kind === 'to-one') return [fc.record({ [member.name]: fc.record({ isNull: fc.boolean() }) })];
    return [fc.record({ [member.name]: comparison(objectName, member) })];
  });
}

function comparison(objectName: string, { type }: CatalogueField): fc.Arbitrary<Record<string, unknown>> {
  const principal = PRINCIPAL_VALUES.filter((name) => {
    const isText = name === 'region' || name === 'email';
    return type.kind === 'text' || (type.kind === 'uuid' && !isText) || (type.kind === 'enum' && isText);
  }).map((name) => `$principal.${name}`);
  const value = fc.constantFrom(...pool(objectName, type), ...principal);
  const operands = operatorsFor(type).map((operator) => {
    if (operator === 'isNull') return fc.record({ isNull: fc.boolean() });
    if (operator === 'in') return fc.record({ in: fc.array(value, { maxLength: 4 }) });
    return fc.record({ [operator]: value });
  });
  return fc.oneof(...operands);
}

function steps(objectName: string, depth: number): fc.Arbitrary<Record<string, unknown>>[] {
  return objectOf(sampleCatalogue, objectName).members.flatMap((member) => {
    if (member.kind === 'field') return [];
    const inner = fc.oneof(
      { weight: 6, arbitrary: conditionJsonOf(member.target, Math.min(depth, 2)) },
      { weight: 1, arbitrary: fc.constant({}) },
    );
    if (member.kind === 'to-one') {
      const ids = fc.constantFrom(...[0, 1, 2, 3].map((n) => sampleId(member.target, n)));
      // Only the id is asked for, which the foreign key answers.
      const byKey = fc.record({
        id: fc.oneof(
          fc.record({ eq: ids }),
          fc.record({ ne: ids }),
          fc.record({ in: fc.array(ids, { maxLength: 2 }) }),
        ),
      });
      const notByKey = byKey.map((json) => ({ not: json }));
      return [fc.record({ [member.name]: fc.oneof({ weight: 3, arbitrary: inner }, byKey, notByKey) })];
    }
    const via = memberOf(objectOf(sampleCatalogue, member.target), member.via);
    if (!via) throw new Error('a relation without its other side');
    return [fc.record({ [member.name]: fc.oneof(fc.record({ some: inner }), fc.record({ none: inner })) })];
  });
}
