import { type CompiledPolicy, type DecisionTable, type RowScope, rowScopes } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { DecidedUnder, Principal } from '../../path/rooms';

/** Whose decisions are explained, and under which policy version. */
export interface ExplainedParty {
  readonly principal: Principal;
  readonly policyVersion: number;
  readonly policy: CompiledPolicy;
  readonly table: DecisionTable;
  readScope(object: string): RowScope;
  writeScope(object: string): RowScope;
}

/** A principal under the version in force. */
export async function presentParty({ snapshot }: DecidedUnder, principal: Principal): Promise<ExplainedParty> {
  const { table, readScope, writeScope } = await snapshot.authorityOf(principal);
  const { policy, policyVersion } = snapshot;
  return { principal, policyVersion, policy, table, readScope, writeScope };
}

/** A principal, with the roles and groups of today, under another version. */
export async function partyUnder(
  catalogue: Catalogue,
  principal: Principal,
  { version, compiled }: { readonly version: number; readonly compiled: CompiledPolicy },
): Promise<ExplainedParty> {
  const { roles, scopes, groupIds, audience } = principal;
  const within = (access: 'read' | 'read-write') => rowScopes(catalogue, compiled.body, { groupIds }, audience, access);
  return {
    principal,
    policyVersion: version,
    policy: compiled,
    table: await compiled.tableFor({ roles, scopes }),
    readScope: within('read'),
    writeScope: within('read-write'),
  };
}
