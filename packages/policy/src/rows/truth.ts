/** True, false, or null for unknown. */
export type Truth = boolean | null;

/**
 * Joins truths as SQL does: `decisive` (false for "and", true for "or") wins over all, unknown wins over its opposite.
 * Parts after a decisive one are not looked at.
 */
export function foldTruths<T>(parts: readonly T[], decisive: boolean, evaluate: (part: T) => Truth): Truth {
  let result: Truth = !decisive;
  for (const part of parts) {
    const truth = evaluate(part);
    if (truth === decisive) return decisive;
    if (truth === null) result = null;
  }
  return result;
}

/** The opposite; unknown stays unknown. */
export function oppositeTruth(truth: Truth): Truth {
  return truth === null ? null : !truth;
}
