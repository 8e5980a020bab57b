import {
  AVERAGE_EXTRA_DIGITS,
  aggregateType,
  type Catalogue,
  type CatalogueField,
  type DateUnit,
  type FieldType,
  objectOf,
  type StoredMember,
  type ToOneRelation,
} from '@countersign/schema';
import type { AggregatePart, AggregatePlan, GroupKey, GroupPart, Having, Measure } from '../aggregate-plan';
import { compared } from './condition-sql';
import { type RowsAsSeen, type SeenRows, whereText } from './rows-as-seen';
import { SqlText } from './sql-text';
import type { StatementParams } from './statement-params';
import { valueText } from './value-text';

/** What printing an aggregate needs of the statement that it is a part of. */
export interface AroundPrinting {
  readonly catalogue: Catalogue;
  readonly params: StatementParams;
  alias(): string;
  readonly rows: RowsAsSeen;
  /** The records within scope, below the parent, through the filter. */
  records(plan: AggregatePlan, alias: string, parent: string | null): SeenRows;
  /** The mark by which a group counts as one record of the object. */
  countMark(object: string): string;
}

const UNITS: Record<DateUnit, string> = {
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
  QUARTER: 'quarter',
  YEAR: 'year',
};

/**
 * An aggregate as a scalar subquery: the groups in an inner query, their order and limit around it, their JSON text above.
 * Comparisons of `having` stand outside the grouping, where the figures are columns.
 */
export function printAggregate(around: AroundPrinting, plan: AggregatePlan, parent: string | null): string {
  return new AggregatePrinter(around, plan).print(parent);
}

class AggregatePrinter {
  private readonly row: string;
  private readonly group: string;
  private readonly page: string;
  private readonly parents = new Map<ToOneRelation, { readonly alias: string; readonly join: string }>();

  constructor(
    private readonly around: AroundPrinting,
    private readonly plan: AggregatePlan,
  ) {
    this.row = around.alias();
    this.group = around.alias();
    this.page = around.alias();
  }

  print(parent: string | null): string {
    const { plan, row, group, page } = this;
    const keys = plan.keys.map((key, i) => `${this.keyExpression(key)} as k${i}`);
    const measures = plan.measures.map((measure, i) => `${this.measureExpression(measure)} as a${i}`);
    const { from, where } = this.around.records(plan, row, parent);
    const joins = [...this.parents.values()].map(({ join }) => join).join('');
    // PostgreSQL groups by the numbered columns; without any key, HAVING makes it one group, also of no records.
    const columns = [...keys, ...measures];
    const grouping = keys.length > 0 ? ` group by ${keys.map((_, i) => i + 1).join(',')}` : ' having true';
    const groups =
      `select ${columns.length > 0 ? columns.join(',') : '1 as one'} from ${from}${joins}` +
      `${whereText(where)}${grouping}`;
    const order = plan.orderBy
      .map(({ by, index, direction }) => `${group}.${by === 'key' ? 'k' : 'a'}${index} ${direction.toLowerCase()}`)
      .join(',');
    const size = this.size();
    const wantsMore = plan.parts.some(({ kind }) => kind === 'hasMore');
    const having = plan.having ? ` where ${this.having(plan.having)}` : '';
    const ordered =
      `select ${group}.*,row_number() over (${order ? `order by ${order}` : ''}) as rn from (${groups}) ${group}${having}` +
      `${order ? ` order by ${order}` : ''} limit ${wantsMore ? `${size}+1` : size}`;
    const text = new SqlText().fixed('{');
    plan.parts.forEach((part, position) => {
      text.fixed(`${position > 0 ? ',' : ''}"${part.key}":`);
      this.part(part, size, wantsMore, text);
    });
    return `(select ${text.fixed('}')} from (${ordered}) ${page} having count(*)>=0)`;
  }

  private size(): string {
    const { size } = this.plan.page;
    return typeof size === 'number'
      ? String(size)
      : this.around.params.add({ kind: 'page-size', source: size }, 'bigint');
  }

  private part(part: AggregatePart, size: string, wantsMore: boolean, text: SqlText): void {
    switch (part.kind) {
      case 'typename':
        text.fixed(`"${this.plan.object}Aggregate"`);
        return;
      case 'hasMore':
        text.expression(`(count(*)>${size})::text`);
        return;
      case 'groups': {
        const filter = wantsMore ? ` filter (where ${this.page}.rn<=${size})` : '';
        const group = this.groupText(part.parts, new SqlText().fixed(this.around.countMark(this.plan.object)));
        text
          .fixed('[')
          .expression(`coalesce(string_agg(${group},',' order by ${this.page}.rn)${filter},'')`)
          .fixed(']');
        return;
      }
    }
  }

