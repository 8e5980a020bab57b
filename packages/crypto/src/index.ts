/**
 * SECRETS: the only place that touches key material.
 *
 * It promises that keys leave it only as handles (objects that use a key and never show it), that what it opens or
 * verifies was made by it for that very purpose and place, and that every algorithm is checked against published
 * vectors. It never reads settings or the clock, never touches the network or a database, and imports nothing of ours.
 */
export { canonicalJson, NotCanonicalJson } from './canonical/canonical-json';
export { sha256 } from './canonical/sha256';
export { type CertificateFacts, CertificateUnreadable, readCertificate } from './certificates/read-certificate';
export {
  COMMITMENT_BYTES,
  commitSlot,
  commitSlots,
  SALT_BYTES,
  type Slot,
  verifySlots,
} from './commitments/commit-slots';
export { type SelfTestResult, selfTest } from './fips/self-test';
export { type CompletedSubtree, GrowingTree } from './merkle/growing-tree';
export {
  consistencyProof,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
} from './merkle/merkle-proofs';
export { merkleLeafHash, merkleNodeHash, merkleRoot } from './merkle/merkle-tree';
export {
  type CompleteSubtree,
  completeSubtrees,
  consistencyRanges,
  foldSubtrees,
  inclusionRanges,
  type LeafRange,
} from './merkle/proof-ranges';
export {
  newTotpSecret,
  TOTP_STEP_SECONDS,
  type TotpAlgorithm,
  type TotpCheck,
  totp,
  verifyTotp,
} from './one-time-codes/totp';
export { assessPassword, type PasswordAssessment, type PasswordContext } from './passwords/assess-password';
export { generatePassword } from './passwords/generate-password';
export { dummyVerify, hashPassword, needsRehash, verifyPassword } from './passwords/hash-password';
export { HashingBusy } from './passwords/hashing-queue';
export type { MacKey } from './purpose-keys/mac-key';
export { RootSecret, rootSecretFromBytes } from './purpose-keys/root-secret';
export { RootSecretFileError, readOrCreateRootSecret, readRootSecret } from './purpose-keys/root-secret-file';
export type { TokenSealer } from './purpose-keys/token-sealer';
export type { WebhookKey } from './purpose-keys/webhook-key';
export { randomId, randomToken } from './random-ids/random-id';
export type { ValueSealer } from './sealing/seal-value';
export { SEALED_VALUE_OVERHEAD, SEALED_VALUE_VERSION, SealBroken, type SealedPlace } from './sealing/seal-value';
export { type StatementSignature, StatementSigner, StatementVerifier } from './statements/statement-keys';
export type { AccessTokenClaims, AccessTokens, IssuedAccessToken, NewAccessToken } from './tokens/access-tokens';
export type { PublicJwk } from './tokens/signing-key';
