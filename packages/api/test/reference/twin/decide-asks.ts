import type { Condition, FieldOracle } from '@countersign/policy';
import { type Catalogue, memberOf, objectOf, type ToOneRelation } from '@countersign/schema';
import { type AggregateAsk, type GroupAsk, nameOf } from './aggregate-asks';
import type { ConnectionAsk, RecordAsk } from './asks';
import type { Cells } from './cells';
import { type Notice, type Reason, Refused, type Withheld } from './refused';

interface Place {
  readonly selection: readonly string[];
  readonly path: readonly string[];
  readonly inList: boolean;
}

/**
 * Puts every field and object that is asked for to Casbin: what is selected may be null, what is filtered or sorted by
 * must be clear. It looks at no record, so there are as many errors for none as for many.
 */
export class AskDecider {
  readonly withheld: Withheld[] = [];
  /** Connections and aggregates that are not under anything withheld. */
  readonly permitted = new Set<ConnectionAsk | AggregateAsk>();
  /** Every use of a member that a rule on single cells has to do with. */
  readonly notices: Notice[] = [];

  constructor(
    private readonly catalogue: Catalogue,
    private readonly oracle: FieldOracle,
    private readonly cells: Pick<Cells, 'limit'>,
  ) {}

  root(
    object: string,
    of: { readonly record?: RecordAsk; readonly connection?: ConnectionAsk; readonly aggregate?: AggregateAsk },
  ): void {
    if (!this.oracle.readable(object)) throw new Refused({ code: 'FORBIDDEN', coordinate: object });
    const place = { selection: [], path: [], inList: false };
    if (of.record) this.record(of.record, place);
    if (of.connection) this.connection(of.connection, place);
    if (of.aggregate) this.aggregate(of.aggregate, place);
  }

  private record({ object, fields }: RecordAsk, outer: Place): void {
    for (const { key, member, record, connection, aggregate } of fields) {
      const place = below(outer, key);
      const coordinate = `${object}.${member.name}`;
      const see = this.oracle.see(object, member.name);
      // Records that are counted are looked at.
      if (see === 'none' || (aggregate && see !== 'clear')) this.hide('FIELD_FORBIDDEN', coordinate, place);
      else if (member.kind !== 'field' && !this.oracle.readable(member.target))
        this.hide('FORBIDDEN', coordinate, place);
      else {
        this.note(object, member.name, aggregate ? 'AGGREGATE' : 'SELECT', place);
        if (record) this.record(record, place);
        if (connection) this.connection(connection, place);
        if (aggregate) this.aggregate(aggregate, place);
      }
    }
  }

  private note(object: string, member: string, use: Notice['use'], { selection, path }: Place): void {
    if (!this.cells.limit(object, member)) return;
    this.notices.push({ coordinate: `${object}.${member}`, use, selection, path });
  }

  private hide(code: string, coordinate: string, { selection, path }: Place): void {
    this.withheld.push({ code, coordinate, selection, path });
  }

  private connection(ask: ConnectionAsk, place: Place): void {
    const reasons = ask.condition ? [...this.filterReasons(ask.object, ask.condition)] : [];
    if (reasons.length > 0) throw new Refused(...reasons);
    for (const { field } of ask.order) {
      const [reason] = this.unclear(ask.object, field.name);
      if (reason) throw new Refused(reason);
      this.note(ask.object, field.name, 'SORT', place);
    }
    this.noteFilter(ask.object, ask.condition, place);
    this.permitted.add(ask);
    for (const { keys, record } of ask.records) {
      this.record(
        record,
        keys.reduce((outer, key) => below(outer, key, true), place),
      );
    }
  }

  /** Filter, groups, then figures; of forbidden figures any one may be named. */
  private aggregate(ask: AggregateAsk, place: Place): void {
    const filtered = ask.condition ? [...this.filterReasons(ask.object, ask.condition)] : [];
    if (filtered.length > 0) throw new Refused(...filtered);
    for (const { relation, field } of ask.keys) {
      const [reason] = relation
        ? [...this.steps(ask.object, relation), ...this.unclear(relation.target, field.name)]
        : this.unclear(ask.object, field.name);
      if (reason) throw new Refused(reason);
    }
    const named = new Map(ask.figures.map((figure) => [nameOf(figure), figure.member]));
    const figures = [...named.values()].flatMap((member) => {
      if (!member) return [];
      return member.kind === 'field' ? this.unclear(ask.object, member.name) : this.steps(ask.object, member);
    });
    if (figures.length > 0) throw new Refused(...figures);
    this.noteFilter(ask.object, ask.condition, place);
    for (const key of ask.keys) this.noteKey(ask.object, key, 'GROUP', place);
    for (const { key } of ask.order) if (key) this.noteKey(ask.object, key, 'SORT', place);
    for (const { member, use } of ask.figures) if (member) this.note(ask.object, member.name, use, place);
    this.permitted.add(ask);
  }

  private noteKey(object: string, { relation, field }: GroupAsk, use: Notice['use'], place: Place): void {
    if (relation) this.note(object, relation.name, use, place);
    this.note(relation?.target ?? object, field.name, use, place);
  }

  private noteFilter(object: string, condition: Condition | null, place: Place): void {
    switch (condition?.kind) {
      case 'all':
      case 'any':
        for (const part of condition.of) this.noteFilter(object, part, place);
        return;
      case 'not':
        this.noteFilter(object, condition.of, place);
        return;
      case 'compare':
      case 'isNull':
        this.note(object, condition.field, 'FILTER', place);
        return;
      case 'step': {
        this.note(object, condition.relation, 'FILTER', place);
        const member = memberOf(objectOf(this.catalogue, object), condition.relation)!;
        if (member.kind !== 'field') this.noteFilter(member.target, condition.of, place);
      }
    }
  }

  private steps(object: string, relation: ToOneRelation): Reason[] {
    const unclear = this.unclear(object, relation.name);
    if (unclear.length > 0 || this.oracle.readable(relation.target)) return unclear;
    return [{ code: 'FORBIDDEN', coordinate: relation.target }];
  }

  private *filterReasons(object: string, condition: Condition): Generator<Reason> {
    switch (condition.kind) {
      case 'constant':
        return;
      case 'all':
      case 'any':
        for (const part of condition.of) yield* this.filterReasons(object, part);
        return;
      case 'not':
        yield* this.filterReasons(object, condition.of);
        return;
      case 'compare':
        yield* this.unclear(object, condition.field);
        return;
      case 'isNull':
      case 'step': {
        const name = condition.kind === 'step' ? condition.relation : condition.field;
        yield* this.unclear(object, name);
        const member = memberOf(objectOf(this.catalogue, object), name)!;
        if (member.kind === 'field') return;
        if (!this.oracle.readable(member.target)) yield { code: 'FORBIDDEN', coordinate: member.target };
        if (condition.kind === 'step') yield* this.filterReasons(member.target, condition.of);
      }
    }
  }

  private unclear(object: string, name: string): Reason[] {
    if (this.oracle.see(object, name) === 'clear') return [];
    return [{ code: 'FIELD_FORBIDDEN', coordinate: `${object}.${name}` }];
  }
}

/** GraphQL can point down to the first list and no further, or it would say which record it means. */
function below(place: Place, key: string, list = false): Place {
  return {
    selection: [...place.selection, key],
    path: place.inList ? place.path : [...place.path, key],
    inList: place.inList || list,
  };
}
