import type { DecisionTable } from '@countersign/policy';
import {
  type Catalogue,
  type CatalogueMember,
  type CatalogueObject,
  objectOf,
  type ToManyRelation,
} from '@countersign/schema';
import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Chance } from '../worlds/chance';
import type { World } from '../worlds/world';
import { AggregateHeads } from './aggregate-heads';
import { aggregateParts } from './aggregate-parts';
import { type ConnectionHead, ConnectionHeads } from './connection-heads';
import { type Printing, printInput, Variables } from './print-input';

export interface DocumentGround {
  readonly catalogue: Catalogue;
  /** The whole served schema: it says what types arguments have. */
  readonly schema: GraphQLSchema;
  readonly rows: World['rows'];
  /** What the person may see, so that not everything that is asked for is refused. It decides nothing. */
  readonly table: Pick<DecisionTable, 'see' | 'readable'>;
  readonly audience: 'staff' | 'portal';
}

export interface GeneratedDocument {
  readonly text: string;
  readonly variables: Record<string, unknown>;
  /** Other values for the same variables. */
  readonly again: () => Record<string, unknown>;
  /** Connections, by response key, whose cursors may be put into variables. */
  readonly slots: ConnectionHeads['slots'];
}

/** Its entries come into being while it is read. */
const MOVING = new Set(['AuditEntry']);
const MOST_SELECTIONS = 45;

/** A random document for one person: valid in most cases, over what the person sees in most places. */
export function generateDocument(chance: Chance, ground: DocumentGround): GeneratedDocument {
  return new DocumentMaker(chance, ground).make();
}

class DocumentMaker {
  private readonly variables = new Variables();
  private readonly printing: Printing;
  private readonly heads: ConnectionHeads;
  private readonly aggregates: AggregateHeads;
  private readonly fragments = new Map<string, string[]>();
  private readonly fragmentTexts: string[] = [];
  private aliases = 0;
  private left = MOST_SELECTIONS;

  constructor(
    private readonly chance: Chance,
    private readonly ground: DocumentGround,
  ) {
    this.printing = { chance, variables: this.variables, lifting: chance.pick([0, 20, 50]) };
    const likes = (member: CatalogueMember, object: string) => this.likes(member, object);
    this.heads = new ConnectionHeads(this.printing, ground, likes);
    this.aggregates = new AggregateHeads(this.printing, ground, likes);
  }

  make(): GeneratedDocument {
    const { chance } = this;
    const roots = chance.times(
      chance.weighted([
        [6, 1],
        [3, 2],
        [1, 3],
      ]),
      () => this.root(),
    );
    const body = this.mixed('Query', roots);
    const name = chance.percent(50) ? ' Read' : '';
    const text = [`query${name}${this.variables.definitions} {${body}}`, ...this.fragmentTexts].join('\n');
    return {
      text,
      variables: this.variables.values(),
      again: () => this.variables.again(chance),
      slots: this.heads.slots,
    };
  }

  private root(): string {
    const { chance, ground } = this;
    const objects = [...ground.catalogue.objects.values()].filter(({ name }) => !MOVING.has(name));
    const own = objects.filter(({ kind }) => kind !== 'system');
    const from = chance.percent(82) ? own : objects;
    const liked = from.filter(({ name }) => ground.table.readable(name));
    const object = chance.pick(liked.length > 0 && chance.percent(this.caution()) ? liked : from);
    if (chance.percent(3)) return '__typename';
    if (chance.percent(22)) {
      const head = `${this.alias(60)}${object.singular}(id: ${this.recordId(object)})`;
      return this.repeated(() => `${head}${this.directive()} ${this.record(object, 3)}`);
    }
    if (chance.percent(22)) return this.aggregate(object, ground.schema.getQueryType()!, object.plural);
    const query = ground.schema.getQueryType()!.getFields()[object.plural]!;
    const head = this.heads.make({ object, field: query, name: object.plural, owner: 'Query', factor: 1 });
    return this.repeated(() => `${head.text}${this.directive()} ${this.connection(object, head, 3)}`);
  }

  private recordId(object: CatalogueObject): string {
    const { chance, ground } = this;
    const rows = ground.rows[object.name] ?? [];
    const known = () => (rows.length > 0 ? String(chance.pick(rows).id) : chance.uuid());
    const draw = () =>
      chance.weighted<() => unknown>([
        [12, known],
        [1, () => known().toUpperCase()],
        [1, () => chance.uuid()],
        [1, () => chance.pick(['', '7', 'no id', '\u0000'])],
      ])();
    const type = ground.schema.getQueryType()!.getFields()[object.singular]!.args[0]!.type;
    return printInput({ ...this.printing, lifting: 35 }, draw(), type, draw);
  }

  /** The same selection again, with other selections below it: both are merged under one response key. */
  private repeated(one: () => string): string {
    return this.chance.percent(9) ? `${one()} ${one()}` : one();
  }

  private record(object: CatalogueObject, depth: number, factor = 1): string {
    const { chance } = this;
    const count = Math.min(chance.between(1, 5), Math.max(1, this.left));
    const parts = chance.times(count, () => this.selection(object, depth, factor));
    return `{${this.mixed(object.name, parts)}}`;
  }

