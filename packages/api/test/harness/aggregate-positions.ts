import {
  aggregateName,
  aggregateType,
  type CatalogueObject,
  groupableMembers,
  hasExtremes,
  isSummable,
  type StoredMember,
} from '@countersign/schema';

/** A literal to compare a figure with. */
function literalOf(kind: string): string {
  switch (kind) {
    case 'integer':
      return '1';
    case 'date':
      return '"2026-01-01"';
    case 'timestamp':
      return '"2026-01-01T00:00:00Z"';
    default:
      return '"1"';
  }
}

function groupingOf(member: StoredMember): string {
  if (member.kind === 'to-one') return '{ id: true }';
  if (member.type.kind === 'date') return '{ by: MONTH }';
  return member.type.kind === 'timestamp' ? '{ by: YEAR, timeZone: "Europe/Berlin" }' : 'true';
}

/** Every way of using a member in an aggregate of its object, as root fields; none for members that take no part. */
export function aggregatePositions(object: CatalogueObject, name: string): string[] {
  const member = groupableMembers(object).find((candidate) => candidate.name === name);
  if (!member) return [];
  const root = aggregateName(object.plural);
  const shown = member.kind === 'to-one' ? `${name} { id }` : name;
  const group = `{ ${name}: ${groupingOf(member)} }`;
  const order = member.kind === 'to-one' ? `{ ${name}: { id: ASC } }` : `{ ${name}: ASC }`;
  const functions = [
    'countDistinct',
    ...(isSummable(member) ? ['sum', 'avg'] : []),
    ...(hasExtremes(member) ? ['min', 'max'] : []),
  ] as ('countDistinct' | 'sum' | 'avg' | 'min' | 'max')[];
  return [
    `${root}(groupBy: [${group}]) { groups { count } }`,
    `${root}(groupBy: [${group}], orderBy: [{ key: ${order} }]) { groups { key { ${shown} } } }`,
    ...functions.flatMap((of) => {
      const { kind } = aggregateType(of, member.kind === 'field' ? member.type : { kind: 'uuid' });
      const compared = `{ ${of}: { ${name}: { ne: ${literalOf(kind)} } } }`;
      return [
        `${root} { groups { ${of} { ${name} } } }`,
        `${root}(having: ${compared}) { groups { count } }`,
        `${root}(having: { not: { or: [${compared}] } }) { groups { count } }`,
        `${root}(orderBy: [{ ${of}: { ${name}: DESC } }]) { groups { count } }`,
      ];
    }),
  ];
}
