import type { TokenSealer } from '@countersign/crypto';
import type { DecisionAction, DecisionReason } from './decision-action';
import { FACES, type FaultCode } from './faults';

/** Enough to explain a decision later: under which policy, about whom, on what, and how it ended. */
export interface DecisionRecord {
  readonly policyVersion: number | null;
  readonly peopleEpoch: number | null;
  /** User or client; null for a request that came from nobody known. */
  readonly caller: string | null;
  /** `Invoice` or `Invoice.taxId`. */
  readonly coordinate: string | null;
  readonly action: DecisionAction | null;
  readonly because: DecisionReason | null;
  readonly code: FaultCode | 'OK';
}

/** Decision ids are all of one length, so that a length tells nothing. Names of the catalogue fit in. */
const TEXT_LENGTH = 288;
const CONTEXT = 'decision';

/** The decision id of a decision: a sealed token, so that nothing has to be stored for it to be explained. */
export function sealDecision(decisions: TokenSealer, about: DecisionRecord): string {
  const { policyVersion, peopleEpoch, caller, coordinate, action, because, code } = about;
  const text = JSON.stringify([policyVersion, peopleEpoch, caller, coordinate, action, because, code]);
  return decisions.seal(text.padEnd(TEXT_LENGTH), CONTEXT);
}

/** What a decision id was sealed with; null for anything that this gateway did not seal as one. */
export function openDecision(decisions: TokenSealer, decisionId: string): DecisionRecord | null {
  const text = decisions.open(decisionId, CONTEXT);
  const parts: unknown = text === null ? null : parsed(text);
  // Ids of an earlier form, with fewer parts, are as good as none.
  if (!Array.isArray(parts) || parts.length !== 7) return null;
  const [policyVersion, peopleEpoch, caller, coordinate, action, because, code] = parts;
  if (code !== 'OK' && !Object.hasOwn(FACES, String(code))) return null;
  return { policyVersion, peopleEpoch, caller, coordinate, action, because, code };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
