import type { Client } from 'pg';
import { AUDIT_TABLES, type TamperWorld, type Target } from './tamper-world';

/** A number from 0 up to but not including `below`. */
export type Pick = (below: number) => number;

export type Edit = (sql: Client, world: TamperWorld, pick: Pick) => Promise<Target>;

/** What somebody does who knows how the log is made: recomputes everything that can be recomputed without the key. */
const REBUILD = `do $$ begin
  delete from audit_node;
  for height in 1..30 loop
    insert into audit_node select height, l.i >> 1, sha256('\\x01'::bytea || l.hash || r.hash)
      from (select position as i, hash from audit_leaf where height = 1
        union all select index, hash from audit_node where level = height - 1 and height > 1) l
      join (select position as i, hash from audit_leaf where height = 1
        union all select index, hash from audit_node where level = height - 1 and height > 1) r on r.i = l.i + 1
      where l.i & 1 = 0;
  end loop;
end $$`;
const LEAF = `update audit_leaf l set hash = sha256('\\x00'::bytea || convert_to(e.header, 'UTF8') || e.commitments)
  from audit_entry e where e.id = l.entry_id and e.id = $1`;
const FORGED = `insert into audit_entry (id, at, action, outside, header, commitments) values ($1, now(), 'SYSTEM', false, $2, '')`;
const forgedHeader = (id: string) =>
  `{"action":"SYSTEM","at":"2026-01-01T00:00:00.000Z","client":null,"id":"${id}","object":null,"outside":false,` +
  `"person":null,"policyVersion":null,"reason":null,"record":null,"request":null,"slots":[],"user":null,"v":1}`;
const forgedId = (pick: Pick) => `01900000-0000-7000-8000-${String(pick(1e12)).padStart(12, '0')}`;

function place(world: TamperWorld, pick: Pick): { position: number; id: string; target: Target } {
  const position = pick(world.leaves.length);
  const id = world.leaves[position]!;
  return { position, id, target: { entries: [id], positions: [position, position + 1] } };
}

const reword = (sql: Client, id: string) =>
  sql.query(
    `update audit_entry set reason = 'reworded', header = regexp_replace(header, '"reason":("[^"]*"|null)',
      '"reason":"reworded"') where id = $1`,
    [id],
  );

const COLUMNS = [
  `at = at + interval '1 second'`,
  `action = case action when 'READ' then 'DENIED' else 'READ' end`,
  'user_id = gen_random_uuid()',
  'person_id = gen_random_uuid()',
  `object_name = coalesce(object_name, '') || 'x'`,
  'record_id = gen_random_uuid()',
  `request_id = 'another'`,
  'policy_version = coalesce(policy_version, 0) + 1',
  'outside = not outside',
  `reason = 'another'`,
];

