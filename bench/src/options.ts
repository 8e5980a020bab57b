import { parseArgs } from 'node:util';

export interface Options {
  /** Length of one round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly clients: readonly number[];
  readonly invoices: number;
  /** Compares writing with and without its trace, instead of reading. */
  readonly trace: boolean;
  /** Writes the table into docs/benchmarks.md as well. */
  readonly save: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]
  --seconds 5        length of one round
  --rounds 5         rounds of each server; they alternate, and the medians are shown
  --clients 1,16     connections that ask at the same time
  --invoices 100000  size of the data; accounts and lines follow
  --trace            compare changes with and without their trace, instead of reading
  --save             put the table into docs/benchmarks.md`;

/** Reads the options. Throws with a line for the user. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '5' },
      clients: { type: 'string', default: '1,16' },
      invoices: { type: 'string', default: '100000' },
      trace: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
    },
  });
  const number = (name: string, text: string, least: number): number => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < least) throw new Error(`--${name} takes a number of at least ${least}.`);
    return value;
  };
  return {
    seconds: number('seconds', values.seconds, 0.2),
    rounds: Math.floor(number('rounds', values.rounds, 1)),
    clients: values.clients.split(',').map((text) => Math.floor(number('clients', text, 1))),
    // The large query takes 20 accounts with 10 invoices each, out of three regions of four.
    invoices: Math.floor(number('invoices', values.invoices, 2000)),
    trace: values.trace,
    save: values.save,
  };
}
