import { Counter, Gauge, Registry } from 'prom-client';
import type { FoldedTrace } from './folded-trace';
import type { LogFigures, LogKeeper } from './log/log-keeper';

type Figure = (figures: LogFigures) => number;

const GAUGES: readonly (readonly [name: string, help: string, figure: Figure])[] = [
  [
    'countersign_audit_tail_age_seconds',
    'How long the oldest entry without an anchor has waited.',
    ({ ageMs }) => ageMs / 1000,
  ],
  ['countersign_audit_queue_length', 'Entries that no checkpoint has sealed yet.', ({ queued }) => queued],
  ['countersign_audit_log_size', 'Entries in the Merkle log.', ({ size }) => size],
  ['countersign_audit_anchored_size', 'Entries that every anchor vouches for.', ({ anchored }) => anchored],
  [
    'countersign_audit_alarm',
    '1 while the log in the database is not the one that was anchored.',
    ({ alarmed }) => Number(alarmed),
  ],
  [
    'countersign_audit_closed',
    '1 while changes and reads of protected values are refused.',
    ({ closed }) => Number(closed),
  ],
];

/** The figures of a log as Prometheus reads them. They say how much there is, never what. */
export function auditMetrics(keeper: LogKeeper, folded: Pick<FoldedTrace, 'lost' | 'unwritten'>): Registry {
  const registry = new Registry();
  for (const [name, help, figure] of GAUGES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(figure(keeper.figures));
      },
    });
  }
  new Gauge({
    name: 'countersign_audit_unwritten',
    help: 'Entries about denials, looks at the log and the gateway itself that are in its memory only, outside of the tail.',
    registers: [registry],
    collect() {
      this.set(folded.unwritten);
    },
  });
  new Counter({
    name: 'countersign_audit_failures_total',
    help: 'Rounds of sealing and anchoring that failed since the start.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(keeper.figures.failures);
    },
  });
  new Counter({
    name: 'countersign_audit_lost_total',
    help: 'Denials and the like that could not be traced since the start.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(folded.lost);
    },
  });
  return registry;
}
