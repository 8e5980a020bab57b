import type { ImportProblems } from './import-problem';
import type { ResolvedDraft } from './resolve-references';

/**
 * Puts what is referred to before what refers to it, and records of one object side by side, because neighbours share
 * their statements. Notes records that refer to themselves in a circle.
 */
export function orderDrafts(resolved: readonly ResolvedDraft[], problems: ImportProblems): ResolvedDraft[] {
  const byDraft = new Map(resolved.map((entry) => [entry.draft, entry]));
  const depths = new Map<ResolvedDraft, number>();
  const onTheWay = new Set<ResolvedDraft>();

  const depthOf = (entry: ResolvedDraft): number => {
    const known = depths.get(entry);
    if (known !== undefined) return known;
    if (onTheWay.has(entry)) {
      const { file, line, object } = entry.draft;
      problems.add({
        file,
        line,
        column: null,
        reason: `the ${object.name} refers to itself, through others or directly`,
      });
      return 0;
    }
    onTheWay.add(entry);
    let depth = 0;
    for (const target of Object.values(entry.within)) depth = Math.max(depth, depthOf(byDraft.get(target)!) + 1);
    onTheWay.delete(entry);
    depths.set(entry, depth);
    return depth;
  };

  const groups = new Map<string, { depth: number; entries: ResolvedDraft[] }>();
  for (const entry of resolved) {
    const depth = depthOf(entry);
    const key = `${depth} ${entry.draft.object.name}`;
    const group = groups.get(key) ?? { depth, entries: [] };
    group.entries.push(entry);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => a.depth - b.depth).flatMap(({ entries }) => entries);
}
