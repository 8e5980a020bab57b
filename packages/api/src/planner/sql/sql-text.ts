/** Builds one SQL text expression out of fixed text and expressions, joining neighbouring fixed texts. */
export class SqlText {
  private readonly pieces: { readonly fixed: boolean; text: string }[] = [];

  fixed(text: string): this {
    const last = this.pieces.at(-1);
    if (last?.fixed) last.text += text;
    else this.pieces.push({ fixed: true, text });
    return this;
  }

  expression(sql: string): this {
    this.pieces.push({ fixed: false, text: sql });
    return this;
  }

  append(other: SqlText): this {
    for (const piece of other.pieces) {
      if (piece.fixed) this.fixed(piece.text);
      else this.expression(piece.text);
    }
    return this;
  }

  toString(): string {
    if (this.pieces.length === 0) return "''";
    return this.pieces.map((piece) => (piece.fixed ? sqlLiteral(piece.text) : piece.text)).join('||');
  }
}

/**
 * A text literal for texts of our own: names of the catalogue and response keys, which GraphQL limits to letters,
 * digits and underscores. Values never come here; they are parameters.
 */
export function sqlLiteral(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}
