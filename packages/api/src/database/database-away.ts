import { DatabaseUnfit } from './database-unfit';

/** A database that cannot be reached now. It may well be there in a moment: whoever serves waits for it. */
export class DatabaseAway extends DatabaseUnfit {
  constructor(code: string) {
    super(`The database cannot be reached (${code}).`);
    this.name = 'DatabaseAway';
  }
}

const AWAY =
  /^(08...|53300|57P0[1-3]|ECONN(REFUSED|RESET|ABORTED)|E(HOST|NET)(UNREACH|DOWN)|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)$/;
const AWAY_WORDS = /timeout expired|Connection terminated|timeout exceeded when trying to connect/;

/** What an error of opening a database means for whoever starts the program, in words without its password. */
export function asDatabaseProblem(error: unknown): unknown {
  if (error instanceof DatabaseUnfit) return error;
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code === 'string' && AWAY.test(code)) return new DatabaseAway(code);
  if (AWAY_WORDS.test(message)) return new DatabaseAway('it does not answer');
  if (code === '28P01' || code === '28000') return new DatabaseUnfit('The database does not let the gateway sign in.');
  if (code === '3D000') return new DatabaseUnfit('There is no such database on this server.');
  return error;
}
