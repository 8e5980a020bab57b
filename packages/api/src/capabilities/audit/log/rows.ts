import type { QueryResult, QueryResultRow } from 'pg';

/** Where rows come from: a pool, or one connection in a transaction of its own. */
export interface Rows {
  query<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<Pick<QueryResult<Row>, 'rows'>>;
}
