import type { CatalogueField, CatalogueMember, CatalogueObject, FieldType, StoredMember } from '../catalogue/catalogue';

/*
 * Which members take part in aggregates: the one table behind the aggregate types of GraphQL and the planner.
 *
 * Cardholder fields take part in none: each reading of them is traced by record, and a group has no record.
 */

/** The functions over one member, by the name they have in the API. */
export type AggregateFunction = 'countDistinct' | 'sum' | 'avg' | 'min' | 'max';

/** The field that answers aggregates of a connection: `invoices` has `invoicesAggregate` beside it. */
export function aggregateName(connection: string): string {
  return `${connection}Aggregate`;
}

/** Digits that an average has behind those of its field; the last one is rounded half away from zero. */
export const AVERAGE_EXTRA_DIGITS = 6;

function isOpen({ tags }: StoredMember): boolean {
  return !tags.includes('cardholder');
}

/** Members of the object that records can be grouped by and whose distinct values can be counted. */
export function groupableMembers(object: CatalogueObject): StoredMember[] {
  return object.members.filter(
    (member): member is StoredMember =>
      member.kind !== 'to-many' &&
      member.name !== 'id' &&
      isOpen(member) &&
      (member.kind === 'to-one' || member.type.kind !== 'json'),
  );
}

/** Fields of a parent that records can be grouped by, one step away. Its id is the relation itself. */
export function groupableParentFields(target: CatalogueObject): CatalogueField[] {
  return target.members.filter(
    (member): member is CatalogueField => member.kind === 'field' && isOpen(member) && member.type.kind !== 'json',
  );
}

/** Numbers: what can be summed and averaged. */
export function isSummable(member: CatalogueMember): member is CatalogueField {
  return (
    member.kind === 'field' && isOpen(member) && (member.type.kind === 'integer' || member.type.kind === 'decimal')
  );
}

/** What has a smallest and a largest value that mean something. */
export function hasExtremes(member: CatalogueMember): member is CatalogueField {
  if (member.kind !== 'field' || !isOpen(member)) return false;
  return ['integer', 'decimal', 'date', 'timestamp', 'text'].includes(member.type.kind);
}

/** The type in which a function over a field is answered and compared. Sums of integers are decimals: they outgrow 32 bits. */
export function aggregateType(of: AggregateFunction, type: FieldType): FieldType {
  const scale = type.kind === 'decimal' ? type.scale : 0;
  switch (of) {
    case 'countDistinct':
      return { kind: 'integer' };
    case 'sum':
      return { kind: 'decimal', precision: 31, scale };
    case 'avg':
      return { kind: 'decimal', precision: 31, scale: scale + AVERAGE_EXTRA_DIGITS };
    case 'min':
    case 'max':
      return type;
  }
}
