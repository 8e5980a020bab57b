import { Client, escapeLiteral } from 'pg';
import type { Passwords } from './passwords';

/** The databases of an embedded server: the data, and the key ledger, which no data backup may hold. */
export const DATABASE = 'countersign';
export const KEYS_DATABASE = 'countersign_keys';

type Role = keyof Passwords;

/**
 * Makes the roles and databases that are missing. Safe to repeat, so a start that died half-way is completed by the
 * next one. Each database lets in its own roles only.
 */
export async function provision(adminUrl: string, passwords: Passwords): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const role of ['countersign_owner', 'countersign_gateway', 'countersign_keys'] as const) {
      await makeRole(client, role, passwords[role]);
    }
    await makeDatabase(client, DATABASE, 'countersign_owner', 'countersign_gateway');
    await makeDatabase(client, KEYS_DATABASE, 'countersign_keys');
  } finally {
    await client.end();
  }
}

async function makeRole(client: Client, role: Role, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (rowCount) return;
  const nothing = 'nosuperuser nocreatedb nocreaterole noreplication nobypassrls';
  await client.query(`create role ${role} login ${nothing} password ${escapeLiteral(password)}`);
}

async function makeDatabase(client: Client, name: string, owner: Role, guest?: Role): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (!rowCount) await client.query(`create database ${name} owner ${owner}`);
  await client.query(`revoke all on database ${name} from public`);
  if (guest) await client.query(`grant connect on database ${name} to ${guest}`);
}