  private selection(object: CatalogueObject, depth: number, factor: number): string {
    const { chance, ground } = this;
    this.left -= 1;
    if (chance.percent(5)) return `${this.alias(20)}__typename${this.directive()}`;
    if (depth > 0 && chance.percent(7)) return this.spread(object, depth, factor);
    const wide = depth > 0 && this.left > 0;
    const usable = object.members.filter(({ kind }) => wide || kind === 'field');
    const liked = usable.filter((member) => this.likes(member, object.name, 'masked'));
    const member = chance.pick(liked.length > 0 && chance.percent(this.caution()) ? liked : usable);
    if (member.kind === 'field') return `${this.alias(22)}${member.name}${this.directive()}`;
    const target = objectOf(ground.catalogue, member.target);
    if (member.kind === 'to-one') {
      const head = `${this.alias(25)}${member.name}`;
      return this.repeated(() => `${head}${this.directive()} ${this.record(target, depth - 1, factor)}`);
    }
    const type = ground.schema.getType(object.name) as GraphQLObjectType;
    if (chance.percent(25)) return this.aggregate(target, type, member.name);
    const field = type.getFields()[member.name]!;
    const head = this.heads.make({ object: target, field, name: member.name, owner: object.name, factor });
    return this.repeated(() => `${head.text}${this.directive()} ${this.connection(target, head, depth - 1)}`);
  }

  /** The aggregate beside a connection. */
  private aggregate(object: CatalogueObject, owner: GraphQLObjectType, connection: string): string {
    const name = `${connection}Aggregate`;
    const head = this.aggregates.make({ object, field: owner.getFields()[name]!, name, owner: owner.name });
    const { chance, ground } = this;
    const writing = {
      chance,
      schema: ground.schema,
      alias: (share: number) => this.alias(share),
      directive: () => this.directive(),
      mixed: (type: string, parts: readonly string[]) => this.mixed(type, parts),
      likes: (member: CatalogueMember, of: string) => this.likes(member, of),
    };
    return this.repeated(() => `${head.text}${this.directive()} ${aggregateParts(writing, object, head)}`);
  }

  private connection(object: CatalogueObject, head: ConnectionHead, depth: number): string {
    const { chance } = this;
    const record = () => this.record(object, depth, head.factor);
    const pageInfo = () => {
      const names = ['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor', '__typename'];
      return `{${chance
        .some(names, chance.between(1, 4))
        .map((name) => `${this.alias(10)}${name}${this.directive()}`)
        .join(' ')}}`;
    };
    const edge = () => {
      const parts = chance.weighted([
        [4, ['cursor', 'node']],
        [3, ['node']],
        [2, ['cursor']],
        [1, ['__typename', 'node', 'cursor']],
      ]);
      const texts = parts.map(
        (name) => `${this.alias(10)}${name}${this.directive()}${name === 'node' ? ` ${record()}` : ''}`,
      );
      return `{${this.mixed(`${object.name}Edge`, texts)}}`;
    };
    const kinds = chance.weighted([
      [9, ['nodes']],
      [4, ['edges']],
      [2, ['nodes', 'edges']],
      [1, []],
    ]);
    const extras = ['pageInfo', 'totalCount', '__typename'].filter((_, index) => chance.percent([45, 30, 6][index]!));
    const all = kinds.length + extras.length > 0 ? chance.shuffled([...kinds, ...extras]) : ['totalCount'];
    const parts = all.map((name) => {
      const inner = { nodes: record, edges: edge, pageInfo }[name];
      const key = `${this.alias(12)}${name}`;
      return inner ? this.repeated(() => `${key}${this.directive()} ${inner()}`) : `${key}${this.directive()}`;
    });
    if (head.wantsCursors) parts.push('pageInfo {startCursor endCursor}');
    return `{${this.mixed(`${object.name}Connection`, parts)}}`;
  }

  /** A named fragment, new or used before. Fragments do not contain themselves: they are complete when first used. */
  private spread(object: CatalogueObject, depth: number, factor: number): string {
    const { chance } = this;
    const known = this.fragments.get(object.name) ?? [];
    if (known.length > 0 && chance.percent(50)) return `...${chance.pick(known)}${this.directive()}`;
    const body = this.record(object, depth - 1, factor * 3);
    const name = `F${this.fragmentTexts.length}`;
    this.fragmentTexts.push(`fragment ${name} on ${object.name} ${body}`);
    this.fragments.set(object.name, [...known, name]);
    return `...${name}${this.directive()}`;
  }

  /** Selections side by side, some of them inside an inline fragment. */
  private mixed(type: string, parts: readonly string[]): string {
    const { chance } = this;
    const texts = parts.map((part) => {
      if (!chance.percent(8)) return part;
      return `...${chance.percent(60) ? ` on ${type}` : ''}${this.directive()} {${part}}`;
    });
    return texts.join(' ');
  }

  private directive(): string {
    const { chance } = this;
    if (!chance.percent(5)) return '';
    const draw = () => chance.percent(50);
    const value = chance.percent(65) ? this.variables.add('Boolean!', draw(), draw) : String(draw());
    return chance.percent(50) ? ` @include(if: ${value})` : ` @skip(if: ${value})`;
  }

  private alias(share: number): string {
    if (!this.chance.percent(share)) return '';
    this.aliases += 1;
    return `a${this.aliases}: `;
  }

  /** How often only what the person sees is asked for; a portal's document is refused as a whole for the rest. */
  private caution(): number {
    return this.ground.audience === 'portal' ? 99.7 : 91;
  }

  private likes(member: CatalogueMember, object: string, least: 'masked' | 'clear' = 'clear'): boolean {
    const { table } = this.ground;
    const see = table.see(object, member.name);
    return (
      (see === 'clear' || see === least) &&
      (member.kind === 'field' || table.readable((member as ToManyRelation).target))
    );
  }
}
