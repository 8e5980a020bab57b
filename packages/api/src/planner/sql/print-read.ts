import type { RowScope } from '@countersign/policy';
import { type Catalogue, objectOf } from '@countersign/schema';
import type { AuthorizedPlan } from '../../path/rooms';
import type { ConnectionPart, ConnectionPlan, RecordPlan, SortKey } from '../read-plan';
import type { SourceTree } from '../source';
import { printCondition, printScope } from './condition-sql';
import { beyondKey, orderText } from './keyset';
import { SqlText } from './sql-text';
import { type ParamSource, StatementParams, sqlTypeOf } from './statement-params';
import { cursorKeyText, valueText } from './value-text';

/**
 * Brackets what the gateway has to finish in the answer: cursors to seal. `to_json` always escapes U+0001, so it cannot
 * come from data.
 */
export const MARK = '\u0001';

/** Behind a mark: a record starts here. Records are counted for the operation's event without being parsed. */
export const COUNT = '#';

/** What a connection's cursors are bound to, besides the caller. */
export interface CursorBinding {
  readonly object: string;
  readonly via: string | null;
  readonly orderBy: readonly SortKey[];
  readonly where: SourceTree | undefined;
  readonly page: ConnectionPlan['page'];
}

/** One statement for one root field. No row back means that the head has moved on. */
export interface ReadStatement {
  readonly text: string;
  readonly params: readonly ParamSource[];
  /** Values of the request that are judged as if they were bound, but that the statement does not need. */
  readonly judged: readonly ParamSource[];
  readonly connections: readonly CursorBinding[];
  /** Objects whose records the answer counts, by the number behind the count mark. */
  readonly counted: readonly string[];
}

/** Prints an authorised plan as one SQL statement that answers JSON text in the column `data`. */
export function printRead(catalogue: Catalogue, plan: AuthorizedPlan): ReadStatement {
  const printer = new ReadPrinter(catalogue);
  const version = printer.params.add({ kind: 'policy-version' }, 'bigint');
  const epoch = printer.params.add({ kind: 'people-epoch' }, 'bigint');
  const data = plan.kind === 'one' ? printer.one(plan) : printer.connection(plan.connection, null);
  // INVARIANT: every generated statement checks the head it was decided under, in the same database snapshot.
  const text = `select ${data} as data from authority_head h where h.policy_version=${version} and h.people_epoch=${epoch}`;
  const { sources: params, judged } = printer.params;
  return { text, params, judged, connections: printer.connections, counted: printer.counted };
}

class ReadPrinter {
  readonly params = new StatementParams();
  readonly connections: CursorBinding[] = [];
  readonly counted: string[] = [];
  private aliases = 0;

  constructor(private readonly catalogue: Catalogue) {}

  one(plan: Extract<AuthorizedPlan, { kind: 'one' }>): string {
    const id = this.params.add({ kind: 'record-id', source: plan.id }, 'uuid');
    return this.single(plan.object, plan.record, plan.scope, (alias) => `${alias}.id=${id}`);
  }

  private single(object: string, record: RecordPlan, scope: RowScope, match: (alias: string) => string): string {
    const alias = this.alias();
    const where = [match(alias), ...this.scope(object, scope, alias)];
    const { table } = objectOf(this.catalogue, object);
    return `coalesce((select ${this.record(record, alias)} from ${table} ${alias} where ${where.join(' and ')}),'null')`;
  }

  private record(plan: RecordPlan, alias: string): SqlText {
    const text = new SqlText().fixed(`${this.countMark(plan.object)}{`);
    plan.selections.forEach((selection, index) => {
      text.fixed(`${index > 0 ? ',' : ''}"${selection.key}":`);
      switch (selection.kind) {
        case 'typename':
          text.fixed(`"${plan.object}"`);
          break;
        case 'withheld':
          text.fixed('null');
          break;
        case 'field':
          text.expression(valueText(selection.field, `${alias}.${selection.field.column}`, selection.see));
          break;
        case 'to-one': {
          const { relation, record, scope } = selection;
          text.expression(
            this.single(relation.target, record, scope, (inner) => `${inner}.id=${alias}.${relation.column}`),
          );
          break;
        }
        case 'to-many':
          text.expression(this.connection(selection.connection, alias));
          break;
      }
    });
    return text.fixed('}');
  }

