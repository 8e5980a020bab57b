import { BoundedMap } from '../../path/bounded-map';
import type { AuditEvent } from './write-event';

/** A read of protected fields that has to be in the log before its answer leaves. */
export interface ProtectedRead {
  readonly event: AuditEvent;
  /** `PaymentMethod.number`, sorted. */
  readonly coordinates: readonly string[];
  /** Records that show protected values. */
  readonly ids: readonly string[];
}

interface Gathering {
  readonly event: AuditEvent;
  readonly coordinates: readonly string[];
  readonly ids: Set<string>;
  readonly requests: string[];
  count: number;
  reads: number;
  readonly written: Promise<void>;
}

interface Pace {
  readonly minute: number;
  written: number;
  gathering: Gathering | null;
}

/** So many reads of one kind in a minute have an entry each; the further ones share one entry for each pause. */
const AT_ONCE = 60;
const PAUSE_MS = 250;
const MOST_IDS = 2_000;
const MOST_REQUESTS = 200;
const MOST_KINDS = 5_000;

/**
 * Traces protected reads. Each resolves only once its entry is in the log, so that no value leaves untraced. Somebody who
 * reads the same fields very often gets fewer, larger entries and slower answers, so that a flood of reads cannot fill
 * the log: at most 60 a minute, and then one for every quarter of a second, with the ids of all.
 */
export class GatheredReads {
  private readonly paces = new BoundedMap<Pace>(MOST_KINDS);

  constructor(
    private readonly write: (event: AuditEvent) => Promise<void>,
    /** Record ids that the entry of one read lists. */
    private readonly mostListed: number,
  ) {}

  /** Throws AUDIT_UNAVAILABLE. */
  async trace(read: ProtectedRead): Promise<void> {
    const pace = this.paceOf(read);
    if (pace.written < AT_ONCE) {
      pace.written += 1;
      return this.write(entryOf(read.event, read.coordinates, read.ids.slice(0, this.mostListed), read.ids.length));
    }
    const room = pace.gathering && pace.gathering.ids.size < MOST_IDS && pace.gathering.requests.length < MOST_REQUESTS;
    const gathering = room && pace.gathering ? pace.gathering : this.begin(pace, read);
    for (const id of read.ids.slice(0, this.mostListed)) gathering.ids.add(id);
    if (read.event.requestId) gathering.requests.push(read.event.requestId);
    gathering.count += read.ids.length;
    gathering.reads += 1;
    return gathering.written;
  }

  private paceOf({ event, coordinates }: ProtectedRead): Pace {
    const { at, userId, clientId, sessionId, onBehalfOf, breakGlass, policyVersion, reason } = event;
    const key = JSON.stringify([
      userId,
      clientId,
      sessionId,
      onBehalfOf,
      breakGlass,
      policyVersion,
      reason,
      coordinates,
    ]);
    const minute = Math.floor(at.getTime() / 60_000);
    const known = this.paces.get(key);
    if (known?.minute === minute) return known;
    const made: Pace = { minute, written: 0, gathering: null };
    this.paces.set(key, made);
    return made;
  }

  private begin(pace: Pace, { event, coordinates }: ProtectedRead): Gathering {
    const written = new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS)).then(() => {
      if (pace.gathering === gathering) pace.gathering = null;
      const { ids, count, reads, requests } = gathering;
      const entry = entryOf(event, coordinates, [...ids], count);
      return this.write({ ...entry, slots: { ...entry.slots, reads: [null, reads], requests: [null, requests] } });
    });
    const gathering: Gathering = { event, coordinates, ids: new Set(), requests: [], count: 0, reads: 0, written };
    pace.gathering = gathering;
    return gathering;
  }
}

function entryOf(event: AuditEvent, coordinates: readonly string[], ids: readonly string[], count: number): AuditEvent {
  return { ...event, slots: { coordinates: [null, coordinates], count: [null, count], records: [null, ids] } };
}
