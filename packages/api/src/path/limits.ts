/** The limits that a request meets, in the order in which it meets them. Settings give the numbers. */
export interface Limits {
  readonly bodyBytes: number;
  readonly jsonDepth: number;
  readonly documentTokens: number;
  readonly selectionDepth: number;
  readonly selections: number;
  readonly aliases: number;
  /** Records on one page of a connection. */
  readonly page: number;
  /** Records on a page whose size was not said. */
  readonly defaultPage: number;
  /** Values that one operation may ask for, by its page sizes. */
  readonly cost: number;
  /** Statements of one request that run at a time. */
  readonly concurrentRootFields: number;
  /** Values in one list of a filter. */
  readonly listValues: number;
  /** Changes in one change set that came as a mutation. */
  readonly changes: number;
  /** Streams of events that are open at a time, of everybody together and of one user. */
  readonly streams: number;
  readonly streamsOfOne: number;
}
