import { writeMoment } from '../../src/records/write-moment';

const NOW = new Date('2026-03-01T10:00:00.000Z');
const locked = (...instants: string[]) => new Map(instants.map((updatedAt, i) => [String(i), { updatedAt }]));

test.each([
  ['nothing to be later than', locked(), '2026-03-01T10:00:00.000Z'],
  ['records changed before', locked('2026-03-01T09:59:59.999Z'), '2026-03-01T10:00:00.000Z'],
  ['a record changed in the same millisecond', locked('2026-03-01T10:00:00.000Z'), '2026-03-01T10:00:00.001Z'],
  [
    'the latest of several, by a clock ahead',
    locked('2026-03-01T10:00:05.000Z', '2026-03-01T10:00:07.000Z'),
    '2026-03-01T10:00:07.001Z',
  ],
  ['a clock that must be wrong', locked('2031-03-01T10:00:00.000Z'), '2026-03-01T10:00:00.000Z'],
])('a change counts as made after %s', (_name, images, expected) => {
  expect(writeMoment(NOW, images).toISOString()).toBe(expected);
});
