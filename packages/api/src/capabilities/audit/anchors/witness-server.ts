import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalJson, type StatementSigner, type StatementVerifier } from '@countersign/crypto';
import { headIsGenuine, headLine, headText, parseHeadLine, type SignedHead } from '../log/tree-head';
import { AnchorRefused } from './audit-anchor';
import { FileAnchor } from './file-anchor';

export interface WitnessOptions {
  readonly host: string;
  readonly port: number;
  /** Remembers every head that was accepted. */
  readonly stateFile: string;
  /** The log's public keys: heads signed by nobody else are looked at. */
  readonly logKeys: StatementVerifier;
  readonly signer: StatementSigner;
}

const MOST_BYTES = 64 * 1024;
const MOST_HASHES = 128;
const HASH = /^[0-9a-f]{64}$/;

/** What a witness signs: that it has seen this head, and that it continues every one it saw before. */
export function cosignedText(head: SignedHead): string {
  return canonicalJson({ head: headText(head), type: 'countersign-audit-witness', v: 1 });
}

/**
 * A witness over HTTP: `GET /head` gives the newest head it accepted, `POST /heads` takes `{head, proof}` and answers its
 * counter-signature. It answers 409 to a head that does not continue the newest one (a fork, or an older state), 403 to
 * one that the log's key did not sign, 503 when it cannot remember.
 */
export async function startWitness(options: WitnessOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const witness = new Witness(options);
  const server = createServer((request, response) => {
    witness.answer(request, response).catch(() => say(response, 503, { error: 'The witness cannot remember now.' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => closeServer(server) };
}

class Witness {
  private readonly state: FileAnchor;
  /** One after another: two forks that arrive together must not both be found to continue the same head. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: WitnessOptions) {
    this.state = new FileAnchor(options.stateFile);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url } = request;
    if (method === 'GET' && url === '/livez') return say(response, 200, { status: 'ok' });
    if (method === 'GET' && url === '/key') return say(response, 200, this.options.signer.jwks());
    if (method === 'GET' && url === '/head') {
      const head = await this.state.latest();
      return say(response, 200, { head: head && headLine(head) });
    }
    if (method !== 'POST' || url !== '/heads')
      return say(response, 404, { error: 'There is nothing at this address.' });
    const given = parse(await bodyOf(request));
    if (given === null) return say(response, 400, { error: 'Give {head, proof}: a signed head, and hashes.' });
    if (!headIsGenuine(this.options.logKeys, given.head)) {
      return say(response, 403, { error: 'No key that this witness knows signed this head.' });
    }
    const taken = this.turn.then(() => this.state.add(given.head, given.proof));
    this.turn = taken.catch(() => undefined);
    try {
      await taken;
    } catch (error) {
      if (!(error instanceof AnchorRefused)) throw error;
      const held = await this.state.latest();
      return say(response, 409, { error: error.message, head: held && headLine(held) });
    }
    const { keyId, signature } = this.options.signer.sign(cosignedText(given.head));
    say(response, 200, { keyId, signature: signature.toString('base64url') });
  }
}

function parse(text: string | null): { head: SignedHead; proof: Buffer[] } | null {
  try {
    const { head: line, proof } = JSON.parse(text ?? '') as { head?: unknown; proof?: unknown };
    const head = parseHeadLine(line);
    if (head === null || !Array.isArray(proof) || proof.length > MOST_HASHES) return null;
    if (!proof.every((hash) => typeof hash === 'string' && HASH.test(hash))) return null;
    return { head, proof: proof.map((hash: string) => Buffer.from(hash, 'hex')) };
  } catch {
    return null;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function say(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
