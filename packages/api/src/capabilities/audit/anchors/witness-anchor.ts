import type { StatementVerifier } from '@countersign/crypto';
import { headLine, parseHeadLine, type SignedHead } from '../log/tree-head';
import { AnchorAway, AnchorRefused, type AuditAnchor } from './audit-anchor';
import { cosignedText } from './witness-server';

const TIMEOUT_MS = 5_000;

/**
 * Another party that counter-signs heads and refuses what does not continue those it saw. With `keys`, what it answers
 * counts only with a counter-signature by one of them; without, the address alone is trusted.
 */
export class WitnessAnchor implements AuditAnchor {
  readonly name: string;

  constructor(
    private readonly url: string,
    private readonly keys: StatementVerifier | null,
  ) {
    this.name = `the witness at ${url}`;
  }

  async latest(): Promise<SignedHead | null> {
    const { status, body } = await this.ask('/head');
    if (status !== 200) throw new AnchorAway(`${this.name} answers ${status}`);
    if (body.head === null) return null;
    const head = parseHeadLine(body.head);
    if (head === null) throw new AnchorAway(`${this.name} answers what is no head`);
    return head;
  }

  async add(head: SignedHead, proof: readonly Buffer[]): Promise<void> {
    const { status, body } = await this.ask('/heads', {
      head: headLine(head),
      proof: proof.map((hash) => hash.toString('hex')),
    });
    if (status === 409 || status === 403) throw new AnchorRefused(`${this.name} refuses: ${String(body.error)}`);
    if (status !== 200) throw new AnchorAway(`${this.name} answers ${status}`);
    if (this.keys === null) return;
    const { keyId, signature } = body;
    const signed = { keyId: String(keyId), signature: Buffer.from(String(signature), 'base64url') };
    if (!this.keys.verify(cosignedText(head), signed)) {
      throw new AnchorAway(`${this.name} answers without a counter-signature by its key`);
    }
  }

  private async ask(address: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    try {
      const response = await fetch(`${this.url}${address}`, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
        ...(body === undefined
          ? {}
          : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as Record<string, unknown> | null;
      return { status: response.status, body: answer ?? {} };
    } catch (error) {
      throw new AnchorAway(`${this.name} cannot be reached`, { cause: error });
    }
  }
}
