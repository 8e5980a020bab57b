import type { CatalogueMember, CatalogueObject } from '@countersign/schema';
import { memberOf } from '@countersign/schema';
import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import type { Chance } from '../worlds/chance';
import type { AggregateHead } from './aggregate-heads';

/** How the rest of the document writes a selection. */
export interface PartWriting {
  readonly chance: Chance;
  readonly schema: GraphQLSchema;
  alias(share: number): string;
  directive(): string;
  mixed(type: string, parts: readonly string[]): string;
  likes(member: CatalogueMember, object: string): boolean;
}

/** A random selection below an aggregate. */
export function aggregateParts(at: PartWriting, object: CatalogueObject, head: AggregateHead): string {
  const { chance, schema } = at;
  const typeOf = (name: string) => schema.getType(name) as GraphQLObjectType;
  const group = typeOf(`${object.name}AggregateGroup`);
  const leaf = (name: string) => `${at.alias(12)}${name}${at.directive()}`;

  const key = () => {
    const own = head.keys.filter(({ relation }) => relation === null).map(({ field }) => leaf(field));
    const relations = [...new Set(head.keys.flatMap(({ relation }) => relation ?? []))];
    const parents = relations.map((relation) => {
      const inner = head.keys.filter((one) => one.relation === relation).map(({ field }) => leaf(field));
      const target = getNamedType(typeOf(`${object.name}AggregateKey`).getFields()[relation]!.type).name;
      return `${at.alias(12)}${relation}${at.directive()} {${at.mixed(target, inner)}}`;
    });
    const strays = chance.percent(0.7)
      ? [leaf(chance.pick(Object.keys(typeOf(`${object.name}AggregateKey`).getFields())))]
      : [];
    const usable = strays.filter((stray) => isLeafOf(typeOf(`${object.name}AggregateKey`), stray));
    const names = chance.percent(5) ? [`${at.alias(10)}__typename`] : [];
    return `${at.alias(8)}key${at.directive()} {${at.mixed(`${object.name}AggregateKey`, [...own, ...parents, ...usable, ...names])}}`;
  };

  const figures = (of: string) => {
    const type = getNamedType(group.getFields()[of]!.type) as GraphQLObjectType;
    const all = Object.keys(type.getFields());
    const liked = all.filter((name) => at.likes(memberOf(object, name)!, object.name));
    const from = liked.length > 0 && chance.percent(98.5) ? liked : all;
    const names = chance.some(from, chance.between(1, 3)).map(leaf);
    if (chance.percent(4)) names.push('__typename');
    return `${at.alias(8)}${of}${at.directive()} {${at.mixed(type.name, names)}}`;
  };

  const groups = () => {
    const functions = Object.keys(group.getFields()).filter((name) => name !== 'key' && name !== 'count');
    const parts = [
      ...(head.keys.length > 0 && chance.percent(90) ? [key()] : []),
      ...(chance.percent(60) ? [leaf('count')] : []),
      ...chance
        .some(
          functions,
          chance.weighted([
            [2, 0],
            [5, 1],
            [3, 2],
            [2, 3],
          ]),
        )
        .map(figures),
      ...(chance.percent(5) ? ['__typename'] : []),
    ];
    return `${at.alias(8)}groups${at.directive()} {${at.mixed(group.name, parts.length > 0 ? chance.shuffled(parts) : ['count'])}}`;
  };

  const parts = [
    groups(),
    ...(chance.percent(40) ? [leaf('hasMore')] : []),
    ...(chance.percent(5) ? ['__typename'] : []),
  ];
  if (chance.percent(4)) parts.shift();
  return `{${at.mixed(`${object.name}Aggregate`, parts.length > 0 ? chance.shuffled(parts) : ['hasMore'])}}`;
}

function isLeafOf(type: GraphQLObjectType, selection: string): boolean {
  const name = /(\w+)( @.*)?$/.exec(selection)?.[1] ?? '';
  return !isObjectType(getNamedType(type.getFields()[name]?.type));
}
