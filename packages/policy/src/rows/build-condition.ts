import {
  type Catalogue,
  type CatalogueMember,
  type CatalogueObject,
  type FieldType,
  memberOf,
  objectOf,
  operatorsFor,
} from '@countersign/schema';
import { ALWAYS_FALSE, all, any, not } from './combine';
import type { CompareOperator, Condition, Operand } from './condition';

/** How large a condition may be. A node is a key, or an element of `and` or `or`; a level is an object in another. */
export interface ConditionLimits {
  readonly depth: number;
  readonly nodes: number;
  readonly listLength: number;
}
export const CONDITION_LIMITS: ConditionLimits = { depth: 20, nodes: 200, listLength: 1000 };

/** A condition that does not fit the catalogue. Each problem begins with its path: `account.segment.in[2]: …`. */
export class ConditionInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The condition is invalid:\n- ${problems.join('\n- ')}`);
    this.name = 'ConditionInvalid';
  }
}

/**
 * Turns what stands at one operator into what is compared. With `list` it returns one operand that stands for the whole
 * list, or one operand per element. It refuses by throwing {@link ConditionInvalid}; all problems are collected.
 */
export type ConditionLeaf = (
  type: FieldType,
  raw: unknown,
  path: string,
  list: boolean,
) => Operand | readonly Operand[];

/** Keys of a condition that are not member names: a member of such a name cannot be filtered by. */
export const CONDITION_WORDS: readonly string[] = ['and', 'or', 'not', 'isNull'];

/** More would help nobody, and a hostile condition must not produce a hostile message. */
const MOST_PROBLEMS = 20;
const BOOLEAN: FieldType = { kind: 'boolean' };

/**
 * Walks the nested-object form of a condition, which GraphQL `where` inputs and stored JSON share, and checks its
 * structure against the catalogue. What stands at an operator is the business of `leaf` alone, but null is refused.
 * Several keys of one object must all hold; `{}` holds for every record, `or: []` for none. An undefined key is absent.
 *
 * Throws {@link ConditionInvalid} with the problems found, at most 20.
 */
export function buildCondition(
  catalogue: Catalogue,
  objectName: string,
  tree: unknown,
  leaf: ConditionLeaf,
  limits: ConditionLimits = CONDITION_LIMITS,
): Condition {
  const walk = new ConditionWalk(catalogue, leaf, limits);
  const condition = walk.object(objectOf(catalogue, objectName), tree, '', 1);
  if (walk.problems.length > 0) throw new ConditionInvalid(walk.problems);
  return condition;
}

/** Whatever is refused stands as `false` in the walk's result, which is thrown away then. */
class ConditionWalk {
  readonly problems: string[] = [];
  private nodes = 0;
  /** A condition that is too large, or wrong in too many places, is not looked at any further. */
  private stopped = false;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly leaf: ConditionLeaf,
    private readonly limits: ConditionLimits,
  ) {}

  object(object: CatalogueObject, tree: unknown, path: string, depth: number): Condition {
    const parts = this.entries(tree, path, depth).map(([key, value]) => {
      const at = path === '' ? key : `${path}.${key}`;
      if (key === 'and') return all(this.list(object, value, at, depth));
      if (key === 'or') return any(this.list(object, value, at, depth));
      if (key === 'not') return not(this.object(object, value, at, depth + 1));
      return this.member(object, key, value, at, depth);
    });
    return all(parts);
  }

  private list(object: CatalogueObject, value: unknown, path: string, depth: number): Condition[] {
    if (!Array.isArray(value)) return [this.refuse(path, 'expected a list of conditions')];
    if (!this.count(value.length, path)) return [];
    return value.map((tree, i) => this.object(object, tree, `${path}[${i}]`, depth + 1));
  }

  private member(object: CatalogueObject, name: string, value: unknown, path: string, depth: number): Condition {
    const member = memberOf(object, name);
    if (member?.kind === 'field') return this.field(member.name, member.type, value, path, depth);
    if (member?.kind === 'to-one') return this.parent(member, value, path, depth);
    if (member?.kind === 'to-many') return this.children(member, value, path, depth);
    if (name === 'isNull') return this.refuse(path, 'isNull stands directly under a field or a relation');
    return this.refuse(path, `${object.name} has no ${name}`);
  }

  private field(name: string, type: FieldType, value: unknown, path: string, depth: number): Condition {
    const entries = this.entries(value, path, depth);
    // Not "anything goes": a filter whose variable was left out must not widen what it filters.
    if (entries.length === 0 && isTree(value))
      return this.refuse(path, 'nothing is compared; leave the field out, or give it an operator');
    const parts = entries.map(([operator, raw]) => {
      const at = `${path}.${operator}`;
      const known = operatorsFor(type).find((candidate) => candidate === operator);
      if (!known) return this.refuse(at, `a field of type ${type.kind} knows ${operatorsFor(type).join(', ')}`);
      return known === 'isNull' ? this.isNull(name, raw, at) : this.compare(name, type, known, raw, at);
    });
    return all(parts);
  }

  private parent(
    relation: CatalogueMember & { kind: 'to-one' },
    value: unknown,
    path: string,
    depth: number,
  ): Condition {
    const target = objectOf(this.catalogue, relation.target);
    const step = (tree: unknown): Condition => {
      return {
        kind: 'step',
        relation: relation.name,
        quantifier: 'one',
        of: this.object(target, tree, path, depth + 1),
      };
    };
    if (!isTree(value) || value.isNull === undefined) return step(value);
    const { isNull, ...rest } = value;
    const nullness = this.count(1, path) ? this.isNull(relation.name, isNull, `${path}.isNull`) : ALWAYS_FALSE;
    return Object.keys(rest).length === 0 ? nullness : all([nullness, step(rest)]);
  }

  private children(
    relation: CatalogueMember & { kind: 'to-many' },
    value: unknown,
    path: string,
    depth: number,
  ): Condition {
    const target = objectOf(this.catalogue, relation.target);
    const entries = this.entries(value, path, depth);
    if (entries.length === 0 && isTree(value)) return this.refuse(path, 'a relation to many takes some or none');
    const parts = entries.map(([key, tree]): Condition => {
      const at = `${path}.${key}`;
      if (key !== 'some' && key !== 'none') return this.refuse(at, 'a relation to many knows some and none');
      return { kind: 'step', relation: relation.name, quantifier: key, of: this.object(target, tree, at, depth + 1) };
    });
    return all(parts);
  }

  private isNull(field: string, raw: unknown, path: string): Condition {
    const operand = this.ask(BOOLEAN, raw, path, false);
    if (!operand || isList(operand)) return ALWAYS_FALSE;
    return { kind: 'isNull', field, operand };
  }

  private compare(field: string, type: FieldType, operator: CompareOperator, raw: unknown, path: string): Condition {
    const by = (used: CompareOperator, operand: Operand): Condition => ({
      kind: 'compare',
      field,
      operator: used,
      operand,
    });
    const operand = this.ask(type, raw, path, operator === 'in');
    if (!operand) return ALWAYS_FALSE;
    if (!isList(operand)) return by(operator, operand);
    // `x in (a, b)` is `x = a or x = b`, unknowns included: so a value that is bound later may stand in a list.
    const literals = operand.flatMap((one) => (one.from === 'literal' ? [one.value] : []));
    const bound = operand.filter((one) => one.from !== 'literal').map((one) => by('eq', one));
    if (literals.length === 0 && bound.length > 0) return any(bound);
    return any([by('in', { from: 'literal', value: literals }), ...bound]);
  }

  /** What the leaf makes of a raw value; undefined when it is refused. */
  private ask(type: FieldType, raw: unknown, path: string, list: boolean): Operand | readonly Operand[] | undefined {
    if (raw === null) {
      this.refuse(path, 'null cannot be compared with; use isNull');
      return undefined;
    }
    if (list && Array.isArray(raw) && raw.length > this.limits.listLength) {
      this.refuse(path, `a list holds at most ${this.limits.listLength} values`);
      return undefined;
    }
    try {
      return this.leaf(type, raw, path, list);
    } catch (error) {
      if (!(error instanceof ConditionInvalid)) throw error;
      for (const problem of error.problems) this.note(problem);
      return undefined;
    }
  }

  /** The present keys of a JSON object; none when there is no object, or when it lies too deep. */
  private entries(tree: unknown, path: string, depth: number): [string, unknown][] {
    if (this.stopped) return [];
    if (depth > this.limits.depth) {
      this.refuse(path, `a condition has at most ${this.limits.depth} levels`);
      this.stopped = true;
      return [];
    }
    if (!isTree(tree)) {
      this.refuse(path, tree === null ? 'null is not a condition; use isNull' : 'expected an object');
      return [];
    }
    const present = Object.entries(tree).filter(([, value]) => value !== undefined);
    return this.count(present.length, path) ? present : [];
  }

  private count(nodes: number, path: string): boolean {
    this.nodes += nodes;
    if (this.stopped) return false;
    if (this.nodes <= this.limits.nodes) return true;
    this.refuse(path, `a condition has at most ${this.limits.nodes} parts`);
    this.stopped = true;
    return false;
  }

  private refuse(path: string, problem: string): Condition {
    this.note(path === '' ? problem : `${path}: ${problem}`);
    return ALWAYS_FALSE;
  }

  private note(problem: string): void {
    if (this.stopped) return;
    this.problems.push(problem);
    this.stopped = this.problems.length >= MOST_PROBLEMS;
  }
}

function isList(operand: Operand | readonly Operand[]): operand is readonly Operand[] {
  return Array.isArray(operand);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
