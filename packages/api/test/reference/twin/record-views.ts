import { type CatalogueMember, type CatalogueObject, objectOf, type ToManyRelation } from '@countersign/schema';
import type { GraphQLResolveInfo } from 'graphql';
import { aggregateOf, type JudgedAggregate } from './aggregates';
import type { Row } from './load-rows';
import { maskText } from './mask-text';
import { keysOf } from './order-rows';
import { type JudgedConnection, pageOf } from './pages';
import type { Standing } from './standing';

type View = Record<string, unknown>;

/**
 * Records as graphql-js's default resolvers take them: a property for each member, answered under policy when it is
 * looked at. One maker serves one request.
 */
export class RecordViews {
  private readonly shapes = new Map<string, object>();
  private readonly rows = new WeakMap<object, Row>();

  constructor(
    private readonly standing: Standing,
    private readonly connections: ReadonlyMap<string, JudgedConnection>,
    private readonly aggregates: ReadonlyMap<string, JudgedAggregate>,
  ) {}

  record(object: string, row: Row | null): View | null {
    if (!row) return null;
    const view = Object.create(this.shapeOf(object)) as View;
    this.rows.set(view, row);
    return view;
  }

  /** The connection at a place of the answer, over records that the caller sees. */
  connection(info: GraphQLResolveInfo, candidates: readonly Row[]): View {
    const judged = this.connections.get(placeOf(info).join('.'));
    if (!judged) throw new Error(`nobody judged the connection at ${placeOf(info)}`);
    const { object, order } = judged.ask;
    const page = pageOf(judged, this.standing, candidates);
    const cursor = (row: Row | undefined) => (row ? judged.cursors.seal(keysOf(row, order)) : null);
    const { hasNextPage, hasPreviousPage, totalCount } = page;
    return {
      totalCount,
      nodes: () => page.rows.map((row) => this.record(object, row)),
      edges: () => page.rows.map((row) => ({ cursor: () => cursor(row), node: () => this.record(object, row) })),
      pageInfo: {
        hasNextPage,
        hasPreviousPage,
        startCursor: () => cursor(page.rows[0]),
        endCursor: () => cursor(page.rows.at(-1)),
      },
    };
  }

  /** The aggregate at a place of the answer, over records that the caller sees. */
  aggregate(info: GraphQLResolveInfo, candidates: readonly Row[]): View {
    const judged = this.aggregates.get(placeOf(info).join('.'));
    if (!judged) throw new Error(`nobody judged the aggregate at ${placeOf(info)}`);
    return aggregateOf(judged, this.standing, candidates);
  }

  private shapeOf(name: string): object {
    const known = this.shapes.get(name);
    if (known) return known;
    const object = objectOf(this.standing.visible.catalogue, name);
    const shape = Object.create(null) as object;
    const { rows } = this;
    const define = (property: string, answer: (row: Row) => unknown) => {
      Object.defineProperty(shape, property, {
        get(this: object) {
          return answer(rows.get(this)!);
        },
      });
    };
    for (const member of object.members) {
      define(member.name, (row) => this.answer(object, member, row));
      if (member.kind === 'to-many') define(`${member.name}Aggregate`, (row) => this.figures(object, member, row));
    }
    this.shapes.set(name, shape);
    return shape;
  }

  private answer(object: CatalogueObject, member: CatalogueMember, row: Row): unknown {
    const { oracle, visible } = this.standing;
    const level = oracle.see(object.name, member.name);
    if (level === 'none') return null;
    if (member.kind === 'field') {
      const value = row[member.name] ?? null;
      if (level === 'clear' || value === null) return value;
      return member.mask ? maskText(member.mask, String(value)) : null;
    }
    if (!oracle.readable(member.target)) return null;
    if (member.kind === 'to-one') return this.record(member.target, visible.one(member.target, row[member.name]));
    const children = visible.pointingAt(member.target, member.via, row.id);
    return (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => this.connection(info, children);
  }

  private figures({ name }: CatalogueObject, { name: relation, target, via }: ToManyRelation, row: Row): unknown {
    const { oracle, visible } = this.standing;
    if (oracle.see(name, relation) !== 'clear' || !oracle.readable(target)) return null;
    const children = visible.pointingAt(target, via, row.id);
    return (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => this.aggregate(info, children);
  }
}

/** Response keys down to a field, without positions in lists. */
export function placeOf(info: GraphQLResolveInfo): string[] {
  const keys: string[] = [];
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at; at = at.prev) {
    if (typeof at.key === 'string') keys.unshift(at.key);
  }
  return keys;
}
