import type { Client } from 'pg';
import type { Edit, Pick } from './tamper-edits';
import type { Target } from './tamper-world';

/** A column of text in each of these tables, and the object that it belongs to. */
const TEXTS: readonly (readonly [object: string, table: string, column: string])[] = [
  ['Contact', 'contact', 'first_name'],
  ['Invoice', 'invoice', 'notes'],
  ['InvoiceLine', 'invoice_line', 'description'],
  ['Account', 'account', 'name'],
  ['Person', 'person', 'full_name'],
  ['Role', 'role', 'description'],
  ['FieldPermission', 'field_permission', 'field_name'],
  ['SharingGroup', 'sharing_group', 'name'],
];

async function record(sql: Client, pick: Pick) {
  const [object, table, column] = TEXTS[pick(TEXTS.length)]!;
  const { rows } = await sql.query(`select id from ${table} order by id`);
  const id = rows[pick(rows.length)].id as string;
  return { object, table, column, id, target: { records: [`${object} ${id}`] } satisfies Target };
}

/** A contact that was changed since it was made, with its newest trace. */
async function changedContact(sql: Client, pick: Pick) {
  const { rows } = await sql.query(`select c.id, e.id as entry, v.slots from contact c
    join audit_entry e on e.record_id = c.id and e.action = 'UPDATE'
    join audit_value v on v.entry_id = e.id and (v.slots->'version'->>1)::int = c.version order by c.id`);
  const { id, entry, slots } = rows[pick(rows.length)];
  return { id, entry, slots, target: { records: [`Contact ${id}`], entries: [entry] } satisfies Target };
}

async function rollBack(sql: Client, id: string, slots: Record<string, [unknown, unknown]>): Promise<void> {
  await sql.query('update contact set version = $2, phone = $3, updated_at = $4, updated_by = $5 where id = $1', [
    id,
    slots.version![0],
    slots.phone![0],
    ...(slots.updatedAt ? [slots.updatedAt[0]] : [new Date()]),
    slots.updatedBy?.[0] ?? null,
  ]);
}

/** Edits of records, made where no trigger sees them. */
export const RECORD_EDITS: Readonly<Record<string, Edit>> = {
  'change a record': async (sql, _world, pick) => {
    const { table, column, id, target } = await record(sql, pick);
    await sql.query(`update ${table} set ${column} = 'forged' || $2 where id = $1`, [id, pick(1e9)]);
    return target;
  },
  'change a record while its triggers are disabled': async (sql, _world, pick) => {
    const { table, column, id, target } = await record(sql, pick);
    await sql.query('set local session_replication_role = origin');
    await sql.query(`alter table ${table} disable trigger user`);
    await sql.query(`update ${table} set ${column} = 'forged' || $2 where id = $1`, [id, pick(1e9)]);
    return target;
  },
  'change nothing but the version': async (sql, _world, pick) => {
    const { table, id, target } = await record(sql, pick);
    await sql.query(`update ${table} set version = version + 1 where id = $1`, [id]);
    return target;
  },
  'delete a record': async (sql, _world, pick) => {
    const { table, id, target } = await record(sql, pick);
    await sql.query(`delete from ${table} where id = $1`, [id]);
    return target;
  },
  'insert a record': async (sql, _world, pick) => {
    const ids = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
    const id = ids[pick(4)] ?? `01900000-0000-7000-8000-${String(pick(1e12)).padStart(12, '0')}`;
    await sql.query(`insert into person (id, full_name) values ($1, 'Nobody Knows')`, [id]);
    return { records: [`Person ${id}`] };
  },
  'roll a record back to what it was': async (sql, _world, pick) => {
    const { id, slots, target } = await changedContact(sql, pick);
    await rollBack(sql, id, slots);
    return target;
  },
  'roll a record back, and delete the trace of the change': async (sql, _world, pick) => {
    const { id, entry, slots, target } = await changedContact(sql, pick);
    await rollBack(sql, id, slots);
    await sql.query('delete from audit_value where entry_id = $1', [entry]);
    await sql.query('delete from audit_entry where id = $1', [entry]);
    return target;
  },
  'delete a record with all its traces': async (sql, _world, pick) => {
    const { table, id, target } = await record(sql, pick);
    const { rows } = await sql.query('delete from audit_entry where record_id = $1 returning id', [id]);
    const entries = rows.map((row) => row.id as string);
    await sql.query('delete from audit_value where entry_id = any($1)', [entries]);
    await sql.query(`delete from ${table} where id = $1`, [id]);
    return { ...target, entries };
  },
  'swap two records': async (sql, _world, pick) => {
    const { rows } = await sql.query('select id, number, notes, total from invoice order by id');
    const [one, other] = [rows[pick(rows.length)], rows[pick(rows.length)]];
    if (one.id === other.id) return RECORD_EDITS['change a record']!(sql, _world, pick);
    await sql.query('update invoice set number = $2 where id = $1', [one.id, `${other.number}-`]);
    await sql.query('update invoice set number = $2 where id = $1', [other.id, one.number]);
    return { records: [`Invoice ${one.id}`] };
  },
  'truncate a table of records': async (sql, _world, pick) => {
    const { object, table } = await record(sql, pick);
    const { rows } = await sql.query(`delete from ${table} returning id`);
    return { records: rows.map(({ id }) => `${object} ${id}`) };
  },
};