/** Edits of entries that the log covers, from clumsy to as clever as can be without the key. */
export const ENTRY_EDITS: Readonly<Record<string, Edit>> = {
  'change the header': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await sql.query(`update audit_entry set header = replace(header, '"outside":', '"0utside":') where id = $1`, [id]);
    return target;
  },
  'change the header and its leaf': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await reword(sql, id);
    await sql.query(LEAF, [id]);
    return target;
  },
  'change the header, its leaf and all hashes above': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await reword(sql, id);
    await sql.query(LEAF, [id]);
    await sql.query(REBUILD);
    return target;
  },
  'the same, and the roots of all heads': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await reword(sql, id);
    await sql.query(LEAF, [id]);
    await sql.query(REBUILD);
    await sql.query('update audit_head set root = audit_root(size)');
    return target;
  },
  'change a column': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await sql.query(`update audit_entry set ${COLUMNS[pick(COLUMNS.length)]} where id = $1`, [id]);
    return target;
  },
  'change a commitment': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await sql.query(
      `update audit_entry set commitments = case when commitments = '' then sha256('x')
      else set_byte(commitments, 3, get_byte(commitments, 3) # 1) end where id = $1`,
      [id],
    );
    return target;
  },
  'change a value': async (sql, world, pick) => {
    const { id, target } = await withValues(sql, world, pick);
    await sql.query(
      `update audit_value set slots = jsonb_set(slots, array[(select min(k) from jsonb_object_keys(slots) k)],
      '["forged", "forged"]') where entry_id = $1`,
      [id],
    );
    return target;
  },
  'change a value with its commitment, leaf and all hashes above': async (sql, world, pick) => {
    const { id, target } = await withValues(sql, world, pick);
    await sql.query(
      `update audit_value set slots = jsonb_set(slots, array[(select min(k collate "C") from jsonb_object_keys(slots) k)],
      '["forged", "forged"]') where entry_id = $1`,
      [id],
    );
    await sql.query(
      `update audit_entry e set commitments = overlay(e.commitments placing
      sha256(substring(v.salts for 32) || convert_to('["forged","forged"]', 'UTF8')) from 1 for 32)
      from audit_value v where v.entry_id = e.id and e.id = $1`,
      [id],
    );
    await sql.query(LEAF, [id]);
    await sql.query(REBUILD);
    return target;
  },
  'swap the values of two entries': async (sql, world, pick) => {
    const [one, other] = [await withValues(sql, world, pick), await withValues(sql, world, pick)];
    if (one.id === other.id) return ENTRY_EDITS['change a value']!(sql, world, pick);
    await sql.query(
      `update audit_value v set slots = w.slots, salts = w.salts from audit_value w
      where (v.entry_id, w.entry_id) in (($1, $2), ($2, $1))`,
      [one.id, other.id],
    );
    return one.target;
  },
  'delete the entry': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await sql.query('delete from audit_entry where id = $1', [id]);
    return target;
  },
  'delete the values': async (sql, world, pick) => {
    const { id, target } = await withValues(sql, world, pick);
    await sql.query('delete from audit_value where entry_id = $1', [id]);
    return target;
  },
  'delete the last entries, and every sign of them': async (sql, world, pick) => {
    const from = world.leaves.length - 1 - pick(8);
    const gone = world.leaves.slice(from);
    for (const table of ['audit_value', 'audit_leaf']) {
      await sql.query(`delete from ${table} where entry_id = any($1)`, [gone]);
    }
    await sql.query('delete from audit_entry where id = any($1)', [gone]);
    await sql.query('delete from audit_node where (index + 1) << level > $1', [from]);
    await sql.query('delete from audit_head where size > $1', [from]);
    return { positions: [from, world.leaves.length] };
  },
  'reorder two leaves': swapLeaves,
  'reorder two leaves, and all hashes above': async (sql, world, pick) => {
    const target = await swapLeaves(sql, world, pick);
    await sql.query(REBUILD);
    return target;
  },
  'renumber from somewhere on': async (sql, world, pick) => {
    const { position, target } = place(world, pick);
    await shift(sql, position, 1 + pick(3));
    return target;
  },
  'insert an entry without a place': async (sql, _world, pick) => {
    const id = forgedId(pick);
    await sql.query(FORGED, [id, forgedHeader(id)]);
    return { entries: [id] };
  },
  'insert an entry in the middle, and all hashes above': async (sql, world, pick) => {
    const { position } = place(world, pick);
    const id = forgedId(pick);
    await sql.query(FORGED, [id, forgedHeader(id)]);
    await shift(sql, position, 1);
    await sql.query(`insert into audit_leaf values ($2, $1, sha256('x'))`, [id, position]);
    await sql.query(LEAF, [id]);
    await sql.query(REBUILD);
    return { entries: [id], positions: [position, position + 1] };
  },
  'remove a leaf': async (sql, world, pick) => {
    const { position, target } = place(world, pick);
    await sql.query('delete from audit_leaf where position = $1', [position]);
    return target;
  },
  'remove an entry with its leaf, close the gap, and all hashes above': async (sql, world, pick) => {
    const { position, id, target } = place(world, pick);
    await sql.query('delete from audit_entry where id = $1', [id]);
    await sql.query('delete from audit_value where entry_id = $1', [id]);
    await sql.query('delete from audit_leaf where position = $1', [position]);
    await shift(sql, position + 1, -1);
    await sql.query(REBUILD);
    return target;
  },
  'put a sealed entry back into the queue': async (sql, world, pick) => {
    const { id, target } = place(world, pick);
    await sql.query('insert into audit_unsealed (entry_id) values ($1)', [id]);
    return target;
  },
  'change a stored hash': async (sql, world, pick) => {
    const { level, index, target } = await node(sql, world, pick);
    await sql.query(`update audit_node set hash = sha256(hash) where level = $1 and index = $2`, [level, index]);
    return target;
  },
  'remove a stored hash': async (sql, world, pick) => {
    const { level, index, target } = await node(sql, world, pick);
    await sql.query('delete from audit_node where level = $1 and index = $2', [level, index]);
    return target;
  },
  'change the root of a head': async (sql, _world, pick) => {
    const size = await headSize(sql, pick);
    await sql.query('update audit_head set root = sha256(root) where size = $1', [size]);
    return { positions: [size - 1, size] };
  },
  'change the signature of a head': async (sql, _world, pick) => {
    const size = await headSize(sql, pick);
    await sql.query(
      'update audit_head set signature = set_byte(signature, 9, get_byte(signature, 9) # 1) where size = $1',
      [size],
    );
    return { positions: [size - 1, size] };
  },
  'truncate a table of the log': async (sql, world, pick) => {
    const table = AUDIT_TABLES.filter((name) => name !== 'audit_unsealed')[pick(5)]!;
    await sql.query(`truncate ${table}`);
    return { entries: world.leaves, positions: [0, world.leaves.length] };
  },
  'restore an older backup of the log': async (sql, world) => {
    await world.restoreBackup(sql, AUDIT_TABLES);
    return { positions: [world.leaves.length - 1, world.leaves.length] };
  },
  'restore an older backup of everything': async (sql, world) => {
    await world.restoreBackup(sql);
    return { positions: [world.leaves.length - 1, world.leaves.length] };
  },
};