  /** A connection as a scalar subquery: its page in an inner query, its JSON text above it. */
  connection(plan: ConnectionPlan, parent: string | null): string {
    const index = this.connections.length;
    const { object, orderBy, page } = plan;
    this.connections.push({ object, via: plan.via?.name ?? null, orderBy, where: plan.whereTree, page });
    if (plan.parts.every(({ kind }) => kind === 'totalCount' || kind === 'typename')) {
      return this.withoutPage(plan, index, parent);
    }
    const { table } = objectOf(this.catalogue, object);
    const row = this.alias();
    const base = this.baseConditions(plan, row, parent);
    const keys = {
      after: page.after ? this.cursorKeys(index, 'after', orderBy) : null,
      before: page.before ? this.cursorKeys(index, 'before', orderBy) : null,
    };
    const edges = [
      ...(keys.after ? [beyondKey(orderBy, row, keys.after, 'after')] : []),
      ...(keys.before ? [beyondKey(orderBy, row, keys.before, 'before')] : []),
    ];
    const size =
      typeof page.size === 'number'
        ? String(page.size)
        : this.params.add({ kind: 'page-size', source: page.size }, 'bigint');
    const wantsMore = plan.parts.some(
      (part) =>
        part.kind === 'pageInfo' && part.parts.some(({ kind }) => kind === 'hasNextPage' || kind === 'hasPreviousPage'),
    );
    const reverse = page.direction === 'backward';
    const order = orderText(orderBy, row, reverse);
    const columns = [...columnsOf(plan), ...orderBy.map((key) => key.field.column)];
    const outer = this.alias();
    const inner =
      `select ${[...new Set(columns)].map((column) => `${row}.${column}`).join(',')},row_number() over (order by ${order}) as rn` +
      ` from ${table} ${row}${whereText([...base, ...edges])} order by ${order} limit ${wantsMore ? `${size}+1` : size}`;
    const context: PageText = {
      alias: outer,
      index,
      orderBy,
      reverse,
      filter: wantsMore ? ` filter (where ${outer}.rn<=${size})` : '',
      more: `count(*)>${size}`,
      outside: (side) => {
        const values = keys[side];
        if (!values) return null;
        const other = this.alias();
        const beyond = beyondKey(orderBy, other, values, side);
        const conditions = [...this.baseConditions(plan, other, parent), `not coalesce(${beyond},false)`];
        return `exists(select 1 from ${table} ${other}${whereText(conditions)})`;
      },
    };
    const text = new SqlText().fixed('{');
    plan.parts.forEach((part, position) => {
      text.fixed(`${position > 0 ? ',' : ''}"${part.key}":`);
      if (part.kind === 'totalCount') text.expression(this.totalCount(plan, parent));
      else this.part(part, plan, context, text);
    });
    // HAVING makes it one row whatever was selected, also for an empty page.
    return `(select ${text.fixed('}')} from (${inner}) ${outer} having count(*)>=0)`;
  }

  /** A connection of which no page is asked, only what stands beside it. */
  private withoutPage(plan: ConnectionPlan, connection: number, parent: string | null): string {
    // What the client said of the page is judged all the same.
    const { after, before, size } = plan.page;
    if (after) this.params.judge({ kind: 'cursor', connection, end: 'after', key: 0 });
    if (before) this.params.judge({ kind: 'cursor', connection, end: 'before', key: 0 });
    if (typeof size !== 'number') this.params.judge({ kind: 'page-size', source: size });
    const text = new SqlText().fixed('{');
    plan.parts.forEach((part, position) => {
      text.fixed(`${position > 0 ? ',' : ''}"${part.key}":`);
      if (part.kind === 'totalCount') text.expression(this.totalCount(plan, parent));
      else text.fixed(`"${plan.object}Connection"`);
    });
    return `(select ${text.fixed('}')})`;
  }

  private totalCount(plan: ConnectionPlan, parent: string | null): string {
    const { table } = objectOf(this.catalogue, plan.object);
    const alias = this.alias();
    return `(select count(*)::text from ${table} ${alias}${whereText(this.baseConditions(plan, alias, parent))})`;
  }

  private part(part: ConnectionPart, plan: ConnectionPlan, page: PageText, text: SqlText): void {
    switch (part.kind) {
      case 'typename':
        text.fixed(`"${plan.object}Connection"`);
        return;
      case 'nodes':
        text
          .fixed('[')
          .expression(this.list(this.record(part.record, page.alias), page))
          .fixed(']');
        return;
      case 'edges': {
        const edge = new SqlText().fixed('{');
        part.parts.forEach((inner, position) => {
          edge.fixed(`${position > 0 ? ',' : ''}"${inner.key}":`);
          if (inner.kind === 'node') edge.append(this.record(inner.record, page.alias));
          else if (inner.kind === 'cursor') edge.append(cursorText(page));
          else edge.fixed(`"${plan.object}Edge"`);
        });
        text
          .fixed('[')
          .expression(this.list(edge.fixed('}'), page))
          .fixed(']');
        return;
      }
      case 'pageInfo':
        text.fixed('{');
        part.parts.forEach((inner, position) => {
          text.fixed(`${position > 0 ? ',' : ''}"${inner.key}":`);
          pageInfoPart(inner.kind, page, text);
        });
        text.fixed('}');
        return;
      case 'totalCount':
        return;
    }
  }

