/** Why a root field is refused, or a selection null; `or` holds further reasons of which any one may be named. */
export interface Reason {
  readonly code: string;
  readonly coordinate?: string;
}

/** A root field that is not answered at all. */
export class Refused extends Error {
  readonly reasons: readonly Reason[];

  constructor(...reasons: readonly (Reason | string)[]) {
    super('refused');
    this.reasons = reasons.map((reason) => (typeof reason === 'string' ? { code: reason } : reason));
  }
}

/** A selection that is null because policy says so: one error, however many records there are. */
export interface Withheld extends Reason {
  /** Response keys down to the selection. */
  readonly selection: readonly string[];
  /** The same up to the first list. */
  readonly path: readonly string[];
}

/** What `extensions.withheld` says of one selection: that a rule on single cells has to do with its answer. */
export interface Notice {
  readonly coordinate: string;
  readonly use: 'SELECT' | 'FILTER' | 'SORT' | 'GROUP' | 'AGGREGATE' | 'HAVING';
  readonly selection: readonly string[];
  readonly path: readonly string[];
}
