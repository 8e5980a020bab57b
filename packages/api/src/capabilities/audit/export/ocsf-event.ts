import { isIP } from 'node:net';
import type { EntryLine, ExportLine } from './export-lines';

/** Which event of the Open Cybersecurity Schema Framework (1.3) an action is: class, activity, and how it ended. */
interface Mapping {
  readonly classUid: number;
  readonly activity: number;
  readonly failed?: true;
}

const OTHER = 99;
/** Identity & Access Management: Authentication and Entity Management. Application Activity: API Activity and Lifecycle. */
const [AUTHENTICATION, ENTITY_MANAGEMENT, API_ACTIVITY, LIFECYCLE, BASE_EVENT] = [3002, 3004, 6003, 6002, 0];

const ACTIONS: Readonly<Record<string, Mapping>> = {
  CREATE: { classUid: ENTITY_MANAGEMENT, activity: 1 },
  READ: { classUid: ENTITY_MANAGEMENT, activity: 2 },
  UPDATE: { classUid: ENTITY_MANAGEMENT, activity: 3 },
  DELETE: { classUid: ENTITY_MANAGEMENT, activity: 4 },
  SIGN_IN: { classUid: AUTHENTICATION, activity: 1 },
  SIGN_IN_FAILED: { classUid: AUTHENTICATION, activity: 1, failed: true },
  SYSTEM: { classUid: LIFECYCLE, activity: OTHER },
  DENIED: { classUid: API_ACTIVITY, activity: OTHER, failed: true },
};

const INFORMATIONAL = 1;
const [SUCCESS, FAILURE] = [1, 2];

/**
 * A line of an export as an OCSF event, one for one. The line itself stands under `unmapped.countersign`, so that what is
 * kept in this form can be verified as well; lines that are no entry are base events.
 */
export function ocsfEvent(line: ExportLine, now: Date): Readonly<Record<string, unknown>> {
  if (line.type !== 'entry') {
    const time = line.type === 'head' ? Date.parse(line.at) : now.getTime();
    return event({ classUid: BASE_EVENT, activity: OTHER }, time, { unmapped: { countersign: line } });
  }
  return entryEvent(line);
}

type Texts = (name: string) => string | undefined;

function entryEvent(line: EntryLine): Readonly<Record<string, unknown>> {
  const header = JSON.parse(line.header) as Readonly<Record<string, unknown>>;
  const text: Texts = (name) => (typeof header[name] === 'string' ? (header[name] as string) : undefined);
  const action = text('action') ?? '';
  const mapping = mappingOf(action, line);
  const failed = mapping.failed === true;
  const reason = text('reason');
  return event(mapping, Date.parse(text('at') ?? ''), {
    activity_name: action,
    ...about(mapping.classUid, action, text, line),
    status_id: failed ? FAILURE : SUCCESS,
    status: failed ? 'Failure' : 'Success',
    ...(text('code') ? { status_code: text('code') } : {}),
    ...(reason ? { message: reason, ...(mapping.classUid === ENTITY_MANAGEMENT ? { comment: reason } : {}) } : {}),
    metadata: { ...METADATA, uid: text('id'), sequence: line.position, correlation_uid: text('request') },
    unmapped: { countersign: line },
  });
}

function mappingOf(action: string, { slots }: EntryLine): Mapping {
  const mapping = ACTIONS[action] ?? { classUid: API_ACTIVITY, activity: OTHER };
  if (mapping.classUid !== LIFECYCLE) return mapping;
  const [START, STOP] = [3, 4];
  const what = factOf(slots, 'event');
  return what === 'start' || what === 'stop' ? { ...mapping, activity: what === 'start' ? START : STOP } : mapping;
}

/** What each class requires besides, and what it recommends as far as an entry says it. */
function about(classUid: number, action: string, text: Texts, { slots }: EntryLine): Readonly<Record<string, unknown>> {
  const [user, object, record, client, session] = ['user', 'object', 'record', 'client', 'session'].map(text);
  // Whoever is not known has a name all the same: a user without any attribute is none.
  const who = user ? { uid: user, uid_alt: text('person') } : { name: client ? 'a program' : 'unknown' };
  const actor = {
    user: who,
    ...(client ? { app_uid: client } : {}),
    ...(session ? { session: { uid: session } } : {}),
  };
  const source = factOf(slots, 'source');
  const known = typeof source === 'string' && source !== '';
  const endpoint = known ? (isIP(source) ? { ip: source } : { name: source }) : { name: 'not in this entry' };
  const thing = { name: object ?? 'Countersign', type: object, uid: record };
  switch (classUid) {
    case ENTITY_MANAGEMENT:
      return { actor, entity: thing };
    case AUTHENTICATION:
      return {
        actor,
        user: who,
        service: { name: METADATA.product.name },
        ...(known ? { src_endpoint: endpoint } : {}),
      };
    case LIFECYCLE:
      return { app: METADATA.product };
    default:
      return {
        actor,
        api: { operation: action, request: { uid: text('request') ?? text('id') } },
        src_endpoint: endpoint,
        resources: [thing],
      };
  }
}

/** A fact that an entry tells besides its header; undefined where its values are gone or held back. */
function factOf(slots: EntryLine['slots'], name: string): unknown {
  const slot: unknown = slots?.[name];
  return Array.isArray(slot) ? slot[1] : undefined;
}

const METADATA = {
  version: '1.3.0',
  log_name: 'audit',
  product: { name: 'Countersign', vendor_name: 'Countersign' },
} as const;

function event({ classUid, activity }: Mapping, time: number, more: object): Readonly<Record<string, unknown>> {
  return {
    activity_id: activity,
    category_uid: Math.floor(classUid / 1000),
    class_uid: classUid,
    type_uid: classUid * 100 + activity,
    severity_id: INFORMATIONAL,
    time,
    metadata: METADATA,
    ...more,
  };
}
