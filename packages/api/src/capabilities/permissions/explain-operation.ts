import { sha256 } from '@countersign/crypto';
import { aggregateName, type GenericVerb } from '@countersign/schema';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { type DocumentCheck } from '../../door/check-document';
import { checkDocumentLimits } from '../../door/document-limits';
import { isIntrospection } from '../../door/introspection';
import { documentFaults } from '../../door/run-operation';
import { Fault } from '../../path/faults';
import type { Limits } from '../../path/limits';
import { faultOf } from '../../path/public-error';
import { planRead, type ReadAsk, type RootField } from '../../path/read-path';
import type { RequestScope } from '../../path/request-scope';
import type { DecidedUnder } from '../../path/rooms';
import { readUnderHead, settleHead } from '../../path/under-head';
import { changesOf } from '../../path/write-path';
import { collectSelections } from '../../planner/collect-selections';
import { decideRead } from '../../planner/decide-read';
import type { Decision } from '../../planner/read-plan';
import type { GivenChange } from '../../records/change';
import { changeDecisions } from '../../records/decide-changes';
import { planChanges } from '../../records/plan-changes';

export interface OperationDeps {
  readonly limits: Limits;
  readonly check: DocumentCheck;
}

export interface OperationQuestion {
  readonly document: string;
  readonly operationName?: string | null;
  readonly variables?: unknown;
}

/** One use of an object or a field that policy decided. */
export interface ManifestDecision {
  readonly coordinate: string;
  /** SELECT, FILTER, SORT of reading; CREATE, UPDATE, DELETE, CHANGE of writing. */
  readonly use: string;
  /** Null where it is not about seeing. */
  readonly see: Decision['see'] | null;
  readonly allowed: boolean;
}

export interface ManifestRefusal {
  readonly code: string;
  readonly message: string;
  readonly coordinate: string | null;
  /** Response keys down to the refused selection. */
  readonly selection: readonly string[];
}

/** What is decided for one root field, or for a record inside its answer. */
export interface ManifestEntry {
  /** Response keys down to it. */
  readonly place: readonly string[];
  readonly kind: 'READ' | 'CHANGE' | 'VERB';
  /** The object that is read or changed first; null for verbs of capabilities, which decide for themselves. */
  readonly object: string | null;
  readonly decisions: readonly ManifestDecision[];
  readonly refusals: readonly ManifestRefusal[];
}

export interface OperationManifest {
  readonly under: DecidedUnder;
  /** Why the operation would be refused before anything is decided; empty when it would run. */
  readonly problems: readonly Fault[];
  readonly entries: readonly ManifestEntry[];
}

/**
 * The decisions that running a document would take, for who asks, without running it: the document goes through the same
 * limits, validation, planning and deciding, and stops there. Throws UNAUTHENTICATED, POLICY_UNAVAILABLE.
 */
export async function explainWholeOperation(
  deps: OperationDeps,
  scope: RequestScope,
  question: OperationQuestion,
): Promise<OperationManifest> {
  await settleHead(scope);
  return readUnderHead(scope, async (under) => {
    try {
      return { under, problems: [], entries: manifestOf(deps, scope, under, question) };
    } catch (error) {
      if (error instanceof Refusals) return { under, problems: error.faults, entries: [] };
      throw error;
    }
  });
}

class Refusals extends Error {
  constructor(readonly faults: readonly Fault[]) {
    super('The operation would not run');
  }
}

function manifestOf(
  deps: OperationDeps,
  scope: RequestScope,
  under: DecidedUnder,
  question: OperationQuestion,
): ManifestEntry[] {
  const document = orRefused(() => parsed(deps, question.document));
  const operation = getOperationAST(document, question.operationName);
  if (!operation) throw new Refusals([new Fault('BAD_REQUEST', { message: 'Name one operation of the document.' })]);
  const given = question.variables ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new Refusals([new Fault('BAD_USER_INPUT', { message: 'Variables are an object of values by name.' })]);
  }
  const request = { variables: given as Record<string, unknown> };
  const queryHash = sha256(question.document).toString('base64url');
  const isSchema = orRefused(() => {
    checkDocumentLimits(document, deps.limits);
    const faults = documentFaults(deps, { document, operation, queryHash, request, context: scope });
    if (faults.length > 0) throw new Refusals(faults);
    return isIntrospection(document, operation);
  });
  // The schema that is served to a caller is decided by their class as a whole.
  if (isSchema) return [];
  return new Manifest(deps, under, document, operation, request.variables, scope.receivedAt).entries;
}

function parsed({ limits }: OperationDeps, text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: limits.documentTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw new Fault('GRAPHQL_PARSE_FAILED', { message: error.message });
    throw new Fault('GRAPHQL_PARSE_FAILED', { inside: error });
  }
}

function orRefused<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Fault) throw new Refusals([error]);
    throw error;
  }
}

class Manifest {
  readonly entries: ManifestEntry[] = [];
  private readonly fragments: Record<string, FragmentDefinitionNode> = {};
  private readonly variables: Readonly<Record<string, unknown>>;

