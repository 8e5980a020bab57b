import {
  applyingCellRules,
  type CellConditions,
  type CellRuleDefinition,
  type CompiledPolicy,
  cellRules,
  type DecisionTable,
  type RowScope,
} from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { DecidedUnder, Principal } from '../../path/rooms';
import { rightsOf, scopesOf } from '../../snapshot/rights-of';

/** Whose decisions are explained, and under which policy version. */
export interface ExplainedParty {
  readonly principal: Principal;
  readonly policyVersion: number;
  readonly policy: CompiledPolicy;
  readonly table: DecisionTable;
  readScope(object: string): RowScope;
  writeScope(object: string): RowScope;
  cellRules(object: string): CellConditions;
  /** The rules behind them, one by one. */
  cellRulesOn(object: string, member: string): CellRuleDefinition[];
}

/** A principal under the version in force. */
export async function presentParty({ snapshot }: DecidedUnder, principal: Principal): Promise<ExplainedParty> {
  const { table, readScope, writeScope, cellRules } = await snapshot.authorityOf(principal);
  const { policy, policyVersion } = snapshot;
  const cellRulesOn = rulesBehind(policy, principal);
  return { principal, policyVersion, policy, table, readScope, writeScope, cellRules, cellRulesOn };
}

/** A principal, with the roles and groups of today, under another version. */
export async function partyUnder(
  catalogue: Catalogue,
  principal: Principal,
  { version, compiled }: { readonly version: number; readonly compiled: CompiledPolicy },
): Promise<ExplainedParty> {
  const rights = rightsOf(principal);
  const within = (access: 'read' | 'read-write') => scopesOf(catalogue, compiled.body, principal, access);
  return {
    principal,
    policyVersion: version,
    policy: compiled,
    table: await compiled.tableFor(rights),
    readScope: within('read'),
    writeScope: within('read-write'),
    cellRules: cellRules(catalogue, compiled.body, rights),
    cellRulesOn: rulesBehind(compiled, principal),
  };
}

function rulesBehind({ body }: CompiledPolicy, principal: Principal): ExplainedParty['cellRulesOn'] {
  return (object, member) =>
    applyingCellRules(body, rightsOf(principal)).filter((rule) => rule.object === object && rule.field === member);
}
