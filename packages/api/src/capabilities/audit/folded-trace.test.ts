import pino from 'pino';
import { FoldedTrace } from './folded-trace';
import type { AuditEvent } from './write-event';

const START = Date.parse('2026-03-01T10:00:10.000Z');

function world() {
  const written: AuditEvent[] = [];
  const state = { at: START, away: false };
  const folded = new FoldedTrace({
    write: async (events) => {
      if (state.away) throw new Error('away');
      written.push(...events);
    },
    log: pino({ level: 'silent' }),
    now: () => new Date(state.at),
  });
  const denial = (about: string, source = '10.0.0.1') => {
    const event: AuditEvent = { action: 'DENIED', at: new Date(state.at), code: 'FORBIDDEN', reason: about };
    return [event, { source, about: [about] }] as const;
  };
  return { written, state, folded, denial };
}

const counts = (written: readonly AuditEvent[]) => written.map(({ slots }) => slots?.count?.[1] ?? 1);

test('a denial that repeats itself is one entry, and at the end of its minute one more with the count', async () => {
  const { written, state, folded, denial } = world();
  for (let i = 0; i < 5_000; i += 1) folded.note(...denial('Invoice.taxId'));
  expect(folded.unwritten).toBe(2);
  await folded.flush();
  expect(counts(written)).toEqual([1]);
  expect(folded.unwritten).toBe(1);
  state.at += 60_000;
  await folded.flush();
  expect(counts(written)).toEqual([1, 4_999]);
  expect(folded.unwritten).toBe(0);
  folded.note(...denial('Invoice.taxId'));
  await folded.flush(true);
  expect(counts(written)).toEqual([1, 4_999, 1]);
  expect(folded.lost).toBe(0);
});

test('one source cannot write more than its quota, whatever it varies; the rest of it is counted in one entry', async () => {
  const { written, folded, denial } = world();
  for (let i = 0; i < 10_000; i += 1) folded.note(...denial(`Object${i}`));
  folded.note(...denial('other', '10.0.0.2'));
  await folded.flush(true);
  expect(written.filter(({ reason }) => reason === 'other')).toHaveLength(1);
  expect(written.length).toBe(100 + 2 + 1);
  expect(counts(written).reduce<number>((sum, count) => sum + Number(count), 0)).toBe(10_001);
});

test('beyond the quota of all sources together events are lost, and how many is told in an entry', async () => {
  const { written, state, folded, denial } = world();
  for (let i = 0; i < 3_000; i += 1) folded.note(...denial('x', `source ${i}`));
  expect(folded.lost).toBe(2_000);
  await folded.flush();
  expect(written.length).toBe(1_001);
  expect(written.filter(({ action }) => action === 'SYSTEM').map(({ slots }) => slots?.lost)).toEqual([[0, 2_000]]);
  state.at += 60_000;
  await folded.flush(true);
  expect(written.length).toBe(1_001);
});

test('while the log is away nothing is held up and nothing is forgotten', async () => {
  const { written, state, folded, denial } = world();
  state.away = true;
  for (let i = 0; i < 50; i += 1) folded.note(...denial(`Object${i}`));
  await folded.flush();
  state.at += 60_000;
  await folded.flush();
  expect(written).toEqual([]);
  state.away = false;
  await folded.flush();
  expect(written.map(({ reason }) => reason)).toEqual(Array.from({ length: 50 }, (_, i) => `Object${i}`));
});

test('an entry that has to be there first is there first, or is refused; its repetitions are counted', async () => {
  const { written, state, folded, denial } = world();
  state.away = true;
  await expect(folded.before(...denial('sign-in'))).rejects.toThrow('away');
  state.away = false;
  await Promise.all([1, 2, 3].map(() => folded.before(...denial('sign-in'))));
  expect(written).toHaveLength(1);
  await folded.flush(true);
  expect(counts(written)).toEqual([1, 2]);
});
