import { type CatalogueField, type CatalogueObject, operatorsFor } from '@countersign/schema';

function exampleOf({ type }: CatalogueField): string {
  switch (type.kind) {
    case 'uuid':
      return '"01900000-0000-7000-8000-000000000000"';
    case 'integer':
      return '1';
    case 'boolean':
      return 'true';
    case 'decimal':
      return '"1"';
    case 'date':
      return '"2026-01-01"';
    case 'timestamp':
      return '"2026-01-01T00:00:00Z"';
    case 'enum':
      return type.values[0]!;
    default:
      return '"A"';
  }
}

/** Every operator on a field, and the field in every place of a filter, as root fields. */
export function filterPositions(
  objects: readonly CatalogueObject[],
  object: CatalogueObject,
  field: CatalogueField,
): string[] {
  const tests = operatorsFor(field.type).map((operator) => {
    const value = operator === 'in' ? `[${exampleOf(field)}]` : operator === 'isNull' ? 'true' : exampleOf(field);
    return `{ ${field.name}: { ${operator}: ${value} } }`;
  });
  const test = tests.at(-1)!;
  const places = [
    ...tests,
    `{ and: [${test}] }`,
    `{ or: [{ id: { isNull: true } }, ${test}] }`,
    `{ not: ${test} }`,
    `{ not: { or: [{ and: [${test}] }] } }`,
  ];
  const roots = places.map((where) => `${object.plural}(where: ${where}) { totalCount }`);
  const through = objects.flatMap(({ plural, members }) =>
    members.flatMap((member) => {
      if (member.kind === 'field' || member.target !== object.name) return [];
      const inner = member.kind === 'to-one' ? test : `{ some: ${test} }`;
      return [`${plural}(where: { ${member.name}: ${inner} }) { totalCount }`];
    }),
  );
  return [...roots, ...through];
}

/** A field as what a list is sorted by. */
export function sortPositions(object: CatalogueObject, field: CatalogueField): string[] {
  if (field.type.kind === 'json') return [];
  return ['ASC', 'DESC'].map(
    (direction) => `${object.plural}(first: 5, orderBy: [{ ${field.name}: ${direction} }]) { nodes { id } totalCount }`,
  );
}
