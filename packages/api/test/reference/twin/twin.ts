import type { TokenSealer } from '@countersign/crypto';
import { compilePolicy, type PolicyBody } from '@countersign/policy';
import { type Catalogue, isUuid, wholeView } from '@countersign/schema';
import {
  type DocumentNode,
  execute,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { collectFields } from 'graphql/execution/collectFields';
import type { AggregateAsk } from './aggregate-asks';
import { type JudgedAggregate, judgeAggregate } from './aggregates';
import { AskReader, type ConnectionAsk, type RecordAsk } from './asks';
import { AskDecider } from './decide-asks';
import { printAnswer } from './json-text';
import { loadRows, type Row } from './load-rows';
import { type JudgedConnection, judgeConnection } from './pages';
import { placeOf, RecordViews } from './record-views';
import { Records } from './records';
import { type Notice, type Reason, Refused } from './refused';
import { type Caller, type Standing, servedSchema, standingOf } from './standing';

/** An error of the twin. Where policy has several reasons to refuse, the gateway may name any one of them. */
export interface TwinError {
  readonly reasons: readonly Reason[];
  readonly path?: readonly (string | number)[];
  readonly selection?: string;
}

export interface TwinAnswer {
  /** The text of `data`; undefined when the document was not run. */
  readonly data: string | undefined;
  readonly errors: readonly TwinError[];
  /** The text of `extensions.withheld`; undefined when no rule on single cells has to do with the answer. */
  readonly withheld?: string;
}

export interface TwinWorld {
  readonly catalogue: Catalogue;
  readonly body: PolicyBody;
  /** A database role that may read every table. */
  readonly url: string;
  readonly cursors: TokenSealer;
  readonly limits: { readonly page: number; readonly defaultPage: number };
}

type Root = {
  readonly object: string;
  readonly id?: unknown;
  readonly record?: RecordAsk;
  readonly connection?: ConnectionAsk;
  readonly aggregate?: AggregateAsk;
};

/**
 * The slow twin of the gateway's reading: graphql-js with its default resolvers, over all records in memory, with the
 * whole of Casbin asked about every field. It shares the meaning of catalogue, conditions and row scopes with the gateway
 * (packages/schema, packages/policy), and none of its planning and SQL.
 */
export class Twin {
  private readonly standings = new Map<Caller, Promise<Standing>>();

  private last?: { text: string; schema: GraphQLSchema; document: DocumentNode; valid: boolean };

  private constructor(
    private readonly world: TwinWorld,
    /** All that is served to those who see everything. */
    readonly schema: GraphQLSchema,
    private readonly standing: (caller: Caller) => Promise<Standing>,
  ) {}

  static async open(world: TwinWorld): Promise<Twin> {
    const { catalogue, body, url } = world;
    const policy = await compilePolicy(catalogue, body.catalogueRevision, body);
    const all = Records.all(catalogue, await loadRows(url, catalogue));
    const schema = servedSchema(catalogue, wholeView);
    return new Twin(world, schema, (caller) => standingOf(caller, policy, all, schema));
  }

  /** Answers one operation: the first of the document. */
  async answer(caller: Caller, text: string, given: Readonly<Record<string, unknown>>): Promise<TwinAnswer> {
    const known = this.standings.get(caller) ?? this.standing(caller);
    this.standings.set(caller, known);
    const standing = await known;
    const { document, valid } = this.checked(text, standing.validationSchema);
    if (!valid) return refusedWith('GRAPHQL_VALIDATION_FAILED');
    const operation = document.definitions.find(
      ({ kind }) => kind === Kind.OPERATION_DEFINITION,
    )! as OperationDefinitionNode;
    const { coerced } = getVariableValues(standing.validationSchema, operation.variableDefinitions ?? [], given);
    if (!coerced) return refusedWith('BAD_USER_INPUT');
    return this.run(standing, document, operation, coerced, given);
  }

  /** Documents come several times in a row. */
  private checked(text: string, schema: GraphQLSchema): { document: DocumentNode; valid: boolean } {
    if (this.last?.text === text && this.last.schema === schema) return this.last;
    const document = parse(text);
    this.last = { text, schema, document, valid: validate(schema, document).length === 0 };
    return this.last;
  }

  private run(
    standing: Standing,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Record<string, unknown>,
    given: Readonly<Record<string, unknown>>,
  ): TwinAnswer {
    const { catalogue, cursors, limits } = this.world;
    const { schema } = this;
    const fragments = Object.fromEntries(
      document.definitions
        .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
        .map((one) => [one.name.value, one]),
    );
    const reader = new AskReader({ catalogue, schema, limits, fragments, variables });
    const roots = new Map<string, Root | Refused>();
    const errors: TwinError[] = [];
    const notices: ReturnType<typeof below>[] = [];
    const judged = new Map<string, JudgedConnection>();
    const figures = new Map<string, JudgedAggregate>();
    for (const [key, nodes] of collectFields(
      schema,
      fragments,
      variables,
      schema.getQueryType()!,
      operation.selectionSet,
    )) {
      if (nodes[0]!.name.value === '__typename') continue;
      const decider = new AskDecider(catalogue, standing.oracle, standing.cells);
      try {
        const root = this.readRoot(reader, key, nodes);
        decider.root(root.object, root);
        for (const [place, ask] of reader.connections) {
          if (decider.permitted.has(ask)) judged.set(place, judgeConnection(ask, standing, cursors));
        }
        for (const [place, ask] of reader.aggregates) {
          if (decider.permitted.has(ask)) figures.set(place, judgeAggregate(ask));
        }
        for (const { code, coordinate, path, selection } of decider.withheld) {
          const reasons = [{ code, coordinate }];
          errors.push({ reasons, path: [key, ...path], selection: [key, ...selection].join('.') });
        }
        notices.push(...decider.notices.map((notice) => below(key, notice)));
        roots.set(key, root);
      } catch (error) {
        roots.set(key, refusalOf(error));
      }
    }
    const views = new RecordViews(standing, judged, figures);
    const result = execute({
      schema,
      document,
      variableValues: given,
      rootValue: this.rootValue(standing, views, roots),
    });
    if ('then' in result) throw new Error('nothing in the twin waits');
    for (const { path, originalError, message } of result.errors ?? []) {
      const reasons = originalError instanceof Refused ? originalError.reasons : [{ code: `TWIN_FAILED ${message}` }];
      errors.push({ reasons, ...(path ? { path } : {}) });
    }
    return { data: printAnswer(result.data), errors, withheld: withheldText(notices) };
  }

  private readRoot(reader: AskReader, key: string, nodes: readonly FieldNode[]): Root {
    const name = nodes[0]!.name.value;
    const given = reader.argumentsOf(this.schema.getQueryType()!, nodes);
    for (const object of this.world.catalogue.objects.values()) {
      if (object.singular === name)
        return { object: object.name, id: given.id, record: reader.record(object, nodes, [key]) };
      if (object.plural === name) {
        return { object: object.name, connection: reader.connection(object, null, given, nodes, [key]) };
      }
      if (`${object.plural}Aggregate` === name) {
        return { object: object.name, aggregate: reader.aggregate(object, given, nodes, [key]) };
      }
    }
    throw new Error(`${name} is no root field of records`);
  }

  private rootValue(standing: Standing, views: RecordViews, roots: ReadonlyMap<string, Root | Refused>) {
    const { visible } = standing;
    const answer = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
      const root = roots.get(placeOf(info)[0]!)!;
      if (root instanceof Refused) throw root;
      if (root.connection) return views.connection(info, visible.of(root.object));
      if (root.aggregate) return views.aggregate(info, visible.of(root.object));
      const row: Row | null = isUuid(root.id) ? visible.one(root.object, root.id.toLowerCase()) : null;
      return views.record(root.object, row);
    };
    const names = [...this.world.catalogue.objects.values()].flatMap(({ singular, plural }) => {
      return [singular, plural, `${plural}Aggregate`];
    });
    return Object.fromEntries(names.map((name) => [name, answer]));
  }
}

/** A notice below a root field, with the names and in the order that the answer has. */
function below(key: string, { coordinate, use, selection, path }: Notice) {
  return { coordinate, use, selection: [key, ...selection].join('.'), path: [key, ...path] };
}

/** Each use is told once, sorted by place. */
function withheldText(notices: readonly ReturnType<typeof below>[]): string | undefined {
  if (notices.length === 0) return undefined;
  const told = new Map(notices.map((one) => [`${one.selection} ${one.coordinate} ${one.use}`, one] as const));
  return JSON.stringify([...told].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, notice]) => notice));
}

function refusedWith(code: string): TwinAnswer {
  return { data: undefined, errors: [{ reasons: [{ code }] }] };
}

function refusalOf(error: unknown): Refused {
  if (error instanceof Refused) return error;
  // An argument that does not coerce.
  if (error instanceof GraphQLError) return new Refused('BAD_USER_INPUT');
  throw error;
}
