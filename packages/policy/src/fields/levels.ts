/** How much of a field someone may see; each level includes the ones below it. */
export type SeeLevel = 'none' | 'masked' | 'clear';

/** What someone may do with records of an object as a whole. */
export type ObjectAction = 'create' | 'update' | 'delete' | 'export' | 'approve';

/** What a permission line speaks about: a see-level or a change of one field, or an action on the object. */
export type PermissionAction = 'see-masked' | 'see-clear' | 'change' | ObjectAction;

export const OBJECT_ACTIONS: readonly ObjectAction[] = ['create', 'update', 'delete', 'export', 'approve'];
export const FIELD_ACTIONS: readonly PermissionAction[] = ['see-masked', 'see-clear', 'change'];

/** The field of lines and requests that are about an object as a whole. */
export const OBJECT_FIELD = '-';
/** Any object, or any field, as far as wildcards reach. */
export const ANY = '*';
