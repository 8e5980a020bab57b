import type { RowScope } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { AuthorizedPlan } from '../../path/rooms';
import { protectedFields } from '../protected-fields';
import type { ConnectionPart, ConnectionPlan, Decided, RecordPlan, SortKey } from '../read-plan';
import { printCondition } from './condition-sql';
import { beyondKey, orderText } from './keyset';
import { COUNT, MARK } from './marks';
import { cursorText, type PageText, POSITION, pageColumns, pageInfoPart } from './page-text';
import { type AroundPrinting, printAggregate } from './print-aggregate';
import type { CursorBinding, ReadStatement } from './read-statement';
import { RowsAsSeen, type SeenRows, whereText } from './rows-as-seen';
import { SqlText } from './sql-text';
import { StatementParams, sqlTypeOf } from './statement-params';
import { valueText } from './value-text';

/** Prints an authorised plan as one SQL statement that answers JSON text in the column `data`. */
export function printRead(catalogue: Catalogue, plan: AuthorizedPlan): ReadStatement {
  const printer = new ReadPrinter(catalogue, plan.cells);
  const version = printer.params.add({ kind: 'policy-version' }, 'bigint');
  const epoch = printer.params.add({ kind: 'people-epoch' }, 'bigint');
  const data = printer.root(plan);
  // INVARIANT: every generated statement checks the head it was decided under, in the same database snapshot.
  const text = `select ${data} as data from authority_head h where h.policy_version=${version} and h.people_epoch=${epoch}`;
  const { sources: params, judged } = printer.params;
  return { text, params, judged, connections: printer.connections, counted: printer.counted };
}

/** What connections and aggregates have in common: which records they are about. */
type FilteredPlan = Pick<ConnectionPlan, 'object' | 'via' | 'scope' | 'where' | 'stepScopes'>;

class ReadPrinter implements AroundPrinting {
  readonly params = new StatementParams();
  readonly rows: RowsAsSeen;
  readonly connections: CursorBinding[] = [];
  readonly counted: string[] = [];
  private aliases = 0;

  constructor(
    readonly catalogue: Catalogue,
    cells: Decided['cells'],
  ) {
    this.rows = new RowsAsSeen(catalogue, this.params, cells, () => this.alias());
  }

  root(plan: AuthorizedPlan): string {
    switch (plan.kind) {
      case 'one':
        return this.one(plan);
      case 'many':
        return this.connection(plan.connection, null);
      case 'aggregate':
        return printAggregate(this, plan.aggregate, null);
    }
  }

  private one(plan: Extract<AuthorizedPlan, { kind: 'one' }>): string {
    const id = this.params.add({ kind: 'record-id', source: plan.id }, 'uuid');
    return this.single(plan.object, plan.record, plan.scope, (alias) => `${alias}.id=${id}`);
  }

  private single(object: string, record: RecordPlan, scope: RowScope, match: (alias: string) => string): string {
    const alias = this.alias();
    const { from, where } = this.rows.of(object, scope, alias);
    const found = whereText([match(alias), ...where]);
    return `coalesce((select ${this.record(record, alias)} from ${from}${found}),'null')`;
  }

  private record(plan: RecordPlan, alias: string): SqlText {
    const text = this.startOf(plan, alias).fixed('{');
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
        case 'aggregate':
          text.expression(printAggregate(this, selection.aggregate, alias));
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
    const row = this.alias();
    const base = this.records(plan, row, parent);
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
    const columns = [...pageColumns(plan), ...orderBy.map((key) => key.field.column)];
    const outer = this.alias();
    // Only what is said of the page itself needs positions; without them an index that gives the order spares the sorts.
    const numbered = plan.parts.some(({ kind }) => kind === 'pageInfo');
    const position = numbered ? `,row_number() over (order by ${order}) as ${POSITION}` : '';
    const inner =
      `select ${[...new Set(columns)].map((column) => `${row}.${column}`).join(',')}${position}` +
      ` from ${base.from}${whereText([...base.where, ...edges])} order by ${order} limit ${wantsMore ? `${size}+1` : size}`;
    const context: PageText = {
      alias: outer,
      index,
      orderBy,
      reverse,
      order: numbered ? `${outer}.${POSITION}${reverse ? ' desc' : ''}` : orderText(orderBy, outer, false),
      filter: wantsMore ? ` filter (where ${outer}.${POSITION}<=${size})` : '',
      more: `count(*)>${size}`,
      outside: (side) => {
        const values = keys[side];
        if (!values) return null;
        const other = this.alias();
        const beyond = beyondKey(orderBy, other, values, side);
        const { from, where } = this.records(plan, other, parent);
        return `exists(select 1 from ${from}${whereText([...where, `not coalesce(${beyond},false)`])})`;
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
    // What the client said of the page is judged all the same, and of the filter, where nothing is counted by it.
    const { after, before, size } = plan.page;
    if (plan.where && plan.parts.every(({ kind }) => kind === 'typename')) {
      printCondition(plan.where, {
        catalogue: this.catalogue,
        object: plan.object,
        alias: this.alias(),
        bind: this.params.judgedOperand,
        freshAlias: () => this.alias(),
      });
    }
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
    const { from, where } = this.records(plan, this.alias(), parent);
    return `(select count(*)::text from ${from}${whereText(where)})`;
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
    return `coalesce(string_agg(${item},',' order by ${page.order})${page.filter},'')`;
  }

  /** The records of a connection or an aggregate: within scope, below the parent, through the filter. */
  records(plan: FilteredPlan, alias: string, parent: string | null): SeenRows {
    const { object, via, scope, where, stepScopes } = plan;
    const seen = this.rows.of(object, scope, alias);
    const below = via && parent ? [`${alias}.${via.column}=${parent}.id`] : [];
    const filter = where ? [this.rows.condition(object, where, stepScopes, alias)] : [];
    return { from: seen.from, where: [...below, ...seen.where, ...filter] };
  }

  private cursorKeys(connection: number, end: 'after' | 'before', orderBy: readonly SortKey[]): string[] {
    return orderBy.map((key, i) =>
      this.params.add({ kind: 'cursor', connection, end, key: i }, sqlTypeOf(key.field.type)),
    );
  }

  /** The mark of a record's start; with its id when it shows protected values. */
  private startOf(plan: RecordPlan, alias: string): SqlText {
    const text = new SqlText().fixed(`${MARK}${COUNT}${this.countedAs(plan.object)}`);
    if (protectedFields(plan).length > 0) text.fixed(':').expression(`${alias}.id::text`);
    return text.fixed(MARK);
  }

  countMark(object: string): string {
    return `${MARK}${COUNT}${this.countedAs(object)}${MARK}`;
  }

  private countedAs(object: string): number {
    if (!this.counted.includes(object)) this.counted.push(object);
    return this.counted.indexOf(object);
  }

  alias(): string {
    this.aliases += 1;
    return `t${this.aliases}`;
  }
}
