import type { Pool, PoolClient } from 'pg';

/** Runs work in one transaction on one connection; it is undone when the work fails. `mode` follows BEGIN. */
export async function withinTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  mode = '',
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(`begin ${mode}`);
    const done = await work(client);
    await client.query('commit');
    client.release();
    return done;
  } catch (error) {
    // Whatever state the connection is in: ending it undoes the transaction.
    client.release(true);
    throw error;
  }
}
