import { type AuditAction, entryMaker } from '../trace-entry';
import { ocsfEvent } from './ocsf-event';

/*
 * What version 1.3.0 of the schema requires: of every event, and of each class that we use. An object needs at least one
 * of the attributes that identify it, and no enumeration has a value that the schema does not know.
 */
const EVERY = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const CLASSES: Readonly<Record<number, { required: string[]; activities: number[]; oneOf?: string[] }>> = {
  0: { required: [], activities: [0, 99] },
  3002: { required: ['user'], activities: [0, 1, 2, 3, 4, 5, 6, 99], oneOf: ['service', 'dst_endpoint'] },
  3004: { required: ['entity'], activities: [0, 1, 2, 3, 4, 99] },
  6002: { required: ['app'], activities: [0, 1, 2, 3, 4, 99] },
  6003: { required: ['actor', 'api', 'src_endpoint'], activities: [0, 1, 2, 3, 4, 99] },
};
const IDENTIFIED: Readonly<Record<string, string[]>> = {
  user: ['name', 'uid', 'email_addr'],
  actor: ['user', 'session', 'app_uid', 'app_name'],
  entity: ['name', 'uid'],
  src_endpoint: ['ip', 'uid', 'name', 'hostname'],
  service: ['name', 'uid'],
  app: ['name', 'uid'],
};

const NOW = new Date('2026-01-01T00:00:00.000Z');
// biome-ignore lint/suspicious/noExplicitAny: an event is looked at attribute by attribute
type Event = any;

function eventOf(
  action: AuditAction,
  more: { user?: string; source?: string; event?: string; bare?: boolean } = {},
): Event {
  const { user = null, source, event, bare = false } = more;
  const context = {
    at: NOW,
    userId: user,
    personId: user,
    clientId: null,
    requestId: null,
    policyVersion: 1,
    reason: 'why',
  };
  const facts = {
    ...(source ? { source: [null, source] as const } : {}),
    ...(event ? { event: [null, event] as const } : {}),
  };
  const row = entryMaker(context)({
    action,
    object: bare ? null : 'Invoice',
    recordId: null,
    code: null,
    slots: facts,
  });
  const { header, commitments, slots, salts } = row;
  // As it is written: through JSON, where what is undefined is not there.
  return JSON.parse(JSON.stringify(ocsfEvent({ type: 'entry', position: 7, header, commitments, slots, salts }, NOW)));
}

function problems(event: Event): string[] {
  const { required, activities, oneOf } = CLASSES[event.class_uid] ?? { required: ['a known class'], activities: [] };
  return [
    ...[...EVERY, ...required].filter((name) => event[name] === undefined || event[name] === null),
    ...(oneOf && !oneOf.some((name) => event[name]) ? [`one of ${oneOf}`] : []),
    ...(activities.includes(event.activity_id) ? [] : [`activity ${event.activity_id}`]),
    ...(event.type_uid === event.class_uid * 100 + event.activity_id ? [] : ['type_uid']),
    ...(event.category_uid === Math.floor(event.class_uid / 1000) ? [] : ['category_uid']),
    ...Object.entries(IDENTIFIED).flatMap(([name, any]) => {
      const found = [event[name], event.actor?.[name]].filter((given) => given !== undefined);
      return found.every((given) => any.some((attribute) => given[attribute] !== undefined))
        ? []
        : [`${name} is nobody`];
    }),
    ...(event.metadata?.version === '1.3.0' && event.metadata?.product?.vendor_name ? [] : ['metadata']),
  ];
}

const ACTIONS: readonly AuditAction[] = [
  ...([
    'CREATE',
    'UPDATE',
    'DELETE',
    'SIGN_IN',
    'SIGN_IN_FAILED',
    'READ',
    'DENIED',
    'EXPORT',
    'PUBLISH',
    'SYSTEM',
  ] as const),
];
const USER = '01900000-0000-7000-8000-000000000001';

test.each(ACTIONS)(
  '%s becomes an event with all that its class requires, whoever did it and whatever is known',
  (action) => {
    for (const more of [{ user: USER, source: '10.0.0.1' }, { source: 'command line' }, {}, { bare: true }]) {
      expect(problems(eventOf(action, more))).toEqual([]);
    }
  },
);

test('lines that are no entry become base events', () => {
  const start = { type: 'start', v: 1, log: USER, position: 0, subtrees: [] } as const;
  expect(problems(ocsfEvent(start, NOW))).toEqual([]);
});

test('who, whence and why stand where collectors look for them', () => {
  expect(eventOf('SIGN_IN_FAILED', { source: '10.0.0.1' })).toMatchObject({
    ...{ class_uid: 3002, status_id: 2, user: { name: 'unknown' }, src_endpoint: { ip: '10.0.0.1' } },
  });
  expect(eventOf('DENIED', { user: USER, source: '10.0.0.1' })).toMatchObject({
    ...{
      class_uid: 6003,
      actor: { user: { uid: USER } },
      src_endpoint: { ip: '10.0.0.1' },
      resources: [{ type: 'Invoice' }],
    },
  });
  expect(eventOf('UPDATE', { user: USER })).toMatchObject({ class_uid: 3004, activity_id: 3, comment: 'why' });
  expect(eventOf('SYSTEM', { event: 'start' })).toMatchObject({
    class_uid: 6002,
    activity_id: 3,
    app: { name: 'Countersign' },
  });
});
