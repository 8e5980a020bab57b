import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RightsClass } from '@countersign/policy';
import type { CellAnswer, TableCell } from '../../../snapshot/table-cell';
import type { OraclePolicy, OracleQuestion, OracleReply } from './oracle-messages';

/** How the thread is started. Handed in, as tests run from sources that Node alone cannot load. */
export type StartOracle = () => Worker;

/** Starts the oracle beside this file, whichever form the program runs in. It gets to see no setting and no secret. */
export function startOracle(): Worker {
  return new Worker(path.join(__dirname, `oracle-worker${path.extname(__filename)}`), { env: {} });
}

/** The slowest policy that may be published has its answer in a small part of this. */
const LONGEST_ANSWER_MS = 60_000;

/**
 * Asks the oracle in its thread, one question at a time. The thread is started with the first question and anew after it
 * has ended, for whichever reason; nothing of the gateway waits for it.
 */
export class OracleThread {
  private worker: Worker | null = null;
  private holds: string | null = null;
  private closed = false;

  constructor(private readonly start: StartOracle = startOracle) {}

  /**
   * The answers under a policy, which is loaded only when the thread does not have it. Throws when there is none: the
   * thread ended, took too long, or cannot use the policy.
   */
  async ask(
    policy: { readonly key: string; readonly load: () => Promise<OraclePolicy> },
    rights: RightsClass,
    cells: readonly TableCell[],
  ): Promise<readonly CellAnswer[]> {
    const held = this.worker && this.holds === policy.key;
    const sent = held ? null : await policy.load();
    if (this.closed) throw new Error('the oracle is closed');
    const worker = this.worker ?? this.begin();
    this.holds = null;
    const reply = await this.exchange(worker, { policy: sent, rights, cells });
    if ('failure' in reply) throw new Error(`the oracle failed: ${reply.failure}`);
    if (worker === this.worker) this.holds = policy.key;
    return reply.answers;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private begin(): Worker {
    const worker = this.start();
    const forget = () => {
      if (this.worker !== worker) return;
      this.worker = null;
      this.holds = null;
    };
    // Without a listener an error in the thread would end the process.
    worker.on('error', forget);
    worker.on('exit', forget);
    worker.unref();
    this.worker = worker;
    return worker;
  }

  private exchange(worker: Worker, question: OracleQuestion): Promise<OracleReply> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        worker.off('message', replied).off('error', failed).off('exit', ended);
        act();
      };
      const replied = (reply: OracleReply) => settle(() => resolve(reply));
      const failed = (error: unknown) => settle(() => reject(error));
      const ended = (code: number) => settle(() => reject(new Error(`the oracle's thread ended with ${code}`)));
      const timer = setTimeout(() => {
        void worker.terminate();
        settle(() => reject(new Error('the oracle took too long')));
      }, LONGEST_ANSWER_MS).unref();
      worker.on('message', replied).on('error', failed).on('exit', ended);
      worker.postMessage(question);
    });
  }
}
