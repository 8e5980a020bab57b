import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Round } from './rounds';

export interface CaseResult {
  readonly title: string;
  readonly clients: number;
  readonly leaves: number;
  readonly rounds: ReadonlyMap<string, readonly Round[]>;
}

/** One Markdown table a case. Ratios compare rounds that ran next to each other; everything shown is a median. */
export function tableOf({ title, clients, leaves, rounds }: CaseResult, baselines: readonly string[]): string {
  const heads = [
    '',
    'requests/s',
    ...baselines.map((name) => `÷ ${name}`),
    'p50 ms',
    'p99 ms',
    'bytes',
    'Node CPU ms',
    'PostgreSQL CPU ms',
  ];
  const rows = [...rounds].map(([name, own]) => {
    const typical = (of: (round: Round) => number) => median(own.map(of));
    const ratios = baselines.map((baseline) => {
      const theirs = rounds.get(baseline)!;
      return figure(median(own.map(({ perSecond }, i) => perSecond / theirs[i]!.perSecond)));
    });
    const database = own.every((round) => round.databaseCpu !== null)
      ? figure(typical((round) => round.databaseCpu!))
      : '–';
    return [
      name,
      figure(typical((round) => round.perSecond)),
      ...ratios,
      figure(typical((round) => round.p50)),
      figure(typical((round) => round.p99)),
      String(Math.round(typical((round) => round.bytes))),
      figure(typical((round) => round.serverCpu)),
      database,
    ];
  });
  const caption = `**${title}; ${leaves} values; ${clients} ${clients === 1 ? 'client' : 'clients'}**`;
  return `${caption}\n\n${alignedTable([heads, ...rows])}`;
}

/** A Markdown table as the formatter of this repository writes it: names to the left, figures to the right. */
export function alignedTable([heads, ...rows]: readonly (readonly string[])[]): string {
  const widths = heads!.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(heads!), line(rule), ...rows.map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three digits, more only before the point. */
export function figure(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return value.toFixed(value >= 10 ? 1 : 2);
}

const PAGE = path.join(__dirname, '..', '..', 'docs', 'benchmarks.md');

/** Puts the figures of a run into docs/benchmarks.md, in the place of those of the last one of its kind. */
export function saveResults(text: string, kind = 'last run'): void {
  const [begin, end] = [`<!-- ${kind} -->`, `<!-- end of ${kind} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for the figures.`);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`);
}
