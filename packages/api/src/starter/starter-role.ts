/** What a role may do with whole records. */
export type StarterAction = 'CREATE' | 'UPDATE' | 'DELETE' | 'EXPORT' | 'APPROVE';

/**
 * The fields of an object: by name; `*` for all that a wildcard covers; or `each`, which names every one of them, because
 * wildcards never cover system objects.
 */
export type StarterFields = readonly string[] | '*' | 'each';

type ByObject<T> = Readonly<Record<string, T>>;

/** A role as a table that can be read at a glance. What it does not name is none. */
export interface StarterRole {
  readonly name: string;
  readonly description: string;
  readonly inherits?: readonly string[];
  readonly clear?: ByObject<StarterFields>;
  readonly masked?: ByObject<StarterFields>;
  readonly change?: ByObject<StarterFields>;
  readonly may?: ByObject<readonly StarterAction[]>;
}

/** The same for several objects. */
export function onEach<T>(objects: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(objects.map((object) => [object, value]));
}

/** Names of fields, written in one line. */
export function fields(names: string): string[] {
  return names.split(' ');
}
