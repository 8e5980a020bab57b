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
  /** Limited likewise; cell rules are on a field of every object, and tax ids are shown masked. */
  readonly ruled: BenchUser;
}

/**
 * One rule an object. Each holds for every record, so that the answer is the same; PostgreSQL has to find that out record
 * by record.
 */
const CELL_RULES = [
  { objectName: 'Account', fieldName: 'status', condition: { creditLimit: { gt: '0' } } },
  { objectName: 'Invoice', fieldName: 'total', condition: { subtotal: { gt: '0' }, status: { ne: 'VOID' } } },
  { objectName: 'InvoiceLine', fieldName: 'amount', condition: { quantity: { gt: '0' } } },
];

/**
 * Makes two members of staff who see every field of the three objects, through the gateway's own way of writing, so that
 * what is measured is decided by a published policy like any other.
 */
export async function seedAccess(order: ServerOrder): Promise<BenchUsers> {
  const users: BenchUsers = {
    limited: { email: 'limited@bench.example', password: PASSWORD },
    open: { email: 'open@bench.example', password: PASSWORD },
    ruled: { email: 'ruled@bench.example', password: PASSWORD },
  };
  const core = await openCore(gatewaySettings(order));
  try {
    const { database, macKeys, now, snapshots, writes } = core;
    const changes = [
      ...readerRole(),
      ...ruledRole(),
      ...user('limited', users.limited),
      ...user('open', users.open),
      ...user('ruled', users.ruled, '@ruled-role'),
      ...group('limited', 'ruled'),
    ];
    const outcome = await applyChanges(
      writes,
      installationUnder(await snapshots.current()),
      { requestId: null, now: now(), reason: 'Benchmark' },
      changes,
    );
    if (outcome.kind !== 'applied') throw new Error(`The users were refused: ${JSON.stringify(outcome)}`);
    for (const { email, password } of Object.values(users)) {
      const { rows } = await database.pool.query<{ id: string }>('select id from app_user where email = $1', [email]);
      await storePassword(database.pool, macKeys.rows, rows[0]!.id, password, now());
    }
    return users;
  } finally {
    await core.close();
  }
}

function readerRole(): GivenChange[] {
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

function ruledRole(): GivenChange[] {
  const permission = { roleId: '@ruled-role', effect: 'ALLOW' };
  const seen = OBJECTS.map((objectName) => ({ objectName, fieldName: '*', action: 'SEE_CLEAR' }));
  const masked = { objectName: 'Account', fieldName: 'taxId', action: 'SEE_CLEAR', effect: 'DENY' };
  return [
    { verb: 'create', object: 'Role', input: { name: 'bench-ruled' }, as: 'ruled-role' },
    ...[...seen, masked].map(
      (line): GivenChange => ({ verb: 'create', object: 'FieldPermission', input: { ...permission, ...line } }),
    ),
    ...CELL_RULES.map(
      (rule): GivenChange => ({ verb: 'create', object: 'CellRule', input: { roleId: '@ruled-role', ...rule } }),
    ),
  ];
}

function user(name: string, { email }: BenchUser, roleId = '@role'): GivenChange[] {
  return [
    { verb: 'create', object: 'Person', input: { fullName: `Bench ${name}`, email }, as: `${name}-person` },
    {
      verb: 'create',
      object: 'User',
      input: { personId: `@${name}-person`, email, audience: 'STAFF' },
      as: `${name}-user`,
    },
    { verb: 'create', object: 'RoleAssignment', input: { roleId, userId: `@${name}-user` } },
  ];
}

function group(...names: string[]): GivenChange[] {
  return [
    { verb: 'create', object: 'SharingGroup', input: { name: 'Three regions', access: 'READ' }, as: 'group' },
    ...names.map(
      (name): GivenChange => ({
        verb: 'create',
        object: 'SharingMember',
        input: { groupId: '@group', userId: `@${name}-user` },
      }),
    ),
    {
      verb: 'create',
      object: 'SharingCondition',
      input: { groupId: '@group', objectName: 'Account', condition: { region: { in: REGIONS } } },
    },
  ];
}
