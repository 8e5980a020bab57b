/**
 * Brackets what the gateway has to finish in the answer: cursors to seal. `to_json` always escapes U+0001, so it cannot
 * come from data.
 */
export const MARK = '\u0001';

/**
 * Behind a mark: a record starts here, `#3` for one of the third counted object, `#3:<id>` when it shows protected
 * values. So records are counted for the operation's event, and protected ones named in the trace, without being parsed.
 */
export const COUNT = '#';
