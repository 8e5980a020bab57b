import { createTestDatabase, type TestDatabase } from '../test/harness';
import { createPool } from './database/connection';
import { createDataSource } from './database/data-source';
import { createLog } from './log';
import { Fault } from './path/faults';

describe('Our own log', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const CANARY = 'canary-4111111111111111';
  const logged = (error: unknown, key = 'err'): string => {
    let text = '';
    createLog('info', { write: (line: string) => (text += line) } as never).error({ [key]: error }, 'it failed');
    return text;
  };

  test.each([
    ['a value that does not fit its type', 'select $1::uuid', [CANARY]],
    [
      'a value that breaks a constraint',
      `insert into role (id, version, created_at, updated_at, name) values (gen_random_uuid(), 1, now(), now(), $1)`,
      [`${CANARY} !`],
    ],
    ['a value in a statement that does not parse', `select nothing from nowhere where x = $1`, [CANARY]],
  ])('names the code of a database error and never the value: %s', async (_name, text, values) => {
    const options = { url: database.ownerUrl, applicationName: 'test', onError: () => undefined };
    const pool = createPool(options);
    const source = await createDataSource(options).initialize();
    const fromPg = await pool.query(text, values).catch((error: unknown) => error);
    const fromTypeOrm = await source.query(text, values).catch((error: unknown) => error);
    await Promise.all([pool.end(), source.destroy()]);
    for (const error of [fromPg, fromTypeOrm, new Fault('INTERNAL', { inside: fromTypeOrm })]) {
      const line = logged(error);
      expect(line).not.toContain(CANARY);
      expect(line).toMatch(/"code":"(22P02|23514|42P01)"/);
      // Under another name it must not come out with all that it carries.
      expect(logged(error, 'error')).not.toContain(CANARY);
    }
  });

  test('keeps message and calls of an error of our own', () => {
    expect(JSON.parse(logged(new Error('out of paper')))).toMatchObject({
      err: { message: 'out of paper', stack: expect.stringContaining('at ') },
    });
  });
});
