/** A database that this program must not or cannot work with. The message says what to do about it. */
export class DatabaseUnfit extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DatabaseUnfit';
  }
}
