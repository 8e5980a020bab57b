import { requestBody } from './queries';
import type { Question } from './questions';
import type { Contestant, Entry } from './rounds';
import { sameAnswers } from './same-answers';

/** Asks every contestant the question once and takes in those whose answers are right. Throws when one differs. */
export async function enter(contestants: readonly Contestant[], { query, variables }: Question): Promise<Entry[]> {
  const asked = await Promise.all(
    contestants
      .map((contestant) => ({ ...contestant, document: documentFor(contestant, query) }))
      .filter(({ document }) => document !== undefined)
      .map(async ({ document = '', ...contestant }) => {
        const requests = variables.map((values) => requestBody(query.name, document, values));
        return { ...contestant, requests, port: contestant.process.port, sent: await contestant.headers() };
      }),
  );
  const answers = await sameAnswers(asked.map(({ sent, ...one }) => ({ ...one, headers: sent })));
  return asked.map((one) => ({ ...one, answers: answers.get(one.name)! }));
}

function documentFor({ asks }: Contestant, query: Question['query']): string | undefined {
  return asks ? query.variants[asks] : query.document;
}
