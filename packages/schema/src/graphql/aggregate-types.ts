import {
  GraphQLBoolean,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql';
import { type Catalogue, objectOf, type StoredMember } from '../catalogue/catalogue';
import { DateScalar } from '../scalars/scalars';
import { AggregateInputs, functionsOver, groupLimit } from './aggregate-inputs';
import { type AggregateFunction, aggregateType } from './aggregate-members';
import type { InputTypes } from './input-types';
import type { SchemaView } from './schema-view';

const DESCRIPTIONS: Record<AggregateFunction, string> = {
  countDistinct: 'How many different values there are; empty ones are not counted.',
  sum: 'Exact sums. Null where every value is empty.',
  avg: 'Averages with six digits more than the field has, the last one rounded half away from zero.',
  min: 'Smallest values. Text is compared byte by byte in UTF-8.',
  max: 'Largest values. Text is compared byte by byte in UTF-8.',
};

/**
 * The aggregate types of one schema. They hold only members that may be filtered by: whoever sees a field masked or not
 * at all could read it off its groups and extremes.
 */
export class AggregateTypes {
  private readonly inputs: AggregateInputs;
  private readonly made = new Map<string, GraphQLObjectType>();

  constructor(
    private readonly catalogue: Catalogue,
    view: SchemaView,
    private readonly leaves: InputTypes,
  ) {
    this.inputs = new AggregateInputs(catalogue, view, leaves);
  }

  arguments(name: string): GraphQLFieldConfigArgumentMap {
    const object = objectOf(this.catalogue, name);
    const groupBy = this.inputs.groupBy(object);
    return {
      where: { type: this.leaves.where(name) },
      ...(groupBy ? { groupBy: { type: groupBy, description: 'Left out or empty: one group of all records.' } } : {}),
      having: { type: this.inputs.having(object), description: 'Which groups are answered.' },
      orderBy: { type: this.inputs.orderBy(object), description: 'Groups alike are ordered by their keys.' },
      first: groupLimit,
    };
  }

  aggregate(name: string): GraphQLObjectType {
    return this.once(`${name}Aggregate`, `Groups of ${name} records that you may see.`, () => ({
      groups: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(this.group(name)))) },
      hasMore: {
        type: new GraphQLNonNull(GraphQLBoolean),
        description: 'Whether there are more groups than `first` let through.',
      },
    }));
  }

  private group(name: string): GraphQLObjectType {
    const members = this.inputs.members(objectOf(this.catalogue, name));
    return this.once(`${name}AggregateGroup`, `What the ${name} records of one group have in common.`, () => {
      const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
      if (members.length > 0) fields.key = { type: new GraphQLNonNull(this.key(name, members)) };
      fields.count = { type: new GraphQLNonNull(GraphQLInt), description: 'How many records there are.' };
      for (const [of, some] of functionsOver(members)) {
        fields[of] = { type: new GraphQLNonNull(this.values(name, of, some)), description: DESCRIPTIONS[of] };
      }
      return fields;
    });
  }

  private key(name: string, members: readonly StoredMember[]): GraphQLObjectType {
    return this.once(`${name}AggregateKey`, 'The values that groupBy names; other fields cannot be asked for.', () =>
      Object.fromEntries(
        members.map((member) => [
          member.name,
          { type: member.kind === 'field' ? this.keyLeaf(member) : this.parentKey(member.target) },
        ]),
      ),
    );
  }

  private parentKey(target: string): GraphQLObjectType {
    const description = `The values of the ${target} that groupBy names; null where there is none that you may see.`;
    return this.once(`${target}AggregateParentKey`, description, () =>
      Object.fromEntries(this.inputs.parentFields(target).map((field) => [field.name, { type: this.keyLeaf(field) }])),
    );
  }

  /** Days and instants are grouped by periods, each answered as its first day. */
  private keyLeaf({ type }: StoredMember & { kind: 'field' }) {
    return type.kind === 'date' || type.kind === 'timestamp' ? DateScalar : this.leaves.leaf(type);
  }

  private values(name: string, of: AggregateFunction, members: readonly StoredMember[]): GraphQLObjectType {
    const suffix = { countDistinct: 'Counts', sum: 'Numbers', avg: 'Numbers', min: 'Extremes', max: 'Extremes' }[of];
    return this.once(`${name}Aggregate${suffix}`, undefined, () =>
      Object.fromEntries(
        members.map((member) => {
          const type = aggregateType(of, member.kind === 'field' ? member.type : { kind: 'uuid' });
          return [member.name, { type: this.leaves.leaf(type) }];
        }),
      ),
    );
  }

  private once(
    name: string,
    description: string | undefined,
    fields: () => GraphQLFieldConfigMap<unknown, unknown>,
  ): GraphQLObjectType {
    const known = this.made.get(name);
    if (known) return known;
    const type = new GraphQLObjectType({ name, description, fields });
    this.made.set(name, type);
    return type;
  }
}
