import { type Condition, evaluateCondition, type PolicyBody, parseCondition } from '@countersign/policy';
import { type Catalogue, memberOf, objectOf } from '@countersign/schema';
import type { Row } from './load-rows';
import type { Records } from './records';
import type { Caller } from './standing';

/** What rules on single cells leave of the records for one person. */
export class Cells {
  /** Object -> member -> everything that has to hold for the member to be shown. */
  private readonly rules = new Map<string, Map<string, Condition[]>>();

  constructor(
    private readonly catalogue: Catalogue,
    { roles, cellRules }: Pick<PolicyBody, 'roles' | 'cellRules'>,
    private readonly caller: Caller,
    private readonly all: Records,
  ) {
    const held = new Set(caller.roles);
    // A set may grow while it is walked.
    for (const name of held)
      for (const parent of roles.find((role) => role.name === name)?.inherits ?? []) held.add(parent);
    for (const { role, object, field, condition } of cellRules) {
      if (!held.has(role)) continue;
      const parsed = parseCondition(catalogue, object, condition, { allowPrincipal: true });
      // What always holds is no rule.
      if (parsed.kind === 'constant' && parsed.value) continue;
      const ofObject = this.rules.get(object) ?? new Map<string, Condition[]>();
      this.rules.set(object, ofObject);
      ofObject.set(field, [...(ofObject.get(field) ?? []), parsed]);
    }
  }

  /** Whether a rule has to do with what a member answers. A relation to many is held by its other side. */
  limit(object: string, name: string): boolean {
    const member = memberOf(objectOf(this.catalogue, object), name);
    if (member?.kind === 'to-many') return this.limit(member.target, member.via);
    return this.rules.get(object)?.has(name) === true;
  }

  /** A record with null in every cell that is withheld. The rules read true values and records that nobody else sees. */
  shown(object: string, row: Row): Row {
    const rules = this.rules.get(object);
    if (!rules) return row;
    const { catalogue, caller, all } = this;
    const context = { catalogue, object, principal: caller.values, related: all.related };
    const shown: Record<string, unknown> = Object.assign(Object.create(null), row);
    for (const [member, conditions] of rules) {
      if (!conditions.every((rule) => evaluateCondition(rule, row, context) === true)) shown[member] = null;
    }
    return shown as Row;
  }
}
