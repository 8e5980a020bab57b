import {
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import type { Catalogue, CatalogueObject, GenericVerb } from '../catalogue/catalogue';
import { DateTimeScalar } from '../scalars/scalars';
import type { InputTypes } from './input-types';
import { type RecordResolvers, resolvedBy } from './record-resolvers';
import type { RecordTypes } from './record-types';
import type { SchemaView } from './schema-view';

const UserError = new GraphQLObjectType({
  name: 'UserError',
  description: 'A value that was not accepted; nothing was written.',
  fields: {
    code: { type: new GraphQLNonNull(GraphQLString) },
    field: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)), description: 'The path of the input field.' },
    message: { type: new GraphQLNonNull(GraphQLString) },
  },
});

/** Everybody whose change is held must learn it, whatever else they may read; so this is no record type. */
const HeldChange = new GraphQLObjectType({
  name: 'HeldChange',
  description: 'A change that waits: for the agreement of others, or for its day.',
  fields: {
    id: { type: new GraphQLNonNull(GraphQLID), description: 'The id of the pending change.' },
    status: { type: new GraphQLNonNull(GraphQLString) },
    waitingFor: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))),
      description: 'What is missing, in words.',
    },
  },
});
const pendingChange = { type: HeldChange, description: 'Set when the change was not applied but waits.' };

const Submission = new GraphQLInputObjectType({
  name: 'SubmissionInput',
  description: 'What you say about a change set that may have to wait.',
  fields: {
    reason: { type: GraphQLString, description: 'Why you ask for it. It is part of the trace.' },
    effectiveAt: { type: DateTimeScalar, description: 'Not to be applied before this moment.' },
    revises: {
      type: GraphQLID,
      description: 'The pending change of yours that this set takes the place of. Its signatures are void.',
    },
  },
});

const errorList = new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(UserError)));

export interface ChangeFieldsOptions {
  readonly catalogue: Catalogue;
  readonly view: SchemaView;
  readonly resolvers?: RecordResolvers;
}

/**
 * The generic mutations: create, update and delete of each object, and change sets over all of them. Payloads are
 * nullable, so that one refused mutation of a document does not hide the answers of those that were carried out.
 */
export class ChangeFields {
  constructor(
    private readonly options: ChangeFieldsOptions,
    private readonly objects: readonly CatalogueObject[],
    private readonly inputs: InputTypes,
    private readonly types: RecordTypes,
  ) {}

  all(): GraphQLFieldConfigMap<unknown, unknown> {
    const { view } = this.options;
    const fields: GraphQLFieldConfigMap<unknown, unknown> = {};
    const members: Record<string, { type: GraphQLInputObjectType }> = {};
    const id = { type: new GraphQLNonNull(GraphQLID) };
    const expectedVersion = { type: new GraphQLNonNull(GraphQLInt), description: 'The version that you last saw.' };
    for (const object of this.objects) {
      const verbs = object.verbs.filter((verb) => view.allows(object.name, verb));
      for (const verb of verbs) {
        const input = verb === 'create' ? this.inputs.create(object.name) : this.inputs.update(object.name);
        if (verb !== 'delete' && !input) continue;
        const name = `${verb}${object.name}`;
        const args: GraphQLFieldConfigArgumentMap = {
          ...(verb === 'create' ? {} : { id, expectedVersion }),
          ...(verb === 'delete' ? {} : { input: { type: new GraphQLNonNull(input!) } }),
        };
        fields[name] = {
          type: this.payloadType(name, object),
          args,
          ...resolvedBy(this.options.resolvers, (resolvers) => resolvers.change(object.name, verb)),
        };
        members[name] = { type: this.changeInput(name, verb, args) };
      }
    }
    if (Object.keys(members).length > 0) fields.applyChangeSet = this.changeSetField(members);
    return fields;
  }

  private changeInput(name: string, verb: GenericVerb, args: GraphQLFieldConfigArgumentMap): GraphQLInputObjectType {
    const as = {
      type: GraphQLString,
      description: 'A name by which later changes of the set refer to the new record: "@name".',
    };
    return new GraphQLInputObjectType({
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)}Change`,
      fields: { ...(verb === 'create' ? { as } : {}), ...args },
    });
  }

  private changeSetField(members: Record<string, { type: GraphQLInputObjectType }>) {
    const change = new GraphQLInputObjectType({ name: 'ChangeInput', isOneOf: true, fields: members });
    const changed = new GraphQLObjectType({
      name: 'ChangedRecord',
      fields: {
        object: { type: new GraphQLNonNull(GraphQLString) },
        id: { type: new GraphQLNonNull(GraphQLID) },
        version: { type: GraphQLInt, description: 'Null for a record that was deleted.' },
      },
    });
    return {
      description: 'Several changes that apply together or not at all.',
      type: new GraphQLObjectType({
        name: 'ChangeSetPayload',
        fields: {
          records: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(changed))) },
          pendingChange,
          userErrors: { type: errorList },
        },
      }),
      args: {
        changes: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(change))) },
        submission: { type: Submission },
      },
      ...resolvedBy(this.options.resolvers, (resolvers) => resolvers.changeSet),
    };
  }

  private payloadType(name: string, object: CatalogueObject): GraphQLObjectType {
    return new GraphQLObjectType({
      name: `${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`,
      fields: {
        [object.singular]: {
          type: this.types.record(object.name),
          ...resolvedBy(this.options.resolvers, (resolvers) => resolvers.readInner(object.name)),
        },
        pendingChange,
        userErrors: { type: errorList },
      },
    });
  }
}
