import { checkLiteral } from '@countersign/policy';
import type { FieldType, StoredMember } from '@countersign/schema';
import type { ImageValue } from '../database/record-image';
import type { UserErrorCode } from './change';

export type CheckedValue = { readonly value: ImageValue } | { readonly code: UserErrorCode; readonly message: string };

const DEEPEST_JSON = 32;
/** UTF-16 code units of the JSON text of one value. */
const LONGEST_JSON = 65_536;
const LONE_SURROGATE = /\p{Surrogate}/u;
const patterns = new Map<string, RegExp>();

/**
 * Checks a value that is to be stored and brings it into the one text form: the text that PostgreSQL would give back for
 * it. What passes is never refused by the column.
 */
export function checkValue(member: StoredMember, raw: unknown): CheckedValue {
  if (raw === null) {
    return member.nullable ? { value: null } : { code: 'REQUIRED', message: 'This must have a value.' };
  }
  const type: FieldType = member.kind === 'field' ? member.type : { kind: 'uuid' };
  if (type.kind === 'json') return checkJson(raw);
  const literal = checkLiteral(type, raw);
  if ('problem' in literal) return invalid(`This is not acceptable: ${literal.problem}.`);
  return checkBounds(type, literal.value);
}

function checkBounds(type: FieldType, value: string | number | boolean): CheckedValue {
  switch (type.kind) {
    case 'text': {
      const text = value as string;
      if (codePoints(text) > type.maxLength) {
        return { code: 'TOO_LONG', message: `This may have at most ${type.maxLength} characters.` };
      }
      if (type.pattern && !patternOf(type.pattern).test(text)) return invalid('This does not have the right form.');
      return { value };
    }
    case 'integer':
      if (type.min !== undefined && (value as number) < type.min) return invalid(`This must be at least ${type.min}.`);
      if (type.max !== undefined && (value as number) > type.max) return invalid(`This must be at most ${type.max}.`);
      return { value };
    case 'decimal': {
      const whole = type.precision - type.scale;
      if (/^-?(\d*)/.exec(value as string)![1]!.replace(/^0$/, '').length > whole) {
        return invalid(`This may have at most ${whole} digits before the point.`);
      }
      if (type.min !== undefined && isLess(value as string, type.min, type.scale)) {
        return invalid(`This must be at least ${type.min}.`);
      }
      return { value };
    }
    default:
      return { value };
  }
}

function invalid(message: string): CheckedValue {
  return { code: 'INVALID', message };
}

/** The length that PostgreSQL counts: code points, not UTF-16 code units. */
function codePoints(text: string): number {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
  return text.length - pairs;
}

function patternOf(source: string): RegExp {
  const known = patterns.get(source);
  if (known) return known;
  const made = new RegExp(source, 'u');
  patterns.set(source, made);
  return made;
}

/** Compares exactly: as whole numbers of the smallest unit. */
function isLess(decimal: string, min: string, scale: number): boolean {
  const negative = decimal.startsWith('-');
  if (negative !== min.startsWith('-') || min === '0') return negative;
  const scaled = (text: string) => {
    const [whole, fraction = ''] = text.split('.');
    return BigInt(`${whole}${fraction.padEnd(scale, '0')}`);
  };
  return scaled(decimal) < scaled(min);
}

function checkJson(raw: unknown): CheckedValue {
  const problem = jsonProblem(raw, 0);
  if (problem) return invalid(problem);
  if (JSON.stringify(raw).length > LONGEST_JSON) {
    return { code: 'TOO_LONG', message: `The JSON may have at most ${LONGEST_JSON} characters.` };
  }
  return { value: raw as ImageValue };
}

function jsonProblem(value: unknown, depth: number): string | null {
  if (depth > DEEPEST_JSON) return `The JSON may be nested at most ${DEEPEST_JSON} levels deep.`;
  switch (typeof value) {
    case 'string':
      // Neither has a form that PostgreSQL can hold.
      return value.includes('\0') || LONE_SURROGATE.test(value)
        ? 'The JSON holds a character that no record can hold.'
        : null;
    case 'number':
      return Number.isFinite(value) ? null : 'The JSON holds a number that is none.';
    case 'boolean':
      return null;
    case 'object': {
      if (value === null) return null;
      const inner = Array.isArray(value) ? value : [...Object.keys(value), ...Object.values(value)];
      for (const part of inner) {
        const problem = jsonProblem(part, depth + 1);
        if (problem) return problem;
      }
      return null;
    }
    default:
      return 'This is not JSON.';
  }
}
