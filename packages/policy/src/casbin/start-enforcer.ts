import { DefaultRoleManager, type Enforcer, newEnforcer, newModelFromString } from 'casbin';
import type { CasbinLine } from './line-book';
import { CASBIN_MODEL } from './model';
import type { RoleLink } from './role-graph';
import type { WildcardReach } from './wildcard-reach';

/**
 * Casbin's own role manager follows 10 links and then stops without a word: a deny that is held 11 links up would be
 * lost. Policies are refused beyond 30, so this is never the limit.
 */
const LINKS_FOLLOWED = 1000;

/**
 * Starts a Casbin enforcer over these lines and links. Its roles never change afterwards.
 *
 * INVARIANT: nothing here ever calls loadPolicy (it empties a live model and then waits: everybody who is denied
 * by a line gets in meanwhile), enableEnforce, or a CachedEnforcer (stale answers, colliding keys).
 */
export async function startEnforcer(
  reach: WildcardReach,
  links: RoleLink[],
  lines: readonly CasbinLine[],
): Promise<Enforcer> {
  const model = newModelFromString(CASBIN_MODEL);
  model.addPolicies('g', 'g', links);
  model.addPolicies('p', 'p', [...lines]);
  const enforcer = await newEnforcer(model);
  await enforcer.addFunction('reach', reach);
  enforcer.setRoleManager(new DefaultRoleManager(LINKS_FOLLOWED));
  await enforcer.buildRoleLinks();
  return enforcer;
}
