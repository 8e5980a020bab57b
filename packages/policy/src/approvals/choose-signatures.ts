import { assignSigners, type Demand, mayServe, type Signer } from './match-signatures';

/**
 * Choices to try where signatures use up the same people. The gateway refuses such a signature when it is given, so
 * there is one choice; should there be many, the best found so far stands, and that never counts anybody twice.
 */
const MOST_CHOICES = 500;

export interface Chosen {
  readonly signers: readonly Signer[];
  /** For each demand, how many signers it has. */
  readonly got: readonly number[];
}

/**
 * The signers that count: no two of them use up the same person, and the demands, in their order, get as many as any
 * choice could give them. Whatever order the signers come in, the answer is the same.
 */
export function chooseSigners(demands: readonly Demand[], signers: readonly Signer[]): Chosen {
  const useful = distinctSigners(signers).filter((signer) =>
    demands.some(({ requirement }) => mayServe(signer, requirement)),
  );
  let best: Chosen | null = null;
  let tried = 0;
  for (const choice of choices(useful)) {
    const chosen = { signers: choice, got: assignSigners(demands, choice) };
    if (best === null || serves(chosen, best)) best = chosen;
    tried += 1;
    if (tried >= MOST_CHOICES) break;
  }
  return best!;
}

/** Every way to leave out signers until no two share a person; those with more signers come first. */
function* choices(signers: readonly Signer[]): Generator<readonly Signer[]> {
  const at = signers.findIndex((signer, index) =>
    signers.some((other, position) => position !== index && clash(signer, other)),
  );
  if (at < 0) {
    yield signers;
    return;
  }
  const contested = signers[at]!;
  yield* choices(signers.filter((other) => other === contested || !clash(contested, other)));
  yield* choices(signers.filter((other) => other !== contested));
}

function clash(a: Signer, b: Signer): boolean {
  return a.people.some((person) => b.people.includes(person));
}

function serves(a: Chosen, b: Chosen): boolean {
  const at = a.got.findIndex((count, index) => count !== b.got[index]);
  return at >= 0 && a.got[at]! > b.got[at]!;
}

function distinctSigners(signers: readonly Signer[]): Signer[] {
  const byText = new Map(
    signers.map((signer) => [JSON.stringify([signer.level, signer.standsFor, signer.people]), signer]),
  );
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, signer]) => signer);
}
