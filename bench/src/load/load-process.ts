import { performance } from 'node:perf_hooks';
import { HttpExchange, postRequest } from './http-exchange';

/** One round of load on one server. */
export interface LoadOrder {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Asked in turn, over and over. */
  readonly requests: readonly string[];
  /** The one acceptable answer to each. */
  readonly answers: readonly string[];
  readonly clients: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Length of the bodies, on average. */
  readonly bytes: number;
}

/*
 * The load comes from a process of its own, so that no server pays for it in its event loop. Every answer is compared
 * with the one that was checked beforehand: a server that errs or cuts corners under load ends the run.
 */
process.on('message', (order: LoadOrder) => {
  drive(order).then(
    (result) => process.send?.(result),
    (error: Error) => process.send?.({ error: error.stack ?? String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

async function drive(order: LoadOrder): Promise<LoadResult> {
  const questions = order.requests.map((body) => postRequest(order.port, body, order.headers));
  const answers = order.answers.map((text) => Buffer.from(text));
  const connections = await Promise.all(Array.from({ length: order.clients }, () => HttpExchange.open(order.port)));
  const latencies: number[] = [];
  let bytes = 0;
  let next = 0;
  const begun = performance.now();
  const end = begun + order.seconds * 1000;

  const client = async (connection: HttpExchange): Promise<void> => {
    for (let asked = performance.now(); asked < end; asked = performance.now()) {
      const turn = next++ % questions.length;
      const { status, body } = await connection.ask(questions[turn]!);
      latencies.push(performance.now() - asked);
      if (status !== 200 || !body.equals(answers[turn]!)) {
        throw new Error(
          `An answer under load differs from the checked one (status ${status}):\n${body.subarray(0, 2000)}`,
        );
      }
      bytes += body.length;
    }
  };
  try {
    await Promise.all(connections.map(client));
  } finally {
    for (const connection of connections) connection.close();
  }

  const elapsed = (performance.now() - begun) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
  return {
    requests: latencies.length,
    perSecond: latencies.length / elapsed,
    p50: quantile(0.5),
    p99: quantile(0.99),
    bytes: bytes / latencies.length,
  };
}
