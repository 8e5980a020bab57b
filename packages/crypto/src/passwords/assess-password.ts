import { normalisePassword } from './normalise-password';

export interface PasswordContext {
  /** Words that a guesser would try first: name, e-mail address, the product, the organisation. */
  readonly contextWords: readonly string[];
  /** True when the password is never enough alone; it may then be shorter. */
  readonly secondFactor: boolean;
}

/** Reasons are sentences fit to be shown to the person. */
export type PasswordAssessment = { readonly ok: true } | { readonly ok: false; readonly reasons: string[] };

const MIN_ALONE = 15;
const MIN_WITH_SECOND_FACTOR = 8;
const MAX = 256;
/** What must be left of a password once context words are taken out. */
const MIN_BESIDE_CONTEXT = 8;

/**
 * Guesses, as a power of ten, that a password must withstand. Alone it has to hold against a stolen table of slow
 * hashes; beside a second factor, against rate-limited guessing.
 */
const GUESSES_ALONE = 10;
const GUESSES_WITH_SECOND_FACTOR = 8;

/**
 * How much of a password the estimator sees, and how many l33t spellings it tries. Its time grows faster than the
 * input: 252 characters made for the purpose held a CPU for six seconds, 64 with these limits for 60 milliseconds.
 */
const ESTIMATED_LENGTH = 64;
const L33T_SUBSTITUTIONS = 16;

/**
 * Judges a new password by NIST SP 800-63B §3.1.1.2: length in code points (15, or 8 beside a second factor; at most
 * 256), commonness and closeness to context words, and no rules of composition. Only the first 64 characters are
 * weighed for guessability, so what follows a guessable beginning of that length does not save it.
 */
export function assessPassword(password: string, { contextWords, secondFactor }: PasswordContext): PasswordAssessment {
  const text = normalisePassword(password);
  const length = [...text].length;
  const minimum = secondFactor ? MIN_WITH_SECOND_FACTOR : MIN_ALONE;
  // A long one is refused before anything looks at it more closely.
  if (length > MAX) return refused(`Use at most ${MAX} characters.`);
  if (/\p{Surrogate}/u.test(text)) return refused('The password holds a character that is not valid text.');

  const reasons: string[] = [];
  if (length < minimum) reasons.push(`Use at least ${minimum} characters.`);
  const words = wordsOf(contextWords);
  const lower = text.toLowerCase();
  const beside = words.reduce((rest, word) => rest.replaceAll(word, ''), lower);
  if (beside !== lower && [...beside].length < MIN_BESIDE_CONTEXT) {
    reasons.push('The password is mostly made of your name, your address or the name of this service.');
  }
  const { isCommon, guessesLog10 } = estimate(text, words);
  if (isCommon) reasons.push('This password is on lists of common passwords.');
  else if (guessesLog10 < (secondFactor ? GUESSES_WITH_SECOND_FACTOR : GUESSES_ALONE)) {
    reasons.push('This password is too easy to guess: it follows common words, dates, repeats or keyboard patterns.');
  }
  return reasons.length === 0 ? { ok: true } : { ok: false, reasons };
}

function refused(reason: string): PasswordAssessment {
  return { ok: false, reasons: [reason] };
}

/** The words and their parts: `anna.berg@example.com` also warns of `anna`, `berg` and `example`; longest first. */
function wordsOf(contextWords: readonly string[]): string[] {
  const words = contextWords.flatMap((entry) => {
    const text = normalisePassword(entry).toLowerCase();
    return [text, ...text.split(/[^\p{L}\p{N}]+/u)];
  });
  return [...new Set(words)].filter((word) => word.length >= 3).sort((a, b) => b.length - a.length);
}

type Estimator = (text: string, words: string[]) => { isCommon: boolean; guessesLog10: number };
let estimator: Estimator | undefined;

function estimate(text: string, words: string[]) {
  // Loading the lists takes 0.1 s and some megabytes: a program that judges no password does not pay.
  estimator ??= loadEstimator();
  return estimator(text, words);
}

function loadEstimator(): Estimator {
  const { zxcvbn, zxcvbnOptions } = require('@zxcvbn-ts/core') as typeof import('@zxcvbn-ts/core');
  const lists = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common');
  const common = new Set(lists.dictionary.passwords);
  zxcvbnOptions.setOptions({
    dictionary: lists.dictionary,
    graphs: lists.adjacencyGraphs,
    l33tMaxSubstitutions: L33T_SUBSTITUTIONS,
    maxLength: ESTIMATED_LENGTH,
  });
  return (text, words) => ({
    isCommon: common.has(text.toLowerCase()),
    guessesLog10: zxcvbn(text.slice(0, ESTIMATED_LENGTH), words).guessesLog10,
  });
}
