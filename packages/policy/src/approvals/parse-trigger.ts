import { type Catalogue, type CatalogueMember, type CatalogueObject, memberOf, objectOf } from '@countersign/schema';
import { ConditionInvalid } from '../rows/build-condition';
import { checkLiteral } from '../rows/check-literal';
import type { Condition } from '../rows/condition';
import { parseCondition } from '../rows/parse-condition';
import { BOUND_OPERATORS, MEASURES, type Trigger, TriggerInvalid, type TriggerTerm } from './trigger';
import { triggerReach } from './trigger-reach';

/** A level is an object in another, a part a key of a trigger or an element of one of its lists. */
export const TRIGGER_LIMITS = { depth: 10, parts: 100 } as const;

/** More would help nobody, and a hostile trigger must not produce a hostile message. */
const MOST_PROBLEMS = 20;
const BOUND = /^\d{1,20}(\.\d{1,12})?$/;
const NOTHING: TriggerTerm = { kind: 'any', of: [] };
const WORDS = ['and', 'or', 'not', 'before', 'after', 'changed', ...MEASURES, 'crosses'];

/**
 * Reads the JSON form of a trigger on one object. Several keys of one object must all hold; `{}` always holds.
 * Conditions on `before` and `after` know no `$principal.` values, since a rule must not depend on who asks, and step
 * only to one record: children change by themselves and are no part of the change.
 *
 * Throws {@link TriggerInvalid} with the problems found, at most 20.
 */
export function parseTrigger(catalogue: Catalogue, objectName: string, json: unknown): Trigger {
  const object = objectOf(catalogue, objectName);
  const walk = new TriggerWalk(catalogue, object);
  const term = walk.term(json, '', 1);
  if (walk.problems.length > 0) throw new TriggerInvalid(walk.problems.slice(0, MOST_PROBLEMS));
  return { object: objectName, term, ...triggerReach(catalogue, object, term) };
}

