import { Counter, Gauge, type Registry } from 'prom-client';
import type { Outbox, OutboxFigures } from './outbox';

const GAUGES: readonly (readonly [name: string, help: string, figure: (figures: OutboxFigures) => number])[] = [
  ['countersign_notifications_waiting', 'Notifications that are not told yet.', ({ waiting }) => waiting],
  ['countersign_notifications_dead', 'Notifications that were given up.', ({ dead }) => dead],
];

/** Adds the figures of the outbox to a registry, and gives it. */
export function notificationMetrics<Into extends Registry>(registry: Into, outbox: Pick<Outbox, 'figures'>): Into {
  for (const [name, help, figure] of GAUGES) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(figure(outbox.figures));
      },
    });
  }
  for (const [kind, help] of [
    ['delivered', 'Messages that were taken since the start, by channel.'],
    ['failed', 'Attempts that failed since the start, by channel.'],
  ] as const) {
    new Counter({
      name: `countersign_notifications_${kind}_total`,
      help,
      labelNames: ['channel'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [channel, count] of Object.entries(outbox.figures[kind])) this.inc({ channel }, count);
      },
    });
  }
  new Counter({
    name: 'countersign_notifications_withheld_total',
    help: 'Messages that were not sent since the start, as their receiver may not know.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(outbox.figures.withheld);
    },
  });
  return registry;
}