async function withValues(sql: Client, world: TamperWorld, pick: Pick) {
  for (;;) {
    const found = place(world, pick);
    const { rowCount } = await sql.query('select from audit_value where entry_id = $1', [found.id]);
    if (rowCount) return found;
  }
}

async function node(sql: Client, world: TamperWorld, pick: Pick) {
  const { rows } = await sql.query('select level, index from audit_node order by level, index');
  const { level, index } = rows[pick(rows.length)];
  const from = Number(index) * 2 ** level;
  const positions = [from, from + 2 ** level] as const;
  return { level, index, target: { positions, entries: world.leaves.slice(...positions) } };
}

async function headSize(sql: Client, pick: Pick): Promise<number> {
  const { rows } = await sql.query('select size from audit_head order by size');
  return Number(rows[pick(rows.length)].size);
}

async function shift(sql: Client, from: number, by: number): Promise<void> {
  await sql.query('create temp table moved on commit drop as select * from audit_leaf where position >= $1', [from]);
  await sql.query('delete from audit_leaf where position >= $1', [from]);
  await sql.query('insert into audit_leaf select position + $1, entry_id, hash from moved', [by]);
}

async function swapLeaves(sql: Client, world: TamperWorld, pick: Pick): Promise<Target> {
  const one = pick(world.leaves.length);
  const other = (one + 1 + pick(world.leaves.length - 1)) % world.leaves.length;
  const { rows } = await sql.query('select * from audit_leaf where position = any($1)', [[one, other]]);
  await sql.query('delete from audit_leaf where position = any($1)', [[one, other]]);
  for (const { position, entry_id, hash } of rows) {
    await sql.query('insert into audit_leaf values ($1, $2, $3)', [one + other - Number(position), entry_id, hash]);
  }
  return { entries: [world.leaves[one]!, world.leaves[other]!], positions: [one, one + 1] };
}
