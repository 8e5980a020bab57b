import { canonicalJson } from '@countersign/crypto';
import { type Catalogue, type CatalogueObject, storedMembers } from '@countersign/schema';
import { imageText, type RecordImage } from '../../../database/record-image';
import type { Rows } from '../log/rows';
import { type StoredEntry, slotNames } from './check-entry';
import { expectedValue, type RecordTrace } from './expected-image';
import type { Findings } from './finding';

/** Traces that are looked at together with the records they speak of. */
const BATCH = 5_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

export interface RecordsReport {
  readonly records: number;
  /** Fields of records that cannot be compared, because retention has removed the values that would tell. */
  readonly untold: number;
}

interface TraceRow extends Pick<StoredEntry, 'id' | 'header' | 'slots'> {
  readonly object: string;
  readonly record: string;
  readonly action: string;
}

/**
 * Compares every record of every table of the catalogue with what its traces add up to: changed, missing, inserted and
 * rolled-back rows, and rows without any trace. It needs the values of the traces; where they were removed it says so.
 */
export async function verifyRecords(db: Rows, catalogue: Catalogue, findings: Findings): Promise<RecordsReport> {
  const objects = [...catalogue.objects.values()].filter(({ name }) => name !== 'AuditEntry');
  const images = (range: string) =>
    objects
      .map((object) => {
        const image = imageText(object, 't');
        return `select '${object.name}' as object, t.id, ${image} as image from ${object.table} t where ${range}`;
      })
      .join(' union all ');
  const report = { records: 0, untold: 0 };
  for (let from: string | null = FIRST; from !== null; ) {
    const to: string | null = await endOfBatch(db, from);
    const bounds = to === null ? [from] : [from, to];
    const traces = await tracesWithin(db, bounds);
    const found = await db.query<{ object: string; id: string; image: string }>(images(within('t.id', bounds)), bounds);
    const stored = new Map(
      found.rows.map(({ object, id, image }) => [`${object} ${id}`, JSON.parse(image) as RecordImage]),
    );
    report.records += stored.size;
    for (const record of new Set([...stored.keys(), ...traces.keys()])) {
      const object = catalogue.objects.get(record.split(' ')[0]!);
      if (object) report.untold += judge(findings, object, record, stored.get(record), traces.get(record) ?? []);
    }
    from = to;
  }
  return report;
}

/** From the first bound on, and below the second one where there is one: together the batches cover every id there is. */
function within(column: string, bounds: readonly string[]): string {
  return bounds.length === 1 ? `${column} >= $1` : `${column} >= $1 and ${column} < $2`;
}

/** Where the next batch begins; null for no more. Traces of one record are never parted. */
async function endOfBatch(db: Rows, from: string): Promise<string | null> {
  const next = async (condition: string) =>
    (
      await db.query<{ to: string }>(`select record_id as to from audit_entry where record_id ${condition} limit 1`, [
        from,
      ])
    ).rows[0]?.to ?? null;
  const to = await next(`>= $1 order by record_id offset ${BATCH}`);
  return to === from ? next('> $1 order by record_id') : to;
}

async function tracesWithin(db: Rows, bounds: string[]): Promise<Map<string, RecordTrace[]>> {
  const { rows } = await db.query<TraceRow & Record<string, unknown>>(
    `select e.id, e.object_name as object, e.record_id as record, e.action, e.header, v.slots
     from audit_entry e left join audit_value v on v.entry_id = e.id
     where ${within('e.record_id', bounds)}
       and e.action in ('CREATE', 'UPDATE', 'DELETE') and e.object_name is not null`,
    bounds,
  );
  const traces = new Map<string, RecordTrace[]>();
  for (const { id, object, record, action, header, slots } of rows) {
    const key = `${object} ${record}`;
    const known = traces.get(key);
    const trace = { id, action, names: slotNames(header) ?? [], slots };
    if (known) known.push(trace);
    else traces.set(key, [trace]);
  }
  return traces;
}

/** Gives how many fields could not be compared. */
function judge(
  findings: Findings,
  object: CatalogueObject,
  record: string,
  image: RecordImage | undefined,
  traces: readonly RecordTrace[],
): number {
  if (traces.length === 0) {
    findings.add({ kind: 'record-untraced', message: 'no trace says that it was ever made', record });
    return 0;
  }
  const entries = traces.map(({ id }) => id).slice(0, 20);
  const made = traces.filter(({ action }) => action === 'CREATE').length;
  const deleted = traces.filter(({ action }) => action === 'DELETE').length;
  if (image === undefined) {
    if (made <= deleted) return 0;
    findings.add({ kind: 'record-missing', message: 'its traces do not say that it was deleted', record, entries });
    return 0;
  }
  if (made <= deleted) {
    const message = made === deleted ? 'its last trace says that it was deleted' : 'no trace says that it was made';
    findings.add({ kind: 'record-untraced', message, record, entries });
    return 0;
  }
  const changed: string[] = [];
  const broken: string[] = [];
  let untold = 0;
  for (const { name } of storedMembers(object)) {
    const expected = expectedValue(name, traces);
    if (expected.kind === 'broken') broken.push(name);
    else if (expected.kind === 'unknown') untold += 1;
    else if (expected.text !== canonicalJson(image[name] ?? null)) changed.push(name);
  }
  if (broken.length > 0) {
    const message = `its traces do not follow one another in ${broken.join(', ')}: at least one is missing`;
    findings.add({ kind: 'trace-missing', message, record, entries });
  }
  if (changed.length > 0) {
    const message = `it is not what its last trace says, in ${changed.join(', ')}${versions(changed, image, traces)}`;
    findings.add({ kind: 'record-changed', message, record, entries });
  }
  return untold;
}

function versions(changed: readonly string[], image: RecordImage, traces: readonly RecordTrace[]): string {
  const expected = expectedValue('version', traces);
  if (!changed.includes('version') || expected.kind !== 'is') return '';
  return ` (version ${String(image.version)}, and the last trace says ${expected.text})`;
}
