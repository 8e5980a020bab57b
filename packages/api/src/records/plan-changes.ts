import { randomId } from '@countersign/crypto';
import {
  type Catalogue,
  type CatalogueObject,
  inputName,
  isUuid,
  objectOf,
  type StoredMember,
  storedMembers,
} from '@countersign/schema';
import type { ImageValue } from '../database/record-image';
import { madeIn } from '../path/rooms';
import type { Change, ChangePlan, GivenChange, Reference, UserError, UserErrorCode, WriteMeta } from './change';
import { inputPlace } from './change';
import { checkValue } from './check-value';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,119}$/;

/**
 * Reads a change set: every value is checked against its type, new records get their ids, and names given to new records
 * are resolved. It collects everything that is wrong with the input by itself; whether references lead anywhere and
 * values are free is found out by the database.
 *
 * Throws for an object or a verb that the catalogue does not have: callers take both from it.
 */
export function planChanges(
  catalogue: Catalogue,
  given: readonly GivenChange[],
  now: Date,
  newId: NonNullable<WriteMeta['newId']> = () => undefined,
): ChangePlan {
  const planner = new ChangePlanner(catalogue, (change) => newId(change) ?? randomId(now.getTime()));
  for (const change of given) planner.add(change);
  const { changes, references, userErrors } = planner;
  return madeIn<'plan', { changes: Change[]; references: Reference[]; userErrors: UserError[] }>({
    changes,
    references,
    userErrors,
  });
}

interface NewRecord {
  readonly object: string;
  readonly id: string;
}

class ChangePlanner {
  readonly changes: Change[] = [];
  readonly references: Reference[] = [];
  readonly userErrors: UserError[] = [];
  private readonly named = new Map<string, NewRecord>();
  private readonly touched = new Set<string>();

  constructor(
    private readonly catalogue: Catalogue,
    private readonly newId: (change: GivenChange) => string,
  ) {}

  add(given: GivenChange): void {
    const object = objectOf(this.catalogue, given.object);
    if (!object.verbs.includes(given.verb)) throw new Error(`${object.name} has no ${given.verb}`);
    const place = given.place ?? [];
    const id = given.verb === 'create' ? this.newId(given) : this.existingId(given.id, place);
    const values: Record<string, ImageValue> = {};
    const names = given.verb === 'delete' ? [] : this.read(object, given, values);
    if (given.verb === 'create') {
      this.complete(object, values, names, place);
      // A record can be referred to by later changes only, so that they can be carried out one after the other.
      this.nameRecord(given.as, { object: object.name, id }, place);
    }
    const { verb, expectedVersion = null } = given;
    this.changes.push({ verb, object, id, expectedVersion, values, given: names, place });
  }

  private existingId(raw: unknown, place: readonly string[]): string {
    const at = [...place, 'id'];
    if (!isUuid(raw)) {
      this.say('INVALID', at, 'This is not the id of a record.');
      return '';
    }
    const id = raw.toLowerCase();
    if (this.touched.has(id)) this.say('INVALID', at, 'A record can appear only once in a change set.');
    this.touched.add(id);
    return id;
  }

  /** Checks what was given and gives the names of the members that it sets. */
  private read(
    object: CatalogueObject,
    { verb, input = {}, place = [] }: GivenChange,
    values: Record<string, ImageValue>,
  ): string[] {
    const { byInput } = shapeOf(object);
    const names: string[] = [];
    for (const name of Object.keys(input)) {
      const raw = input[name];
      if (raw === undefined) continue;
      const member = byInput.get(name);
      if (!member || member.write === 'never') {
        this.say('INVALID', inputPlace(place, name), 'There is no such input field.');
        continue;
      }
      names.push(member.name);
      if (verb === 'update' && member.write === 'create') {
        this.say('INVALID', inputPlace(place, name), 'This can be set only when the record is created.');
        continue;
      }
      if (member.kind === 'to-one' && raw !== null) {
        const id = this.target(member.target, raw, inputPlace(place, name));
        if (id !== null) values[member.name] = id;
        continue;
      }
      const checked = checkValue(member, raw);
      if ('value' in checked) values[member.name] = checked.value;
      else this.say(checked.code, inputPlace(place, name), checked.message);
    }
    return names;
  }

  private target(target: string, raw: unknown, at: readonly string[]): string | null {
    if (typeof raw === 'string' && raw.startsWith('@')) {
      const named = this.named.get(raw.slice(1));
      if (named?.object === target) return named.id;
      this.say('NOT_FOUND', at, `No earlier change of the set creates such a record under this name.`);
      return null;
    }
    if (!isUuid(raw)) {
      this.say('INVALID', at, 'This is not the id of a record.');
      return null;
    }
    const id = raw.toLowerCase();
    this.references.push({ target, id, place: at });
    return id;
  }

  /** Defaults for what was left out; what has none and may not be empty is missing. */
  private complete(
    object: CatalogueObject,
    values: Record<string, ImageValue>,
    given: readonly string[],
    place: readonly string[],
  ): void {
    for (const { name, input, required, otherwise } of shapeOf(object).settable) {
      if (Object.hasOwn(values, name)) continue;
      // What was given and is not there was wrong, and has been answered for.
      if (given.includes(name)) continue;
      values[name] = otherwise;
      if (required) this.say('REQUIRED', inputPlace(place, input), 'This must have a value.');
    }
  }

  private nameRecord(as: unknown, record: NewRecord, place: readonly string[]): void {
    if (as === undefined || as === null) return;
    const at = [...place, 'as'];
    if (typeof as !== 'string' || !NAME.test(as)) {
      this.say('INVALID', at, 'A name has up to 120 letters, digits and _ . : - and begins with a letter or digit.');
    } else if (this.named.has(as)) {
      this.say('INVALID', at, 'This name is taken by an earlier change of the set.');
    } else {
      this.named.set(as, record);
    }
  }

  private say(code: UserErrorCode, field: readonly string[], message: string): void {
    this.userErrors.push({ code, field, message });
  }
}

/** What planning asks of an object, worked out once. */
interface ObjectShape {
  readonly byInput: ReadonlyMap<string, StoredMember>;
  /** Members that a create may set, with the value they have when it does not. */
  readonly settable: readonly {
    readonly name: string;
    readonly input: string;
    readonly required: boolean;
    readonly otherwise: ImageValue;
  }[];
}

const shapes = new WeakMap<CatalogueObject, ObjectShape>();

function shapeOf(object: CatalogueObject): ObjectShape {
  const known = shapes.get(object);
  if (known) return known;
  const members = storedMembers(object);
  const made: ObjectShape = {
    byInput: new Map(members.map((member) => [inputName(member), member])),
    settable: members
      .filter(({ write }) => write !== 'never')
      .map((member) => {
        const otherwise = defaultOf(object, member);
        const required = otherwise === null && !member.nullable;
        return { name: member.name, input: inputName(member), required, otherwise };
      }),
  };
  shapes.set(object, made);
  return made;
}

function defaultOf(object: CatalogueObject, member: StoredMember): ImageValue {
  if (member.kind !== 'field' || member.default === undefined) return null;
  const checked = checkValue(member, member.default);
  if (!('value' in checked)) throw new Error(`The default of ${object.name}.${member.name} does not fit its type`);
  return checked.value;
}
