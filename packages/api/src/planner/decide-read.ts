import { type Condition, type RowScope, type SeeLevel, scopeImplies } from '@countersign/policy';
import { type Catalogue, memberOf, objectOf, type ToManyRelation } from '@countersign/schema';
import { Fault } from '../path/faults';
import { type Authority, type AuthorizedPlan, madeIn } from '../path/rooms';
import type { AggregatePlan } from './aggregate-plan';
import { CellUses } from './cell-uses';
import { type AroundDecision, decideAggregate } from './decide-aggregate';
import type {
  ConnectionPart,
  ConnectionPlan,
  Decided,
  Decision,
  ReadPlan,
  RecordPlan,
  RecordSelection,
  Refusal,
  SortKey,
} from './read-plan';

/**
 * Decides every field and object that a plan names. A forbidden selected field becomes null with one refusal; a field
 * that is filtered or sorted by without being clear refuses the root field, and so does an object that does not exist
 * for this class (FORBIDDEN, FIELD_FORBIDDEN). The decisions go to `decisions` as they are taken, so that they can be told
 * of a plan that was refused as well.
 */
export function decideRead(
  catalogue: Catalogue,
  plan: ReadPlan,
  authority: Authority,
  decisions: Decision[] = [],
): AuthorizedPlan {
  const decider = new ReadDecider(catalogue, authority, decisions);
  if (plan.kind === 'one') {
    decider.requireReadable(plan.object);
    const scope = authority.readScope(plan.object);
    const record = decider.record(plan.record, scope, TOP);
    return madeIn<'decide', ReadPlan>({ ...plan, record, scope, ...decider.outcome() });
  }
  if (plan.kind === 'aggregate') {
    const { object } = plan.aggregate;
    decider.requireReadable(object);
    const aggregate = decider.aggregate(plan.aggregate, authority.readScope(object), TOP);
    return madeIn<'decide', ReadPlan>({ ...plan, aggregate, ...decider.outcome() });
  }
  decider.requireReadable(plan.connection.object);
  const connection = decider.connection(plan.connection, authority.readScope(plan.connection.object), TOP);
  return madeIn<'decide', ReadPlan>({ ...plan, connection, ...decider.outcome() });
}

const ALWAYS: RowScope = { kind: 'always' };

const USE_ACTION = {
  filter: 'FILTER',
  sort: 'SORT',
  group: 'AGGREGATE',
  aggregate: 'AGGREGATE',
  having: 'AGGREGATE',
} as const;

/** The scope of records whose relation leads to a record of the given scope; null when that scope shows nothing. */
function stepInto(relation: string, scope: RowScope): RowScope | null {
  if (scope.kind !== 'only-where') return null;
  return { kind: 'only-where', condition: { kind: 'step', relation, quantifier: 'one', of: scope.condition } };
}

interface Place {
  readonly selection: readonly string[];
  /** Stops at the first list: GraphQL cannot point below it without naming records. */
  readonly path: readonly string[];
  readonly inList?: boolean;
}

const TOP: Place = { selection: [], path: [] };

function below(place: Place, key: string, list = false): Place {
  return {
    selection: [...place.selection, key],
    path: place.inList ? place.path : [...place.path, key],
    inList: place.inList || list,
  };
}

function placeOf({ selection, path }: Place): Pick<Place, 'selection' | 'path'> {
  return { selection, path };
}

