import { HttpExchange, postRequest } from './load/http-exchange';

export interface Asked {
  readonly name: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly string[];
}

/**
 * Asks every server its requests and gives the answers, by server. Throws unless all carry the same values under the
 * same keys in the same order, and no errors; white space may differ, and what only some are asked for is not compared.
 */
export async function sameAnswers(servers: readonly Asked[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const answers = new Map<string, string[]>();
  for (const { name, port, headers, requests } of servers) {
    const connection = await HttpExchange.open(port);
    try {
      const texts: string[] = [];
      for (const body of requests) {
        const answer = await connection.ask(postRequest(port, body, headers));
        const text = answer.body.toString();
        if (answer.status !== 200) throw new Error(`${name} answers ${answer.status}: ${text.slice(0, 2000)}`);
        texts.push(text);
      }
      answers.set(name, texts);
    } finally {
      connection.close();
    }
  }
  const [first, ...others] = [...answers];
  first![1].forEach((text, i) => {
    const wanted = values(first![0], text);
    for (const [name, texts] of others) {
      const found = values(name, texts[i]!);
      if (found !== wanted) throw new Error(`${first![0]} and ${name} differ ${firstDifference(wanted, found)}`);
    }
  });
  return answers;
}

/** How many values an answer holds. */
export function countLeaves(text: string): number {
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.values(value).reduce((sum: number, inner) => sum + count(inner), 0)
      : 1;
  return count((JSON.parse(text) as { data: unknown }).data);
}

/** Page information, and what the caller under rules sees masked. */
const ASKED_OF_SOME = new Set(['pageInfo', 'taxId']);

/** The values, keys and their order, without white space. */
function values(name: string, text: string): string {
  const answer = JSON.parse(text) as { data?: unknown; errors?: unknown };
  const [root] = Object.values(answer.data ?? {});
  if (answer.errors !== undefined || root === undefined || root === null) {
    throw new Error(`${name} answers without the data: ${text.slice(0, 2000)}`);
  }
  return JSON.stringify(answer.data, (key, value) => (ASKED_OF_SOME.has(key) ? undefined : value));
}

function firstDifference(one: string, other: string): string {
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  return `at character ${at}:\n  …${around(one)}…\n  …${around(other)}…`;
}
