import { builtinCatalogue } from '@countersign/schema';
import type { Answer, TestGateway } from './test-gateway';

/** An answer without what differs by chance; ids keep their length, so that a length that tells something shows. */
export function blank(text: string): string {
  return text.replace(
    /"(requestId|decisionId)":"([^"]*)"/g,
    (_all, name, id: string) => `"${name}":"${'#'.repeat(id.length)}"`,
  );
}

/** The codes of an answer's errors. */
export function codes({ body }: Answer): string[] {
  return (body.errors ?? []).map(({ extensions }) => extensions.code);
}

/** Words of the inside: of PostgreSQL, of the machine, of the program's own parts. */
const INSIDE = [
  /sqlstate|constraint|violates|duplicate key|deadlock|out of range|encoding "UTF8"|stack depth|data type of/i,
  /\b(relation|column|function|schema|role|user) "/i,
  /permission denied|syntax error at|at or near|canceling statement|prepared statement|connection (terminated|refused)/i,
  /authority_head|policy_version|people_epoch|user_credential|sign_in_attempt|audit_|pg_|postgres|countersign\./i,
  /node_modules|\.ts\b|\.js\b|\n\s+at |ECONN|RangeError|TypeError|call stack|Cannot read|is not a function|undefined/,
  /casbin|apollo-server|type-graphql|typeorm|argon2|jose\b/i,
];

/** Names of tables that nobody would write for the thing itself. */
const TABLES = [...builtinCatalogue().objects.values()].map(({ table }) => table).filter((name) => name.includes('_'));

/** What of the inside a text gives away. */
export function insideOf(text: string): string[] {
  return [
    ...INSIDE.filter((words) => words.test(text)).map(String),
    ...TABLES.filter((table) => new RegExp(`\\b${table}\\b`).test(text)),
  ];
}

/** Remembers every error text that a gateway answers through its test harness, for one look at all of them. */
export class ErrorWatch {
  private readonly seen = new Set<string>();
  private readonly withoutIds = new Set<string>();

  constructor(gateway: TestGateway) {
    const post = gateway.post.bind(gateway);
    gateway.post = async (...args) => {
      const answer = await post(...args);
      this.look(answer);
      return answer;
    };
  }

  look({ body, status, text }: Answer): void {
    for (const { message, extensions } of body.errors ?? []) {
      const { requestId, decisionId, ...told } = extensions;
      this.seen.add(`${message} ${JSON.stringify(told)}`);
      if (requestId?.length !== 36 || !decisionId) this.withoutIds.add(text.slice(0, 300));
    }
    if (status >= 400 && !body.errors) this.seen.add(text);
  }

  /** Every text that was seen with something of the inside in it, and every error without its two ids. */
  problems(): string[] {
    const telling = [...this.seen].flatMap((text) => {
      const found = insideOf(text);
      return found.length > 0 ? [`${found.join(' ')} in ${text}`] : [];
    });
    return [...telling, ...this.withoutIds];
  }

  get size(): number {
    return this.seen.size;
  }
}
