import { storePassword } from '@countersign/api/dist/capabilities/identity/store-password';
import { openCore } from '@countersign/api/dist/compose';
import { applyChanges } from '@countersign/api/dist/path/write-path';
import type { GivenChange } from '@countersign/api/dist/records/change';
import { installationUnder } from '@countersign/api/dist/records/installation';
import { gatewaySettings } from '../gateway-settings';
import { REGIONS } from '../queries';
import type { ServerOrder } from '../servers/serve';
import type { BenchUser } from './sign-in';

const OBJECTS = ['Account', 'Invoice', 'InvoiceLine'] as const;
const PASSWORD = 'load is measured, never assumed';

export interface BenchUsers {
  /** Sees the records of three regions, by a sharing group. */
  readonly limited: BenchUser;
  /** In no group: sees all records. */
  readonly open: BenchUser;
}

/**
 * Makes two members of staff who see every field of the three objects, through the gateway's own way of writing, so that
 * what is measured is decided by a published policy like any other.
 */
export async function seedAccess(order: ServerOrder): Promise<BenchUsers> {
  const users: BenchUsers = {
    limited: { email: 'limited@bench.example', password: PASSWORD },
    open: { email: 'open@bench.example', password: PASSWORD },
  };
  const core = await openCore(gatewaySettings(order));
  try {
    const { database, macKeys, now, snapshots, writes } = core;
    const changes = [...role(), ...user('limited', users.limited), ...user('open', users.open), ...group('limited')];
    const outcome = await applyChanges(
      writes,
      installationUnder(await snapshots.current()),
      { requestId: null, now: now(), reason: 'Benchmark' },
      changes,
    );
    if (outcome.kind !== 'applied') throw new Error(`The users were refused: ${JSON.stringify(outcome)}`);
    for (const { email, password } of [users.limited, users.open]) {
      const { rows } = await database.pool.query<{ id: string }>('select id from app_user where email = $1', [email]);
      await storePassword(database.pool, macKeys.rows, rows[0]!.id, password, now());
    }
    return users;
  } finally {
    await core.close();
  }
}

function role(): GivenChange[] {
  return [
    { verb: 'create', object: 'Role', input: { name: 'bench-reader' }, as: 'role' },
    ...OBJECTS.flatMap((objectName): GivenChange[] => [
      { verb: 'create', object: 'ObjectSetting', input: { objectName, sharing: 'OPEN' } },
      {
        verb: 'create',
        object: 'FieldPermission',
        input: { roleId: '@role', objectName, fieldName: '*', action: 'SEE_CLEAR', effect: 'ALLOW' },
      },
    ]),
  ];
}

function user(name: string, { email }: BenchUser): GivenChange[] {
  return [
    { verb: 'create', object: 'Person', input: { fullName: `Bench ${name}`, email }, as: `${name}-person` },
    {
      verb: 'create',
      object: 'User',
      input: { personId: `@${name}-person`, email, audience: 'STAFF' },
      as: `${name}-user`,
    },
    { verb: 'create', object: 'RoleAssignment', input: { roleId: '@role', userId: `@${name}-user` } },
  ];
}

function group(name: string): GivenChange[] {
  return [
    { verb: 'create', object: 'SharingGroup', input: { name: 'Three regions', access: 'READ' }, as: 'group' },
    { verb: 'create', object: 'SharingMember', input: { groupId: '@group', userId: `@${name}-user` } },
    {
      verb: 'create',
      object: 'SharingCondition',
      input: { groupId: '@group', objectName: 'Account', condition: { region: { in: REGIONS } } },
    },
  ];
}
