import type { EntryLine, ExportLine } from './export-lines';

/** Which event of the Open Cybersecurity Schema Framework (1.3) an action is: class, activity, and how it ended. */
interface Mapping {
  readonly classUid: number;
  readonly activity: number;
  readonly failed?: true;
}

const OTHER = 99;
/** Identity & Access Management: Authentication and Entity Management. Application Activity: API Activity. */
const [AUTHENTICATION, ENTITY_MANAGEMENT, API_ACTIVITY, BASE_EVENT] = [3002, 3004, 6003, 0];

const ACTIONS: Readonly<Record<string, Mapping>> = {
  CREATE: { classUid: ENTITY_MANAGEMENT, activity: 1 },
  READ: { classUid: ENTITY_MANAGEMENT, activity: 2 },
  UPDATE: { classUid: ENTITY_MANAGEMENT, activity: 3 },
  DELETE: { classUid: ENTITY_MANAGEMENT, activity: 4 },
  SIGN_IN: { classUid: AUTHENTICATION, activity: 1 },
  SIGN_IN_FAILED: { classUid: AUTHENTICATION, activity: 1, failed: true },
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

function entryEvent(line: EntryLine): Readonly<Record<string, unknown>> {
  const header = JSON.parse(line.header) as Readonly<Record<string, unknown>>;
  const text = (name: string) => (typeof header[name] === 'string' ? (header[name] as string) : undefined);
  const action = text('action') ?? '';
  const mapping = ACTIONS[action] ?? { classUid: API_ACTIVITY, activity: OTHER };
  const user = { uid: text('user'), uid_alt: text('person') };
  const named = { type: text('object'), uid: text('record') };
  const failed = mapping.failed === true;
  return event(mapping, Date.parse(text('at') ?? ''), {
    activity_name: action,
    actor: { user, ...(text('client') ? { app_uid: text('client') } : {}) },
    ...(mapping.classUid === ENTITY_MANAGEMENT ? { entity: named } : {}),
    ...(mapping.classUid === AUTHENTICATION ? { user } : {}),
    ...(mapping.classUid === API_ACTIVITY
      ? { api: { operation: action, request: { uid: text('request') } }, resources: [named] }
      : {}),
    status_id: failed ? FAILURE : SUCCESS,
    status: failed ? 'Failure' : 'Success',
    ...(text('code') ? { status_code: text('code') } : {}),
    ...(text('reason') ? { message: text('reason') } : {}),
    metadata: { ...METADATA, uid: text('id'), sequence: line.position, correlation_uid: text('request') },
    unmapped: { countersign: line },
  });
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
