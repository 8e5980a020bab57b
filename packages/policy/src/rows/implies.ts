import { conditionText } from './combine';
import type { Condition, RowScope } from './condition';

/**
 * True when every record that meets `narrow` meets `wide`, as far as their structure shows: repeated, dropped or added
 * parts, nested steps, shorter `in` lists. False means only "not shown". Unknown counts as not met.
 *
 * INVARIANT: sound, never complete. Publishing relies on it to let a narrowing pass without a second person.
 */
export function implies(narrow: Condition, wide: Condition): boolean {
  return prove(narrow, wide, new Map());
}

/** {@link implies} for row scopes: true when `narrow` surely admits nothing that `wide` does not. */
export function scopeImplies(narrow: RowScope, wide: RowScope): boolean {
  if (narrow.kind === 'never' || wide.kind === 'always') return true;
  return narrow.kind === 'only-where' && wide.kind === 'only-where' && implies(narrow.condition, wide.condition);
}

type Proofs = Map<Condition, Map<Condition, boolean>>;

/** Remembers pairs: without that, and/or alternating twenty levels deep would cost an exponential number of tries. */
function prove(narrow: Condition, wide: Condition, proofs: Proofs): boolean {
  const known = proofs.get(narrow)?.get(wide);
  if (known !== undefined) return known;
  const proof = tryToProve(narrow, wide, proofs);
  const row = proofs.get(narrow) ?? new Map<Condition, boolean>();
  proofs.set(narrow, row.set(wide, proof));
  return proof;
}

function tryToProve(narrow: Condition, wide: Condition, proofs: Proofs): boolean {
  if (conditionText(narrow) === conditionText(wide)) return true;
  if (narrow.kind === 'constant' && !narrow.value) return true;
  if (wide.kind === 'constant') return wide.value;
  if (narrow.kind === 'any') return narrow.of.every((part) => prove(part, wide, proofs));
  if (wide.kind === 'all') return wide.of.every((part) => prove(narrow, part, proofs));
  if (narrow.kind === 'all' && narrow.of.some((part) => prove(part, wide, proofs))) return true;
  if (wide.kind === 'any') return wide.of.some((part) => prove(narrow, part, proofs));
  if (narrow.kind === 'step' && wide.kind === 'step') {
    if (narrow.relation !== wide.relation || narrow.quantifier !== wide.quantifier) return false;
    // Fewer children meet a narrower condition, so `none` runs the other way.
    return narrow.quantifier === 'none' ? prove(wide.of, narrow.of, proofs) : prove(narrow.of, wide.of, proofs);
  }
  return isShorterList(narrow, wide);
}

function isShorterList(narrow: Condition, wide: Condition): boolean {
  if (narrow.kind !== 'compare' || wide.kind !== 'compare' || narrow.field !== wide.field) return false;
  if (wide.operator !== 'in' || wide.operand.from !== 'literal' || narrow.operand.from !== 'literal') return false;
  const allowed = new Set(wide.operand.value as readonly unknown[]);
  if (narrow.operator === 'eq') return allowed.has(narrow.operand.value);
  return narrow.operator === 'in' && (narrow.operand.value as readonly unknown[]).every((value) => allowed.has(value));
}
