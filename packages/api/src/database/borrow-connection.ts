import type { Pool, PoolClient } from 'pg';

const unheard = (): void => undefined;

/**
 * Takes a connection out of the pool, to be given back with `release(true)` when its transaction is not over. The pool
 * listens to connections only while they are idle: one that breaks between two statements of ours would end the process.
 * The statement after it fails, so nothing goes unnoticed.
 */
export async function borrowConnection(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  client.on('error', unheard);
  const release = client.release.bind(client);
  client.release = (destroy) => {
    client.off('error', unheard);
    // What is thrown away may still break, and nobody listens any more.
    if (destroy) client.on('error', unheard);
    release(destroy);
  };
  return client;
}

/** Runs work in one transaction on one connection; it is undone when the work fails. `mode` follows BEGIN. */
export async function withinTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  mode = '',
): Promise<T> {
  const client = await borrowConnection(pool);
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
