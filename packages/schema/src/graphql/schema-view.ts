/**
 * What a class of callers may know of the catalogue. The schema is built from it, so that introspection, SDL and (for
 * portals) validation show exactly this and nothing else.
 */
export interface SchemaView {
  /** Some verbs are for staff alone; to portals they do not exist. */
  readonly audience: 'staff' | 'portal';
  /** The object exists for this class. */
  readable(object: string): boolean;
  /** The member may be selected, masked or clear. */
  selectable(object: string, member: string): boolean;
  /** The member may be filtered and sorted by: it needs to be clear. */
  filterable(object: string, member: string): boolean;
  /** The member may be set by a create or an update. */
  changeable(object: string, member: string): boolean;
  /** The generic mutation exists for this class. */
  allows(object: string, verb: 'create' | 'update' | 'delete'): boolean;
}

/** The whole catalogue: what staff documents are validated against. */
export const wholeView: SchemaView = {
  audience: 'staff',
  readable: () => true,
  selectable: () => true,
  filterable: () => true,
  changeable: () => true,
  allows: () => true,
};
