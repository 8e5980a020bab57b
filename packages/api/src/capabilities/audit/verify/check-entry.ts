import { COMMITMENT_BYTES, canonicalJson, type Slot, verifySlots } from '@countersign/crypto';
import type { Finding } from './finding';

/** An entry as the database holds it. */
export interface StoredEntry {
  readonly id: string;
  /** The columns of audit_entry but for the commitments, as JSON. */
  readonly columns: Readonly<Record<string, unknown>>;
  readonly header: string;
  readonly commitments: Buffer;
  readonly slots: Readonly<Record<string, Slot>> | null;
  readonly salts: Buffer | null;
}

/** Which column shows which member of the header, and what it holds where a header of an older format has none. */
export const HEADER_COLUMNS: Readonly<Record<string, { readonly member: string; readonly absent?: unknown }>> = {
  id: { member: 'id' },
  at: { member: 'at' },
  action: { member: 'action' },
  object_name: { member: 'object' },
  record_id: { member: 'record' },
  user_id: { member: 'user' },
  person_id: { member: 'person' },
  client_id: { member: 'client' },
  session_id: { member: 'session' },
  on_behalf_of: { member: 'onBehalfOf' },
  break_glass: { member: 'breakGlass', absent: false },
  code: { member: 'code' },
  request_id: { member: 'request' },
  policy_version: { member: 'policyVersion' },
  outside: { member: 'outside' },
  reason: { member: 'reason' },
};

/** The names of the slots that a header commits to; null for what is no header of ours. */
export function slotNames(header: string): readonly string[] | null {
  try {
    const { slots } = JSON.parse(header) as { slots?: unknown };
    return Array.isArray(slots) && slots.every((name) => typeof name === 'string') ? slots : null;
  } catch {
    return null;
  }
}

/**
 * What is wrong with an entry by itself: its columns against its header, its values against their commitments.
 * `mayLackValues` says whether retention may have removed the values of an entry of this age.
 */
export function checkEntry(entry: StoredEntry, mayLackValues: (at: string) => boolean): Finding[] {
  const entries = [entry.id];
  const found: Finding[] = [];
  const names = slotNames(entry.header);
  if (names === null) return [{ kind: 'entry-changed', message: 'its header is none', entries }];
  const header = JSON.parse(entry.header) as Record<string, unknown>;
  if (canonical(header) !== entry.header) {
    found.push({ kind: 'entry-changed', message: 'its header is not in canonical form', entries });
  }
  const differing = Object.keys(entry.columns).filter((column) => !columnFits(column, entry.columns[column], header));
  if (differing.length > 0) {
    const message = `its columns say other things than its header: ${differing.join(', ')}`;
    found.push({ kind: 'entry-changed', message, entries });
  }
  if (entry.commitments.length !== names.length * COMMITMENT_BYTES) {
    found.push({ kind: 'entry-changed', message: 'it has another number of commitments than slots', entries });
    return found;
  }
  const { slots, salts, commitments } = entry;
  if (slots === null || salts === null) {
    if (names.length === 0 || (header.action !== 'SYSTEM' && mayLackValues(String(header.at)))) return found;
    found.push({ kind: 'value-missing', message: 'its values are gone, and retention did not remove them', entries });
  } else if (!sameNames(Object.keys(slots), names) || !verifySlots(slots, salts, commitments)) {
    found.push({ kind: 'value-changed', message: 'its values are not those that it committed to', entries });
  }
  return found;
}

function columnFits(column: string, value: unknown, header: Readonly<Record<string, unknown>>): boolean {
  const known = HEADER_COLUMNS[column];
  if (known === undefined) return true;
  const told = header[known.member] ?? known.absent ?? null;
  if (column !== 'at') return (value ?? null) === told;
  const instant = new Date(String(value));
  return !Number.isNaN(instant.getTime()) && instant.toISOString() === told;
}

function sameNames(given: readonly string[], names: readonly string[]): boolean {
  return [...given].sort().join('\0') === names.join('\0');
}

function canonical(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch {
    return null;
  }
}