/** Whatever is refused stands as something that never holds in the walk's result, which is thrown away then. */
class TriggerWalk {
  readonly problems: string[] = [];
  private parts = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly object: CatalogueObject,
  ) {}

  term(json: unknown, path: string, depth: number): TriggerTerm {
    if (depth > TRIGGER_LIMITS.depth) return this.refuse(path, `a trigger has at most ${TRIGGER_LIMITS.depth} levels`);
    const terms = this.entries(json, path).map(([word, value]) => {
      const at = path === '' ? word : `${path}.${word}`;
      return this.word(word, value, at, depth);
    });
    return allOf(terms);
  }

  private word(word: string, value: unknown, at: string, depth: number): TriggerTerm {
    if (word === 'and') return allOf(this.list(value, at, depth));
    if (word === 'or') return { kind: 'any', of: this.list(value, at, depth) };
    if (word === 'not') return { kind: 'not', of: this.term(value, at, depth + 1) };
    if (word === 'before' || word === 'after') return this.image(word, value, at);
    if (word === 'changed') return this.changed(value, at);
    if (word === 'crosses') return this.crosses(value, at);
    const measure = MEASURES.find((candidate) => candidate === word);
    if (!measure) return this.refuse(at, `a trigger knows ${WORDS.join(', ')}`);
    return this.fields(value, at, ({ name: field }, bounds, path) =>
      this.some(bounds, path).map(([key, raw]) => {
        const operator = BOUND_OPERATORS.find((candidate) => candidate === key);
        if (!operator) return this.refuse(`${path}.${key}`, `a bound is one of ${BOUND_OPERATORS.join(', ')}`);
        const bound = Number.isSafeInteger(raw) ? String(raw) : raw;
        if (typeof bound !== 'string' || !BOUND.test(bound)) {
          return this.refuse(`${path}.${key}`, 'expected a decimal that is not negative, written as a string');
        }
        return { kind: 'moves', measure, field, operator, bound };
      }),
    );
  }

  private list(value: unknown, path: string, depth: number): TriggerTerm[] {
    if (!Array.isArray(value) || value.length === 0) {
      return [this.refuse(path, 'expected a list of triggers that is not empty')];
    }
    if (!this.count(value.length, path)) return [];
    return value.map((json, index) => this.term(json, `${path}[${index}]`, depth + 1));
  }

  private image(image: 'before' | 'after', json: unknown, path: string): TriggerTerm {
    try {
      // Read as an admin's condition, so that a value of the principal is refused and not taken for a text.
      const condition = parseCondition(this.catalogue, this.object.name, json, { allowPrincipal: true });
      for (const problem of unfitParts(condition)) this.refuse(path, problem);
      return { kind: 'image', image, condition };
    } catch (error) {
      if (!(error instanceof ConditionInvalid)) throw error;
      for (const problem of error.problems) this.refuse(path, problem);
      return NOTHING;
    }
  }

  private changed(value: unknown, path: string): TriggerTerm {
    if (!Array.isArray(value) || value.length === 0) {
      return this.refuse(path, 'expected a list of names that is not empty');
    }
    if (!this.count(value.length, path)) return NOTHING;
    const members = value.map((name: unknown, index) => {
      const member = typeof name === 'string' ? memberOf(this.object, name) : undefined;
      const at = `${path}[${index}]`;
      if (!member) this.refuse(at, `${this.object.name} has no ${String(name).slice(0, 80)}`);
      if (member?.kind === 'to-many') this.refuse(at, 'a relation to many is no part of the record');
      return String(name);
    });
    return { kind: 'changed', members: [...new Set(members)].sort() };
  }

  private crosses(value: unknown, path: string): TriggerTerm {
    return this.fields(value, path, ({ name: field, type }, raw, at) => {
      const checked = checkLiteral(type, raw);
      if ('problem' in checked) return [this.refuse(at, checked.problem)];
      return [{ kind: 'crosses', field, threshold: String(checked.value) }];
    });
  }

  /** One or more terms for each key, which must name a numeric field. */
  private fields(
    json: unknown,
    path: string,
    read: (field: CatalogueMember & { kind: 'field' }, value: unknown, path: string) => TriggerTerm[],
  ): TriggerTerm {
    const terms = this.some(json, path).flatMap(([name, value]) => {
      const member = memberOf(this.object, name);
      const at = `${path}.${name}`;
      if (!member) return [this.refuse(at, `${this.object.name} has no ${name.slice(0, 80)}`)];
      if (member.kind !== 'field' || (member.type.kind !== 'decimal' && member.type.kind !== 'integer')) {
        return [this.refuse(at, 'only a number can be measured')];
      }
      return read(member, value, at);
    });
    return allOf(terms);
  }

  /** Entries of an object that must not be empty: what compares nothing would hold for everything. */
  private some(json: unknown, path: string): [string, unknown][] {
    const entries = this.entries(json, path);
    if (entries.length === 0) this.refuse(path, 'nothing is compared');
    return entries;
  }

  private entries(json: unknown, path: string): [string, unknown][] {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      this.refuse(path, 'expected an object');
      return [];
    }
    const present = Object.entries(json).filter(([, value]) => value !== undefined);
    return this.count(present.length, path) ? present : [];
  }

  private count(parts: number, path: string): boolean {
    this.parts += parts;
    if (this.parts <= TRIGGER_LIMITS.parts) return true;
    this.refuse(path, `a trigger has at most ${TRIGGER_LIMITS.parts} parts`);
    return false;
  }

  private refuse(path: string, problem: string): TriggerTerm {
    this.problems.push(path === '' ? problem : `${path}: ${problem}`);
    return NOTHING;
  }
}

function allOf(terms: readonly TriggerTerm[]): TriggerTerm {
  return terms.length === 1 ? terms[0]! : { kind: 'all', of: terms };
}

function unfitParts(condition: Condition): string[] {
  switch (condition.kind) {
    case 'constant':
      return [];
    case 'all':
    case 'any':
      return condition.of.flatMap(unfitParts);
    case 'not':
      return unfitParts(condition.of);
    case 'compare':
    case 'isNull':
      if (condition.operand.from === 'literal') return [];
      return [`${condition.field}: a trigger must not depend on who asks, so it knows no values of the principal`];
    case 'step': {
      const inner = unfitParts(condition.of).map((problem) => `${condition.relation}.${problem}`);
      if (condition.quantifier === 'one') return inner;
      return [`${condition.relation}: a trigger steps to one record only; children change by themselves`, ...inner];
    }
  }
}
