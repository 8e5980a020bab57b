import type { Answer } from '../../harness/test-gateway';
import type { Case } from './both';

/** What of the language a question uses, and what of the policy its answer shows. */
const SHAPES: Readonly<Record<string, (asked: Case, answer: Answer) => boolean>> = {
  'fine with records': (_, { body, text }) => !body.errors && /"[^"]+":\[\{/.test(text),
  'fine without records': (_, { body, text }) => !body.errors && !/"[^"]+":\[\{/.test(text),
  'named fragment': ({ document }) => document.includes('\nfragment '),
  'inline fragment': ({ document }) => /\.\.\. ?(on|\{|@)/.test(document),
  'skip or include': ({ document }) => /@(skip|include)/.test(document),
  variable: ({ variables }) => Object.keys(variables).length > 0,
  filter: ({ document }) => document.includes('where: '),
  sort: ({ document }) => document.includes('orderBy: '),
  'page from a cursor': ({ variables }) => Object.values(variables).some((value) => /^[\w-]{40,}$/.test(String(value))),
  'page backward': ({ document }) => document.includes('last: '),
  'one by id': ({ document }) => /\(id: /.test(document),
  'to-many in to-many': ({ document }) => /s\(.*nodes \{.*Of[A-Z]/.test(document),
  aggregate: ({ document }) => /\w+Aggregate[({ ]/.test(document),
  'aggregate with groups': (_, { text }) => /"groups":\[\{/.test(text) || /"key":\{/.test(text),
  'under a cell rule': (_, { body }) => body.extensions?.withheld !== undefined,
  'null for one by id': (_, { body }) => Object.values(body.data ?? {}).includes(null) && !body.errors,
};

/** Counts what a run of questions reached, so that a generator that has gone blind is noticed. */
export class Tally {
  private readonly counts = new Map<string, number>();
  cases = 0;
  differences = 0;

  add(asked: Case, answer: Answer): void {
    this.cases += 1;
    for (const [name, holds] of Object.entries(SHAPES)) if (holds(asked, answer)) this.count(name);
    const refused = answer.body.data === undefined ? ' (not run)' : '';
    const codes = (answer.body.errors ?? []).map(({ extensions }) => `${extensions.code}${refused}`);
    for (const code of new Set(codes)) this.count(code);
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Names and counts, most first. */
  get text(): string {
    const entries = [...this.counts].sort(([, a], [, b]) => b - a);
    return entries.map(([name, count]) => `${name} ${count}`).join(', ');
  }

  private count(name: string): void {
    this.counts.set(name, this.of(name) + 1);
  }
}
