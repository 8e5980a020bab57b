import { type PolicyBody, type RightsClass, type RowScope, rowScopes } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { Principal } from '../path/rooms';

/** The class of rights of a principal: what Casbin is asked about. */
export function rightsOf({ roles, scopes, lent }: Principal): RightsClass {
  return { roles, scopes, lent: lent?.roles ?? null };
}

/**
 * The records that a principal may touch. Groups that are lent count as if the principal were in them, but of system
 * objects, the audit log among them, only the principal's own groups speak.
 */
export function scopesOf(
  catalogue: Catalogue,
  policy: Pick<PolicyBody, 'sharing' | 'groups'>,
  { groupIds, lent, audience }: Principal,
  access: 'read' | 'read-write',
): (object: string) => RowScope {
  const own = rowScopes(catalogue, policy, { groupIds }, audience, access);
  if (!lent) return own;
  const together = rowScopes(catalogue, policy, { groupIds: [...groupIds, ...lent.groupIds] }, audience, access);
  return (object) => (catalogue.objects.get(object)?.kind === 'system' ? own(object) : together(object));
}
