import type { ConnectionPlan, SortKey } from '../read-plan';
import type { SourceTree } from '../source';
import type { ParamSource } from './statement-params';

/** What a connection's cursors are bound to, besides the caller. */
export interface CursorBinding {
  readonly object: string;
  readonly via: string | null;
  readonly orderBy: readonly SortKey[];
  readonly where: SourceTree | undefined;
  readonly page: ConnectionPlan['page'];
}

/** One statement for one root field. No row back means that the head has moved on. */
export interface ReadStatement {
  readonly text: string;
  readonly params: readonly ParamSource[];
  /** Values of the request that are judged as if they were bound, but that the statement does not need. */
  readonly judged: readonly ParamSource[];
  readonly connections: readonly CursorBinding[];
  /** Objects whose records the answer counts, by the number behind the count mark. */
  readonly counted: readonly string[];
}
