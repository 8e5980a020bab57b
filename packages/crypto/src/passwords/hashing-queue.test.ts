import { HashingBusy, HashingQueue } from './hashing-queue';

test('never more than the set number runs at a time, in order of arrival, and every place is given back', async () => {
  const queue = new HashingQueue(2, 10);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const work = (n: number) => async () => {
    started.push(n);
    running += 1;
    most = Math.max(most, running);
    await new Promise((done) => setTimeout(done, 2));
    running -= 1;
    return n;
  };
  for (let round = 0; round < 3; round++) {
    started.length = 0;
    const results = await Promise.all(Array.from({ length: 12 }, (_, n) => queue.run(work(n))));
    expect(results).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(started).toEqual(results);
  }
  expect(most).toBe(2);
});

test('work that fails gives its place back and keeps its own error', async () => {
  const queue = new HashingQueue(1, 1);
  const fails = () => queue.run(() => Promise.reject(new Error('of its own')));
  const [first, second] = await Promise.allSettled([fails(), fails()]);
  expect([first, second].map((result) => (result as PromiseRejectedResult).reason.message)).toEqual([
    'of its own',
    'of its own',
  ]);
  await expect(queue.run(async () => 'fine')).resolves.toBe('fine');
});

test('with the queue full, the next one is refused and nothing of its work is done', async () => {
  const queue = new HashingQueue(1, 0);
  let release = () => {};
  const held = queue.run(() => new Promise<void>((done) => (release = done)));
  const work = jest.fn(async () => {});
  await expect(queue.run(work)).rejects.toBeInstanceOf(HashingBusy);
  expect(work).not.toHaveBeenCalled();
  release();
  await held;
  await expect(queue.run(work)).resolves.toBeUndefined();
});

test('work that never ends gives its place back after a time, and says that the queue is busy', async () => {
  const queue = new HashingQueue(1, 1, 50);
  const lost = queue.run(() => new Promise<never>(() => undefined));
  const next = queue.run(async () => 'done');
  await expect(lost).rejects.toThrow(HashingBusy);
  expect(await next).toBe('done');
});
