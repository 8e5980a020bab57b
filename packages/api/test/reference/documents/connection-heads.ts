import type { CatalogueMember, CatalogueObject } from '@countersign/schema';
import { type GraphQLField, type GraphQLInputType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { generateCondition } from '../worlds/generate-condition';
import type { DocumentGround } from './generate-document';
import { type Printing, printInput } from './print-input';

/** The beginning of a connection: `a3: orders(first: 2)`. */
export interface ConnectionHead {
  readonly text: string;
  /** How many records there may be below it, roughly. */
  readonly factor: number;
  /** A later request puts cursors of this answer into its variables. */
  readonly wantsCursors: boolean;
}

/** A connection, by response key, whose page is given by variables. */
export interface CursorSlot {
  readonly key: string;
  readonly after?: string;
  readonly before?: string;
}

interface Place {
  readonly object: CatalogueObject;
  readonly field: GraphQLField<unknown, unknown>;
  readonly name: string;
  readonly owner: string;
  /** How many records there may be above it. */
  readonly factor: number;
}

const MOST_RECORDS = 150;

/** Makes the heads of connections, with random arguments. */
export class ConnectionHeads {
  readonly slots: CursorSlot[] = [];
  /** Without an alias a relation has the same arguments wherever it stands, or the selections could not be merged. */
  private readonly unaliased = new Map<string, ConnectionHead & { readonly size: number }>();
  private made = 0;

  constructor(
    private readonly printing: Printing,
    private readonly ground: DocumentGround,
    private readonly likes: (member: CatalogueMember, object: string) => boolean,
  ) {}

  make(place: Place): ConnectionHead {
    const { chance } = this.printing;
    const name = `${place.owner}.${place.name}`;
    const known = this.unaliased.get(name);
    if (chance.percent(60)) {
      if (known && known.size * place.factor <= MOST_RECORDS) return { ...known, factor: known.size * place.factor };
      if (!known) {
        const head = this.head(place, '');
        this.unaliased.set(name, head);
        return head;
      }
    }
    this.made += 1;
    return this.head(place, `c${this.made}`);
  }

  private head(place: Place, alias: string): ConnectionHead & { readonly size: number } {
    const { chance } = this.printing;
    const { name, object } = place;
    const args: string[] = [];
    const give = (argument: string, value: unknown, remake?: () => unknown) => {
      args.push(`${argument}: ${printInput(this.printing, value, this.typeOf(place, argument), remake)}`);
    };
    if (chance.percent(45)) {
      const where = () => this.where(object);
      give('where', where(), where);
    }
    if (chance.percent(45)) {
      const order = () => this.orderBy(object, place);
      give('orderBy', order(), order);
    }
    const size = this.size(place.factor);
    if (size !== null) {
      const again = () => this.size(place.factor) ?? 3;
      const end = chance.percent(35) ? 'last' : 'first';
      give(end, size, again);
      if (chance.percent(1)) give(end === 'last' ? 'first' : 'last', chance.pick([2, null]));
    }
    const slot = this.cursors(alias === '' ? name : alias, args);
    const text = `${alias === '' ? '' : `${alias}: `}${name}${args.length > 0 ? `(${chance.shuffled(args).join(', ')})` : ''}`;
    const most = Math.max(1, Math.min(size ?? 20, 20));
    return { text, factor: place.factor * most, wantsCursors: slot, size: most };
  }

  private cursors(key: string, args: string[]): boolean {
    const { chance, variables } = this.printing;
    if (chance.percent(2)) args.push(`after: ${JSON.stringify(chance.pick(['', 'no cursor', 'AAAA']))}`);
    else if (chance.percent(30)) {
      const ends = chance.weighted([
        [5, ['after']],
        [4, ['before']],
        [2, ['after', 'before']],
      ] as const);
      const names = ends.map((end) => {
        const variable = variables.add('String', chance.percent(50) ? null : undefined, () => undefined);
        args.push(`${end}: ${variable}`);
        return [end, variable.slice(1)];
      });
      this.slots.push({ key, ...Object.fromEntries(names) });
      return true;
    }
    return false;
  }

  private where(object: CatalogueObject): unknown {
    const { chance } = this.printing;
    const { catalogue, rows, audience } = this.ground;
    const caution = audience === 'portal' ? 99 : 95;
    const likes = (name: string, member: CatalogueMember) => this.likes(member, name);
    if (chance.percent(1)) return null;
    return generateCondition(
      chance,
      { catalogue, rows, principal: false, likes, caution },
      object.name,
      chance.between(0, 3),
    );
  }

  private orderBy(object: CatalogueObject, place: Place): unknown {
    const { chance } = this.printing;
    const type = innermost(this.typeOf(place, 'orderBy'));
    const known = isInputObjectType(type) ? Object.keys(type.getFields()) : [];
    const liked = object.members.filter((member) => known.includes(member.name) && this.likes(member, object.name));
    const names = liked.length > 0 && chance.percent(97) ? liked.map((member) => member.name) : known;
    const keys = chance.some(
      names,
      chance.weighted([
        [1, 0],
        [6, 1],
        [4, 2],
        [2, 3],
      ]),
    );
    if (keys.length > 0 && chance.percent(1)) keys.push(keys[0]!);
    return keys.map((key) => ({ [key]: chance.pick(['ASC', 'DESC']) }));
  }

  private size(factor: number): number | null {
    const { chance } = this.printing;
    const room = Math.max(1, Math.floor(MOST_RECORDS / factor));
    const size = chance.weighted<number | null>([
      [10, chance.int(6)],
      [3, chance.between(5, 12)],
      [2, chance.pick([10, 20, 25, 50, 100])],
      [room > 20 ? 5 : 0, null],
    ]);
    if (chance.percent(0.6)) return chance.pick([-1, 101, 1_000_000]);
    return size === null ? null : Math.min(size, room);
  }

  private typeOf({ field }: Place, argument: string): GraphQLInputType {
    return field.args.find(({ name }) => name === argument)!.type;
  }
}

function innermost(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) || isListType(type) ? innermost(type.ofType as GraphQLInputType) : type;
}