  private groupText(parts: readonly GroupPart[], text: SqlText): SqlText {
    text.fixed('{');
    parts.forEach((part, position) => {
      text.fixed(`${position > 0 ? ',' : ''}"${part.key}":`);
      switch (part.kind) {
        case 'typename':
          text.fixed(`"${part.type}"`);
          break;
        case 'branch':
          this.groupText(part.parts, text);
          break;
        case 'key':
          text.expression(this.keyText(part.index));
          break;
        case 'measure':
          text.expression(this.measureText(part.index));
          break;
      }
    });
    return text.fixed('}');
  }

  private keyText(index: number): string {
    const { field, period } = this.plan.keys[index]!;
    // A parent may be missing or hidden, whatever its own fields say.
    const type: FieldType = period ? { kind: 'date' } : field.type;
    return valueText({ ...field, type, nullable: true }, `${this.page}.k${index}`, 'clear');
  }

  private measureText(index: number): string {
    const measure = this.plan.measures[index]!;
    const column = `${this.page}.a${index}`;
    if (measure.of === 'count' || measure.of === 'countDistinct') return `${column}::text`;
    const type = aggregateType(measure.of, measure.member.type);
    return valueText({ ...measure.member, type, nullable: true }, column, 'clear');
  }

  private keyExpression({ relation, field, period }: GroupKey): string {
    const column = relation ? this.parentColumn(relation, field) : this.column(field);
    if (!period) return column;
    const { unit } = period;
    if (field.type.kind === 'date') {
      return unit === 'DAY' ? column : `date_trunc('${UNITS[unit]}',${column}::timestamp)::date`;
    }
    const zone = this.around.params.add({ kind: 'time-zone', source: period.timeZone }, 'text');
    // At the ends of time an instant falls on days beyond the years 1 to 9999 at some places, for which there is no text.
    const local = `least(greatest(${column} at time zone ${zone},timestamp '0001-01-01'),timestamp '9999-12-31')`;
    const known = `case when ${column} is not null then ${local} end`;
    return unit === 'DAY' ? `(${known})::date` : `date_trunc('${UNITS[unit]}',${known})::date`;
  }

  private measureExpression(measure: Measure): string {
    switch (measure.of) {
      case 'count':
        return 'count(*)';
      case 'countDistinct':
        return `count(distinct ${this.memberColumn(measure.member)})`;
      case 'avg':
        return averageOf(this.column(measure.member), measure.member.type);
      case 'sum':
      case 'min':
      case 'max':
        return `${measure.of}(${this.column(measure.member)})`;
    }
  }

  private memberColumn(member: StoredMember): string {
    if (member.kind === 'field') return this.column(member);
    const target = objectOf(this.around.catalogue, member.target);
    return this.parentColumn(member, target.members.find(({ name }) => name === 'id') as CatalogueField);
  }

  private column(member: StoredMember): string {
    return `${this.row}.${member.column}`;
  }

  /** A field of a parent, or NULL where the caller may not see the parent. */
  private parentColumn(relation: ToOneRelation, field: CatalogueField): string {
    const scope = this.plan.stepScopes.get(relation.target) ?? { kind: 'never' };
    // The foreign key is the id of a parent that everybody sees.
    if (scope.kind === 'always' && field.name === 'id') return this.column(relation);
    const known = this.parents.get(relation);
    if (known) return `${known.alias}.${field.column}`;
    const alias = this.around.alias();
    const { from, where } = this.around.rows.of(relation.target, scope, alias);
    const on = [`${alias}.id=${this.column(relation)}`, ...where];
    this.parents.set(relation, { alias, join: ` left join ${from} on ${on.join(' and ')}` });
    return `${alias}.${field.column}`;
  }

  private having(having: Having): string {
    switch (having.kind) {
      case 'all':
      case 'any': {
        if (having.of.length === 0) return String(having.kind === 'all');
        return `(${having.of.map((part) => this.having(part)).join(having.kind === 'all' ? ' and ' : ' or ')})`;
      }
      case 'not':
        return `not ${this.having(having.of)}`;
      case 'compare': {
        const column = `${this.group}.a${having.measure}`;
        const { operator, type } = having;
        const bound = (of: FieldType) =>
          this.around.params.operand({ from: 'request', slot: having.value }, of, operator === 'in');
        if (operator === 'isNull') return `((${column} is null) = ${bound({ kind: 'boolean' })})`;
        return `(${compared(column, operator, bound(type))})`;
      }
    }
  }
}

/**
 * An average with its fixed number of digits. `avg()` keeps about sixteen significant digits, fewer than a large sum of
 * money needs; this divides with twenty digits more than are shown, so that rounding twice cannot differ from once.
 */
function averageOf(column: string, type: FieldType): string {
  const digits = (type.kind === 'decimal' ? type.scale : 0) + AVERAGE_EXTRA_DIGITS;
  return `round(sum(${column})*1.${'0'.repeat(digits + 20)}/count(${column}),${digits})`;
}