  constructor(
    private readonly deps: OperationDeps,
    private readonly under: DecidedUnder,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
    private readonly now: Date,
  ) {
    const schema = under.snapshot.wholeSchema;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments[definition.name.value] = definition;
    }
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    this.variables = coerced ?? {};
    const fields = schema.getRootType(operation.operation)!.getFields();
    for (const [key, nodes] of this.below([operation])) {
      const field = fields[nodes[0]!.name.value];
      if (field) this.root(field, key, nodes);
    }
  }

  private root(field: GraphQLField<unknown, unknown>, key: string, nodes: readonly FieldNode[]): void {
    const place = [key];
    const ask = this.readAsk(field.name);
    if (ask) {
      this.read(place, nodes, ask);
      return;
    }
    const kind = this.isChange(field.name) ? 'CHANGE' : 'VERB';
    const entry: ManifestEntry = { place, kind, object: null, decisions: [], refusals: [] };
    try {
      this.entries.push(kind === 'CHANGE' ? this.change(entry, this.givenChanges(field, nodes[0]!)) : entry);
    } catch (error) {
      this.entries.push({ ...entry, refusals: [refusalOf(error, place)] });
    }
    this.inner(field, place, nodes);
  }

  private readAsk(name: string): ReadAsk | null {
    for (const object of this.under.snapshot.catalogue.objects.values()) {
      if (name === object.singular) return { kind: 'one', object: object.name };
      if (name === object.plural) return { kind: 'many', object: object.name };
      if (name === aggregateName(object.plural)) return { kind: 'aggregate', object: object.name };
    }
    return null;
  }

  private read(place: readonly string[], nodes: readonly FieldNode[], ask: ReadAsk): void {
    const field: RootField = { fieldNodes: nodes, fragments: this.fragments, variableValues: this.variables };
    const decisions: Decision[] = [];
    const told = (refusals: readonly ManifestRefusal[]) => {
      const entry = { place, kind: 'READ' as const, object: ask.object, refusals };
      this.entries.push({ ...entry, decisions: decisions.map(readDecision) });
    };
    try {
      const plan = planRead(this.under, this.deps.limits, field, ask);
      const { refusals } = decideRead(this.under.snapshot.catalogue, plan, this.under.authority, decisions);
      told(
        refusals.map(({ code, coordinate, selection }) => {
          return { code, coordinate, message: new Fault(code).message, selection: [...place, ...selection] };
        }),
      );
    } catch (error) {
      told([refusalOf(error, place)]);
    }
  }

  private isChange(name: string): boolean {
    return name === 'applyChangeSet' || this.genericChange(name) !== null;
  }

  private genericChange(name: string): { verb: GenericVerb; object: string } | null {
    const [, verb, object = ''] = /^(create|update|delete)(.+)$/.exec(name) ?? [];
    return verb && this.under.snapshot.catalogue.objects.has(object) ? { verb: verb as GenericVerb, object } : null;
  }

  private givenChanges(field: GraphQLField<unknown, unknown>, node: FieldNode): GivenChange[] {
    const args = getArgumentValues(field, node, this.variables);
    const generic = this.genericChange(field.name);
    return generic ? [{ ...args, ...generic }] : changesOf(this.deps.limits, this.under, args.changes as object[]);
  }

  /** Every decision that the change set needs; the first that is refused refuses all of it. */
  private change(entry: ManifestEntry, changes: readonly GivenChange[]): ManifestEntry {
    const { snapshot, authority } = this.under;
    const plan = planChanges(snapshot.catalogue, changes, this.now);
    const decided = [...changeDecisions(plan, authority)];
    const refused = decided.find(({ allowed }) => !allowed);
    const code = refused?.action === 'CHANGE' ? 'FIELD_FORBIDDEN' : 'FORBIDDEN';
    return {
      ...entry,
      object: changes[0]?.object ?? null,
      decisions: decided.map(({ coordinate, action, allowed }) => ({ coordinate, use: action, see: null, allowed })),
      refusals: refused ? [refusalOf(new Fault(code, { coordinate: refused.coordinate }), entry.place)] : [],
    };
  }

  /** Records inside the answer of a change or a verb are read as any other. */
  private inner(field: GraphQLField<unknown, unknown>, place: readonly string[], nodes: readonly FieldNode[]): void {
    const type = getNamedType(field.type);
    if (!isObjectType(type)) return;
    if (this.under.snapshot.catalogue.objects.has(type.name)) {
      this.read(place, nodes, { kind: 'inner', object: type.name, id: '' });
      return;
    }
    for (const [key, below] of this.below(nodes)) {
      const next = type.getFields()[below[0]!.name.value];
      if (next) this.inner(next, [...place, key], below);
    }
  }

  private below(nodes: readonly Pick<FieldNode, 'selectionSet'>[]): Map<string, FieldNode[]> {
    return collectSelections(nodes, { fragments: this.fragments, variables: this.variables });
  }
}

function readDecision({ coordinate, use, see }: Decision): ManifestDecision {
  const allowed = use === 'select' ? see !== 'none' : see === 'clear';
  return { coordinate, use: use.toUpperCase(), see, allowed };
}

function refusalOf(error: unknown, place: readonly string[]): ManifestRefusal {
  const { code, message, detail } = faultOf(error);
  if (code === 'INTERNAL') throw error;
  return { code, message, coordinate: detail.coordinate ?? null, selection: place };
}