class ReadDecider implements AroundDecision {
  private readonly refusals: Refusal[] = [];
  private readonly cells: CellUses;
  /** What is being decided: the selection whose answer the next decisions are about. */
  private place = TOP;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly authority: Authority,
    private readonly decisions: Decision[],
  ) {
    this.cells = new CellUses(authority);
  }

  outcome(): Decided {
    const { refusals, decisions, cells } = this;
    return { refusals, decisions, ...cells.outcome() };
  }

  requireReadable(object: string): void {
    if (!this.authority.table.readable(object)) throw new Fault('FORBIDDEN', { coordinate: object, action: 'READ' });
  }

  /** `scope` is what the record is known to lie in: relations out of it need not ask that again. */
  record(plan: RecordPlan, scope: RowScope, place: Place): RecordPlan {
    return {
      ...plan,
      selections: plan.selections.map((selection) => this.selection(plan.object, selection, scope, place)),
    };
  }

  private selection(object: string, selection: RecordSelection, scope: RowScope, outer: Place): RecordSelection {
    if (selection.kind === 'typename' || selection.kind === 'withheld') return selection;
    const place = below(outer, selection.key);
    this.place = place;
    const name = selection.kind === 'field' ? selection.field.name : selection.relation.name;
    const coordinate = `${object}.${name}`;
    const figures = selection.kind === 'aggregate';
    const see = this.see(object, name, figures ? 'aggregate' : 'select');
    if (see === 'none' || (figures && see !== 'clear'))
      return this.refuse('FIELD_FORBIDDEN', coordinate, selection.key, place);
    // What is refused depends on no rule, so it is noted behind every refusal.
    if (selection.kind === 'field' || this.authority.table.readable(selection.relation.target))
      this.cells.note(object, name, { coordinate, use: 'select', ...placeOf(place) });
    if (selection.kind === 'field') return { ...selection, see, field: this.cells.fieldAs(object, selection.field) };
    const { target } = selection.relation;
    if (!this.authority.table.readable(target)) return this.refuse('FORBIDDEN', coordinate, selection.key, place);
    const targetScope = this.authority.readScope(target);
    if (selection.kind === 'to-one') {
      const reached = stepInto(selection.relation.name, targetScope);
      const known = reached !== null && scopeImplies(scope, reached);
      return {
        ...selection,
        scope: known ? ALWAYS : targetScope,
        record: this.record(selection.record, targetScope, place),
      };
    }
    this.fromOtherSide(object, selection.relation, figures ? 'aggregate' : 'select');
    const parent = stepInto(selection.relation.via, scope);
    const known = parent !== null && scopeImplies(parent, targetScope);
    if (selection.kind === 'aggregate') {
      return { ...selection, aggregate: this.aggregate(selection.aggregate, known ? ALWAYS : targetScope, place) };
    }
    const connection = this.connection(selection.connection, targetScope, place);
    return { ...selection, connection: known ? { ...connection, scope: ALWAYS } : connection };
  }

  aggregate(plan: AggregatePlan, scope: RowScope, place: Place): AggregatePlan {
    this.place = place;
    return decideAggregate(this, plan, scope);
  }

  connection(plan: ConnectionPlan, scope: RowScope, place: Place): ConnectionPlan {
    this.place = place;
    const stepScopes = new Map<string, RowScope>();
    if (plan.where) this.condition(plan.object, plan.where, stepScopes);
    const orderBy = plan.orderBy.map((key) => this.sort(plan.object, key));
    return {
      ...plan,
      scope,
      stepScopes,
      orderBy,
      parts: plan.parts.map((part) => this.part(part, scope, place)),
    };
  }

  private part(part: ConnectionPart, scope: RowScope, place: Place): ConnectionPart {
    if (part.kind === 'nodes')
      return { ...part, record: this.record(part.record, scope, below(place, part.key, true)) };
    if (part.kind !== 'edges') return part;
    const inner = below(place, part.key, true);
    const parts = part.parts.map((edge) =>
      edge.kind === 'node' ? { ...edge, record: this.record(edge.record, scope, below(inner, edge.key)) } : edge,
    );
    return { ...part, parts };
  }

  /** Every field that a client's condition reads has to be clear, also through relations. */
  condition(object: string, condition: Condition, scopes: Map<string, RowScope>): void {
    switch (condition.kind) {
      case 'constant':
        return;
      case 'all':
      case 'any':
        for (const inner of condition.of) this.condition(object, inner, scopes);
        return;
      case 'not':
        this.condition(object, condition.of, scopes);
        return;
      case 'compare':
        this.requireClear(object, condition.field, 'filter');
        return;
      case 'isNull': {
        this.requireClear(object, condition.field, 'filter');
        const member = memberOf(objectOf(this.catalogue, object), condition.field);
        // Whether there is a parent depends on whether the caller may see it.
        if (member && member.kind !== 'field') this.stepTo(member.target, scopes);
        return;
      }
      case 'step': {
        this.requireClear(object, condition.relation, 'filter');
        const relation = memberOf(objectOf(this.catalogue, object), condition.relation);
        if (!relation || relation.kind === 'field')
          throw new Fault('INTERNAL', { inside: 'a step that is no relation' });
        if (relation.kind === 'to-many') this.fromOtherSide(object, relation, 'filter');
        this.stepTo(relation.target, scopes);
        this.condition(relation.target, condition.of, scopes);
        return;
      }
      default:
        condition satisfies never;
    }
  }

  stepTo(target: string, scopes: Map<string, RowScope>): void {
    this.requireReadable(target);
    scopes.set(target, this.authority.readScope(target));
  }

  private sort(object: string, key: SortKey): SortKey {
    this.requireClear(object, key.field.name, 'sort');
    return { ...key, field: this.cells.fieldAs(object, key.field) };
  }

  /** A relation to many is held by its other side: where that is withheld, the record is not one of the many. */
  private fromOtherSide(object: string, { name, target, via }: ToManyRelation, use: Decision['use']): void {
    this.cells.note(target, via, { coordinate: `${object}.${name}`, use, ...placeOf(this.place) });
  }

  requireClear(object: string, name: string, use: keyof typeof USE_ACTION): void {
    const coordinate = `${object}.${name}`;
    if (this.see(object, name, use) !== 'clear')
      throw new Fault('FIELD_FORBIDDEN', { coordinate, action: USE_ACTION[use] });
    this.cells.note(object, name, { coordinate, use, ...placeOf(this.place) });
  }

  private see(object: string, name: string, use: Decision['use']): SeeLevel {
    const see = this.authority.table.see(object, name);
    const coordinate = `${object}.${name}`;
    this.decisions.push({ coordinate, use, see });
    return see;
  }

  private refuse(code: Refusal['code'], coordinate: string, key: string, place: Place): RecordSelection {
    this.refusals.push({ code, coordinate, selection: place.selection, path: place.path });
    return { kind: 'withheld', key };
  }
}
