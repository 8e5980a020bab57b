import type { Condition, RowScope } from '@countersign/policy';
import { type CatalogueObject, memberOf, objectOf, type StoredMember, storedMembers } from '@countersign/schema';
import { sqlTypeOf } from '../../planner/sql/statement-params';
import { traceRows } from './trace-rows';
import type { TraceStatement } from './trace-statement';

/*
 * Which entries somebody may see who may not read all of them: those of records that they may read now, and whose record
 * lay within what they may read before and after the change. The images are rebuilt from the trace, by the row scope's
 * own printer, so there is no second way to decide who sees what.
 */

const CHANGES = `('CREATE','UPDATE','DELETE')`;

/**
 * A condition on the entries of `entry`, an alias of the log's rows with its values in `changes`: true for changes of
 * records of the object that lie in the scope, now and on both sides of the change.
 */
export function visibleEntries(statement: TraceStatement, object: CatalogueObject, entry: string): string {
  const scope = statement.under.authority.readScope(object.name);
  if (scope.kind === 'never') return 'false';
  const change = `${entry}.action in ${CHANGES}`;
  if (scope.kind === 'always') return change;
  const asked = askedMembers(object, scope.condition);
  const images = new Images(statement, object, asked, scope);
  return [
    change,
    images.nowWithin(`${entry}.record_id`),
    `(${entry}.action = 'CREATE' or ${images.within(entry, 'before')})`,
    `(${entry}.action = 'DELETE' or ${images.within(entry, 'after')})`,
  ].join(' and ');
}

/** Whether the record lies in the scope now; one that was deleted counts by its last image. */
export function recordVisible(statement: TraceStatement, object: CatalogueObject, id: string): string {
  const scope = statement.under.authority.readScope(object.name);
  if (scope.kind === 'never') return 'false';
  if (scope.kind === 'always') return 'true';
  return new Images(statement, object, askedMembers(object, scope.condition), scope).nowWithin(id);
}

/** What a record was on one side of a change, as rows that a printed row scope can ask. */
class Images {
  constructor(
    private readonly statement: TraceStatement,
    private readonly object: CatalogueObject,
    private readonly asked: readonly StoredMember[],
    private readonly scope: RowScope,
  ) {}

  nowWithin(id: string): string {
    const { table } = this.object;
    const [row, there, last] = [this.statement.alias(), this.statement.alias(), this.statement.alias()];
    // OFFSET 0: each is a look by key. Without it the planner may read a whole table into a hash beforehand.
    const now = `exists (select 1 from ${table} ${row} where ${row}.id = ${id} and ${this.scopeOn(row)} offset 0)`;
    // The row must be gone: the trace of a deletion says nothing about a record that has been put back.
    return `(${now} or (not exists (select 1 from ${table} ${there} where ${there}.id = ${id} offset 0)
      and exists (select 1 from ${traceRows(last)} where ${last}.record_id = ${id}
        and ${last}.object_name = '${this.object.name}' and ${last}.action = 'DELETE'
        and ${this.within(last, 'before')} offset 0)))`;
  }

  within(entry: string, side: 'before' | 'after'): string {
    const image = this.statement.alias();
    const columns = this.asked.map((member) => `${this.valueAt(entry, member, side)} as ${member.column}`);
    return `exists (select 1 from (select ${[`${entry}.record_id as id`, ...columns].join(', ')} offset 0) ${image}
      where ${this.scopeOn(image)})`;
  }

  private scopeOn(alias: string): string {
    return this.statement.scope(this.object.name, alias, this.scope);
  }

  /**
   * A member's value beside a change: what the change itself says, else the old value of the next change of the member,
   * else what the record holds today. A value that can no longer be read, sealed or erased, is NULL: it meets nothing.
   */
  private valueAt(entry: string, member: StoredMember, side: 'before' | 'after'): string {
    const { name, column } = member;
    const [later, row] = [this.statement.alias(), this.statement.alias()];
    const found = `coalesce(
      case when ${entry}.changes ? '${name}' then ${slotValue(`${entry}.changes`, name, side)} end,
      (select ${slotValue(`${later}.changes`, name, 'before')} from ${traceRows(later)}
        where ${later}.record_id = ${entry}.record_id and ${later}.object_name = '${this.object.name}'
          and (${later}.at, ${later}.id) > (${entry}.at, ${entry}.id)
          and ${later}.action in ${CHANGES} and ${later}.changes ? '${name}'
        order by ${later}.at, ${later}.id limit 1),
      (select to_jsonb(${row}.${column}) from ${this.object.table} ${row} where ${row}.id = ${entry}.record_id))`;
    return asColumn(member, found);
  }
}

const UNREADABLE = `'{}'::jsonb`;

function slotValue(changes: string, name: string, side: 'before' | 'after'): string {
  const slot = `${changes}->'${name}'`;
  return `case when jsonb_typeof(${slot}) = 'array' then coalesce(${slot}->${side === 'before' ? 0 : 1}, ${UNREADABLE})
    else ${UNREADABLE} end`;
}

function asColumn(member: StoredMember, value: string): string {
  if (member.kind === 'field' && member.type.kind === 'json') return value;
  const type = member.kind === 'field' ? sqlTypeOf(member.type) : 'uuid';
  const scalar = `case when jsonb_typeof(v) in ('object', 'array') then null else v #>> '{}' end`;
  const collation = type === 'text' ? ' collate "C"' : '';
  return `(select (${scalar})::${type}${collation} from (select ${value} as v) w)`;
}

/** The members of the object itself that a row scope asks for. */
export function askedMembers(object: CatalogueObject, condition: Condition): StoredMember[] {
  const names = new Set<string>();
  const collect = (inner: Condition): void => {
    switch (inner.kind) {
      case 'constant':
        return;
      case 'all':
      case 'any':
        for (const part of inner.of) collect(part);
        return;
      case 'not':
        collect(inner.of);
        return;
      case 'compare':
      case 'isNull':
        names.add(inner.field);
        return;
      case 'step':
        names.add(inner.relation);
        return;
    }
  };
  collect(condition);
  // A step to children starts at the id, which an image always has.
  return storedMembers(object).filter(({ name }) => name !== 'id' && names.has(name));
}

/** Of these ids of an object, those of records within the read scope. */
export function withinScope(statement: TraceStatement, objectName: string, ids: readonly string[]): string {
  const { table } = objectOf(statement.under.snapshot.catalogue, objectName);
  const row = statement.alias();
  const scope = statement.scope(objectName, row, statement.under.authority.readScope(objectName));
  return `select coalesce(json_agg(${row}.id), '[]') from ${table} ${row}
    where ${row}.id = any(${statement.value(ids, 'uuid[]')}) and ${scope}`;
}

/** A stored member by its name, or null. */
export function storedMember(object: CatalogueObject, name: string): StoredMember | null {
  const member = memberOf(object, name);
  return member && member.kind !== 'to-many' ? member : null;
}
