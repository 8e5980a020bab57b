import { Counter, Gauge, type Registry } from 'prom-client';
import type { ContinuousCheck } from './continuous-check';

/** Adds the figures of the continuous check to a registry, and gives it. */
export function withCheckMetrics<Into extends Registry>(registry: Into, check: ContinuousCheck): Into {
  const counters: readonly (readonly [name: string, help: string, figure: () => number])[] = [
    ['countersign_check_comparisons_total', 'Answers compared with Casbin since the start.', () => check.comparisons],
    ['countersign_check_alarms_total', 'Times that they differed since the start.', () => check.alarms],
  ];
  for (const [name, help, figure] of counters) {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(figure());
      },
    });
  }
  new Gauge({
    name: 'countersign_check_held_objects',
    help: 'Objects that are lowered or closed now.',
    registers: [registry],
    collect() {
      this.set(check.heldObjects);
    },
  });
  return registry;
}