  private list(item: SqlText, page: PageText): string {
    const order = `${page.alias}.rn${page.reverse ? ' desc' : ''}`;
    return `coalesce(string_agg(${item},',' order by ${order})${page.filter},'')`;
  }

  private baseConditions(plan: ConnectionPlan, alias: string, parent: string | null): string[] {
    return [
      ...(plan.via && parent ? [`${alias}.${plan.via.column}=${parent}.id`] : []),
      ...this.scope(plan.object, plan.scope, alias),
      ...(plan.where ? [this.clientCondition(plan, alias)] : []),
    ];
  }

  private scope(object: string, scope: RowScope, alias: string): string[] {
    if (scope.kind === 'always') return [];
    return [
      printScope(scope, {
        catalogue: this.catalogue,
        object,
        alias,
        bind: this.params.operand,
        freshAlias: () => this.alias(),
      }),
    ];
  }

  private clientCondition(plan: ConnectionPlan, alias: string): string {
    return printCondition(plan.where!, {
      catalogue: this.catalogue,
      object: plan.object,
      alias,
      bind: this.params.operand,
      freshAlias: () => this.alias(),
      // A client's step sees only records that the client may see.
      onStep: (target, inner) => this.scope(target, plan.stepScopes.get(target) ?? { kind: 'never' }, inner)[0] ?? null,
    });
  }

  private cursorKeys(connection: number, end: 'after' | 'before', orderBy: readonly SortKey[]): string[] {
    return orderBy.map((key, i) =>
      this.params.add({ kind: 'cursor', connection, end, key: i }, sqlTypeOf(key.field.type)),
    );
  }

  private countMark(object: string): string {
    if (!this.counted.includes(object)) this.counted.push(object);
    return `${MARK}${COUNT}${this.counted.indexOf(object)}${MARK}`;
  }

  private alias(): string {
    this.aliases += 1;
    return `t${this.aliases}`;
  }
}

interface PageText {
  readonly alias: string;
  readonly index: number;
  readonly orderBy: readonly SortKey[];
  readonly reverse: boolean;
  readonly filter: string;
  readonly more: string;
  /** Whether records lie on the other side of a given cursor; null when none was given. */
  outside(side: 'after' | 'before'): string | null;
}

function pageInfoPart(kind: string, page: PageText, text: SqlText): void {
  switch (kind) {
    case 'typename':
      text.fixed('"PageInfo"');
      return;
    case 'hasNextPage':
    case 'hasPreviousPage': {
      const walking = (kind === 'hasNextPage') !== page.reverse;
      const outside = page.outside(kind === 'hasNextPage' ? 'before' : 'after');
      const terms = [...(walking ? [page.more] : []), ...(outside ? [outside] : [])];
      text.expression(terms.length === 0 ? "'false'" : `(${terms.join(' or ')})::text`);
      return;
    }
    default: {
      const lowest = (kind === 'startCursor') !== page.reverse;
      const order = `${page.alias}.rn${lowest ? '' : ' desc'}`;
      text.expression(`coalesce((array_agg(${cursorText(page)} order by ${order})${page.filter})[1],'null')`);
    }
  }
}

/** The sort values of a record between two marks, for the gateway to seal. */
function cursorText(page: PageText): SqlText {
  const text = new SqlText().fixed(`${MARK}${page.index}:[`);
  page.orderBy.forEach((key, i) => {
    if (i > 0) text.fixed(',');
    text.expression(cursorKeyText(key.field, `${page.alias}.${key.field.column}`));
  });
  return text.fixed(`]${MARK}`);
}

/** The columns that the JSON text of a connection's records reads from its page. */
function columnsOf(plan: ConnectionPlan): string[] {
  const columns = ['id'];
  const read = (record: RecordPlan): void => {
    for (const selection of record.selections) {
      if (selection.kind === 'field') columns.push(selection.field.column);
      else if (selection.kind === 'to-one') columns.push(selection.relation.column);
    }
  };
  for (const part of plan.parts) {
    if (part.kind === 'nodes') read(part.record);
    else if (part.kind === 'edges') for (const edge of part.parts) if (edge.kind === 'node') read(edge.record);
  }
  return columns;
}

function whereText(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
}
