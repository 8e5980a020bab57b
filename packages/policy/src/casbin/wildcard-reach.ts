import { type Catalogue, type CatalogueObject, memberOf } from '@countersign/schema';
import { OBJECT_FIELD } from '../fields/levels';

/** Whether a `*`, as object or as field, covers this field of this object. */
export type WildcardReach = (object: string, field: string) => boolean;

/**
 * Wildcards cover billing and custom objects, never system objects and never fields tagged cardholder: who may touch
 * those is always written out, one field at a time. What the catalogue does not know is not covered.
 */
export function wildcardReach(catalogue: Catalogue): WildcardReach {
  const covered = new Map<string, ReadonlySet<string>>();
  for (const object of catalogue.objects.values()) covered.set(object.name, coveredFields(object));
  return (object, field) => covered.get(object)?.has(field) ?? false;
}

function coveredFields(object: CatalogueObject): ReadonlySet<string> {
  if (object.kind === 'system') return new Set();
  const names = object.members.map((member) => member.name).filter((name) => !isCardholder(object, name));
  return new Set([OBJECT_FIELD, ...names]);
}

function isCardholder(object: CatalogueObject, field: string): boolean {
  const member = memberOf(object, field);
  return member !== undefined && member.kind !== 'to-many' && member.tags.includes('cardholder');
}
