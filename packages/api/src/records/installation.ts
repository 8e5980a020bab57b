import { OBJECT_ACTIONS, type RowScope } from '@countersign/policy';
import { memberOf } from '@countersign/schema';
import {
  type Authority,
  type DecidedUnder,
  type Head,
  madeIn,
  type Principal,
  type PrincipalFacts,
  type Snapshot,
} from '../path/rooms';

/*
 * The installation itself: what fills a new database before there is anybody to be allowed anything. No request can
 * become it, because nothing in it comes from a request.
 */

const ALL: RowScope = { kind: 'always' };

const INSTALLATION: Principal = madeIn<'identify', PrincipalFacts>({
  kind: 'installation',
  audience: 'staff',
  values: { userId: null, personId: null, accountId: null, region: null, email: null, clientId: null },
  name: 'installation',
  roles: [],
  scopes: null,
  groupIds: [],
  sessionId: null,
});

/** The installation under the current snapshot and head: everything that the catalogue has is allowed. */
export function installationUnder({
  snapshot,
  head,
}: {
  readonly snapshot: Snapshot;
  readonly head: Head;
}): DecidedUnder {
  const { catalogue } = snapshot;
  const member = (object: string, name: string) => {
    const found = catalogue.objects.get(object);
    return found && memberOf(found, name);
  };
  const authority: Authority = {
    rightsKey: 'installation',
    audience: 'staff',
    table: {
      digest: 'installation',
      see: (object, name) => (member(object, name) ? 'clear' : 'none'),
      change: (object, name) => (member(object, name)?.kind ?? 'to-many') !== 'to-many',
      may: (object, action) => catalogue.objects.has(object) && OBJECT_ACTIONS.includes(action),
      readable: (object) => catalogue.objects.has(object),
    },
    readScope: () => ALL,
    writeScope: () => ALL,
    traceScope: ALL,
    cellRules: () => new Map(),
    servedSchema: snapshot.wholeSchema,
    validationSchema: snapshot.wholeSchema,
  };
  return { snapshot, head, principal: INSTALLATION, authority };
}
