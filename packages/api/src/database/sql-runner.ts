/** A connection that statements run on: the transaction's, or any of a pool. */
export interface SqlRunner {
  query(sql: string, values?: unknown[]): Promise<unknown>;
}

/** What carries out a change set: TypeORM's EntityManager inside a transaction, which answers rows. */
export interface Transaction {
  query<T = unknown>(sql: string, values?: unknown[]): Promise<T>;
}

/** The rows of a SELECT. */
export function rowsOf<Row>(tx: Transaction, sql: string, values: unknown[] = []): Promise<Row[]> {
  return tx.query<Row[]>(sql, values);
}
