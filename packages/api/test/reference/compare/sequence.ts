import { harvestCursors } from '../documents/harvest-cursors';
import type { Both, Case, Outcome } from './both';

/** One request of a sequence: who asks, with which variables. The person is named by their place in the world. */
export interface Ask {
  readonly person: number;
  /** A text like `cursor:0:3` stands for the fourth cursor in the first answer of the sequence. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Requests of one document, one after the other: what one leaves in caches, the next may find there. */
export interface Sequence {
  readonly document: string;
  readonly asks: readonly Ask[];
}

/** Runs a sequence; the first outcome that differs, or null. */
export async function firstDifference(both: Both, { document, asks }: Sequence): Promise<Outcome | null> {
  const answers: string[] = [];
  for (const { person, variables } of asks) {
    const outcome = await both.ask({ person, document, variables: withCursors(variables, answers) });
    if (outcome.difference !== null) return outcome;
    answers.push(outcome.gateway.text);
  }
  return null;
}

/** The requests that were made of one document, with the names of cursors in the place of the cursors themselves. */
export function sequenceOf(cases: readonly Case[], answers: readonly string[]): Sequence {
  const names = new Map(
    answers.flatMap((text, answer) => harvestCursors(text, null).map((cursor, n) => [cursor, `cursor:${answer}:${n}`])),
  );
  const named = (value: unknown) => (typeof value === 'string' ? (names.get(value) ?? value) : value);
  return {
    document: cases[0]!.document,
    asks: cases.map(({ person, variables }) => ({ person, variables: mapped(variables, named) })),
  };
}

function withCursors(variables: Ask['variables'], answers: readonly string[]): Ask['variables'] {
  return mapped(variables, (value) => {
    const parts = typeof value === 'string' ? /^cursor:(\d+):(\d+)$/.exec(value) : null;
    if (!parts) return value;
    const cursor = harvestCursors(answers[Number(parts[1])] ?? '{}', null)[Number(parts[2])];
    return cursor ?? value;
  });
}

function mapped(variables: Ask['variables'], change: (value: unknown) => unknown): Ask['variables'] {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, change(value)]));
}
