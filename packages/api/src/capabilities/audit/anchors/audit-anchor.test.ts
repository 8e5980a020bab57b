import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { consistencyProof, merkleRoot, rootSecretFromBytes, StatementVerifier, sha256 } from '@countersign/crypto';
import { type SignedHead, signHead } from '../log/tree-head';
import { AnchorAway, AnchorRefused, type AuditAnchor } from './audit-anchor';
import { FileAnchor, headsIn } from './file-anchor';
import { WitnessAnchor } from './witness-anchor';
import { startWitness } from './witness-server';

const root = rootSecretFromBytes(Buffer.alloc(32, 1));
const signer = root.statements('audit-heads');
const witnessSigner = rootSecretFromBytes(Buffer.alloc(32, 2)).statements('audit-witness');
const leaves = Array.from({ length: 40 }, (_, n) => sha256(`leaf ${n}`));
const forked = leaves.map((leaf, n) => (n === 3 ? sha256('another') : leaf));

function head(size: number, over = leaves, log = 'one'): SignedHead {
  const at = new Date(1_700_000_000_000 + size);
  return signHead(signer, { log, size, root: merkleRoot(over.slice(0, size)), at });
}
const proof = (from: number, to: number, over = leaves) => consistencyProof(over.slice(0, to), from);

interface Place {
  open(): AuditAnchor;
  /** What it remembers by. */
  readonly file: string;
  /** Takes it away; gives what brings it back. */
  away(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

function folder(): string {
  return mkdtempSync(path.join(tmpdir(), 'countersign-anchor-'));
}

async function filePlace(): Promise<Place> {
  const made = folder();
  let file = path.join(made, 'heads.ndjson');
  return {
    file,
    open: () => new FileAnchor(file),
    away: async () => {
      const before = file;
      writeFileSync(path.join(made, 'not-a-folder'), '');
      file = path.join(made, 'not-a-folder', 'heads.ndjson');
      return async () => {
        file = before;
      };
    },
    close: async () => rmSync(made, { recursive: true }),
  };
}

async function witnessPlace(): Promise<Place> {
  const made = folder();
  const file = path.join(made, 'witness.ndjson');
  const start = (port: number) =>
    startWitness({
      host: '127.0.0.1',
      port,
      stateFile: file,
      logKeys: StatementVerifier.fromPem(signer.pem()),
      signer: witnessSigner,
    });
  let witness = await start(0);
  const { url } = witness;
  return {
    file,
    open: () => new WitnessAnchor(url, StatementVerifier.fromPem(witnessSigner.pem())),
    away: async () => {
      await witness.close();
      return async () => {
        witness = await start(Number(new URL(url).port));
      };
    },
    close: async () => {
      await witness.close();
      rmSync(made, { recursive: true });
    },
  };
}

describe.each([
  ['a file', filePlace],
  ['a witness over HTTP', witnessPlace],
])('An anchor: %s', (_name, makePlace) => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => place.close());

  test('holds nothing at first, then the newest head that was given to it', async () => {
    const anchor = place.open();
    expect(await anchor.latest()).toBeNull();
    const first = head(3);
    await anchor.add(first, []);
    expect(await anchor.latest()).toEqual(first);
    const next = head(17);
    await anchor.add(next, proof(3, 17));
    expect(await anchor.latest()).toEqual(next);
  });

  test('remembers when it is opened again', async () => {
    await place.open().add(head(5), []);
    expect((await place.open().latest())?.size).toBe(5);
    await expect(place.open().add(head(4), [])).rejects.toThrow(AnchorRefused);
  });

  test('takes the same head twice, and keeps it once', async () => {
    const anchor = place.open();
    const given = head(5);
    await anchor.add(given, []);
    await anchor.add(given, []);
    await anchor.add(head(5), []);
    expect(headsIn(readFileSync(place.file, 'utf8'))).toHaveLength(1);
  });

  test('refuses a fork: another root, of the same size or a larger one, with whatever proof', async () => {
    const anchor = place.open();
    await anchor.add(head(10), []);
    await expect(anchor.add(head(10, forked), [])).rejects.toThrow(AnchorRefused);
    for (const given of [proof(10, 20), proof(10, 20, forked), [], [sha256('x')]]) {
      await expect(anchor.add(head(20, forked), given)).rejects.toThrow(AnchorRefused);
    }
    expect((await anchor.latest())?.size).toBe(10);
  });

  test('refuses an older state, a true head without its proof, and another log', async () => {
    const anchor = place.open();
    await anchor.add(head(10), []);
    await expect(anchor.add(head(9), [])).rejects.toThrow(AnchorRefused);
    await expect(anchor.add(head(20), [])).rejects.toThrow(AnchorRefused);
    await expect(anchor.add(head(20), proof(9, 20))).rejects.toThrow(AnchorRefused);
    await expect(anchor.add(head(20, leaves, 'two'), proof(10, 20))).rejects.toThrow(AnchorRefused);
    await anchor.add(head(20), proof(10, 20));
  });

  test('after an outage it goes on from where it was, over everything that was missed', async () => {
    await place.open().add(head(2), []);
    const back = await place.away();
    for (const size of [5, 9]) {
      await expect(place.open().add(head(size), proof(2, size))).rejects.toThrow(AnchorAway);
    }
    await back();
    const anchor = place.open();
    expect((await anchor.latest())?.size).toBe(2);
    await anchor.add(head(33), proof(2, 33));
    expect((await anchor.latest())?.size).toBe(33);
  });

  test('a line that a crash has cut short is no head, and does not swallow the next one', async () => {
    await place.open().add(head(2), []);
    appendFileSync(place.file, '{"type":"head","log":"one","si');
    expect((await place.open().latest())?.size).toBe(2);
    await place.open().add(head(7), proof(2, 7));
    expect((await place.open().latest())?.size).toBe(7);
    expect(headsIn(readFileSync(place.file, 'utf8')).map(({ size }) => size)).toEqual([2, 7]);
  });
});

