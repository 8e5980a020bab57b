import type { Condition, RowScope, SeeLevel } from '@countersign/policy';
import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import { Fault } from '../path/faults';
import { type AuthorizedPlan, type Authority, madeIn } from '../path/rooms';
import type { ConnectionPart, ConnectionPlan, Decision, ReadPlan, RecordPlan, RecordSelection, Refusal, SortKey } from './read-plan';

/**
 * Decides every field and object that a plan names. A forbidden selected field becomes null with one refusal; a field
 * that is filtered or sorted by without being clear refuses the root field, and so does an object that does not exist
 * for this class (FORBIDDEN, FIELD_FORBIDDEN).
 */
export function decideRead(catalogue: Catalogue, plan: ReadPlan, authority: Authority): AuthorizedPlan {
  const decider = new ReadDecider(catalogue, authority);
  if (plan.kind === 'one') {
    decider.requireReadable(plan.object);
    const record = decider.record(plan.record, { selection: [], path: [] });
    return madeIn<'decide', ReadPlan>({ ...plan, record, scope: authority.readScope(plan.object), ...decider.outcome() });
  }
  decider.requireReadable(plan.connection.object);
  const connection = decider.connection(plan.connection, { selection: [], path: [] });
  return madeIn<'decide', ReadPlan>({ ...plan, connection, ...decider.outcome() });
}

interface Place {
  readonly selection: readonly string[];
  /** Stops at the first list: GraphQL cannot point below it without naming records. */
  readonly path: readonly string[];
  readonly inList?: boolean;
}

function below(place: Place, key: string, list = false): Place {
  return {
    selection: [...place.selection, key],
    path: place.inList ? place.path : [...place.path, key],
    inList: place.inList || list,
  };
}

class ReadDecider {
  private readonly refusals: Refusal[] = [];
  private readonly decisions: Decision[] = [];

  constructor(
    private readonly catalogue: Catalogue,
    private readonly authority: Authority,
  ) {}

  outcome(): { refusals: readonly Refusal[]; decisions: readonly Decision[] } {
    return { refusals: this.refusals, decisions: this.decisions };
  }

  requireReadable(object: string): void {
    if (!this.authority.table.readable(object)) throw new Fault('FORBIDDEN', { coordinate: object });
  }

  record(plan: RecordPlan, place: Place): RecordPlan {
    return { ...plan, selections: plan.selections.map((selection) => this.selection(plan.object, selection, place)) };
  }

  private selection(object: string, selection: RecordSelection, outer: Place): RecordSelection {
    if (selection.kind === 'typename' || selection.kind === 'withheld') return selection;
    const place = below(outer, selection.key);
    const name = selection.kind === 'field' ? selection.field.name : selection.relation.name;
    const coordinate = `${object}.${name}`;
    const see = this.see(object, name, 'select');
    if (see === 'none') return this.refuse('FIELD_FORBIDDEN', coordinate, selection.key, place);
    if (selection.kind === 'field') return { ...selection, see };
    const { target } = selection.relation;
    if (!this.authority.table.readable(target)) return this.refuse('FORBIDDEN', coordinate, selection.key, place);
    if (selection.kind === 'to-one') {
      return { ...selection, scope: this.authority.readScope(target), record: this.record(selection.record, place) };
    }
    return { ...selection, connection: this.connection(selection.connection, place) };
  }

  connection(plan: ConnectionPlan, place: Place): ConnectionPlan {
    const stepScopes = new Map<string, RowScope>();
    if (plan.where) this.condition(plan.object, plan.where, stepScopes);
    for (const key of plan.orderBy) this.sort(plan.object, key);
    return {
      ...plan,
      scope: this.authority.readScope(plan.object),
      stepScopes,
      parts: plan.parts.map((part) => this.part(part, place)),
    };
  }

  private part(part: ConnectionPart, place: Place): ConnectionPart {
    if (part.kind === 'nodes') return { ...part, record: this.record(part.record, below(place, part.key, true)) };
    if (part.kind !== 'edges') return part;
    const inner = below(place, part.key, true);
    const parts = part.parts.map((edge) =>
      edge.kind === 'node' ? { ...edge, record: this.record(edge.record, below(inner, edge.key)) } : edge,
    );
    return { ...part, parts };
  }

  /** Every field that a client's condition reads has to be clear, also through relations. */
  private condition(object: string, condition: Condition, scopes: Map<string, RowScope>): void {
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
      case 'isNull':
        this.requireClear(object, condition.field, 'filter');
        return;
      case 'step': {
        this.requireClear(object, condition.relation, 'filter');
        const relation = memberOf(objectOf(this.catalogue, object), condition.relation);
        if (!relation || relation.kind === 'field') throw new Fault('INTERNAL', { inside: 'a step that is no relation' });
        this.requireReadable(relation.target);
        scopes.set(relation.target, this.authority.readScope(relation.target));
        this.condition(relation.target, condition.of, scopes);
        return;
      }
      default:
        condition satisfies never;
    }
  }

  private sort(object: string, key: SortKey): void {
    this.requireClear(object, key.field.name, 'sort');
  }

  private requireClear(object: string, name: string, use: 'filter' | 'sort'): void {
    if (this.see(object, name, use) === 'clear') return;
    throw new Fault('FIELD_FORBIDDEN', { coordinate: `${object}.${name}` });
  }

  private see(object: string, name: string, use: Decision['use']): SeeLevel {
    const see = this.authority.table.see(object, name);
    this.decisions.push({ coordinate: `${object}.${name}`, use, see });
    return see;
  }

  private refuse(code: Refusal['code'], coordinate: string, key: string, place: Place): RecordSelection {
    this.refusals.push({ code, coordinate, selection: place.selection, path: place.path });
    return { kind: 'withheld', key };
  }
}