describe('A witness over HTTP', () => {
  let place: Place;
  beforeEach(async () => {
    place = await witnessPlace();
  });
  afterEach(() => place.close());
  const url = () => (place.open() as unknown as { url: string }).url;

  test('looks at no head that the key of the log did not sign', async () => {
    const other = rootSecretFromBytes(Buffer.alloc(32, 9)).statements('audit-heads');
    const stranger = signHead(other, head(3));
    await expect(place.open().add(stranger, [])).rejects.toThrow(AnchorRefused);
    expect(await place.open().latest()).toBeNull();
  });

  test('its counter-signature is checked: another key in its place does not count', async () => {
    const wrong = new WitnessAnchor(url(), StatementVerifier.fromPem(signer.pem()));
    await expect(wrong.add(head(3), [])).rejects.toThrow(AnchorAway);
  });

  test.each([
    ['no JSON', '{'],
    ['no head', '{"proof":[]}'],
    ['a proof that is no list', `{"head":${JSON.stringify({})},"proof":1}`],
    ['more than it reads', 'x'.repeat(100_000)],
  ])('answers 400 to %s', async (_what, body) => {
    const response = await fetch(`${url()}/heads`, { method: 'POST', body });
    expect(response.status).toBe(400);
  });

  test('of two forks that arrive together it takes one', async () => {
    await place.open().add(head(2), []);
    const both = await Promise.allSettled([
      place.open().add(head(20), proof(2, 20)),
      place.open().add(head(20, forked), proof(2, 20, forked)),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('publishes its key', async () => {
    expect(await (await fetch(`${url()}/key`)).json()).toEqual(witnessSigner.jwks());
    expect((await fetch(`${url()}/elsewhere`)).status).toBe(404);
  });
});
