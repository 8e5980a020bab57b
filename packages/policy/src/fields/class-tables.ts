import type { Catalogue } from '@countersign/schema';
import { type CellEnforcer, createCellEnforcer, createFullEnforcer, type PolicyGround } from '../casbin/cell-enforcer';
import type { RoleGraph } from '../casbin/role-graph';
import { type AnswerVector, bothAllow, fillAnswers } from './answer-vector';
import type { DecisionTable, FieldOracle, RightsClass } from './decision-table';
import { fullOracle } from './full-oracle';
import { withLent } from './lendable';
import { RecentMap } from './recent-map';
import { rememberedTable } from './remembered-table';
import { settleLevels } from './settle-levels';
import { type TableLayout, tableLayout } from './table-layout';

/** Classes of rights to remember: clients can make new ones by narrowing tokens, so the number is bounded. */
const CLASSES_KEPT = 1024;

/** Counts policies compiled by this process, so that two compilations never give the same digest. */
let compilations = 0;

/** The decision tables of one policy version, filled on first use. Callers who ask at once share one fill. */
export class ClassTables {
  private readonly layout: TableLayout;
  private readonly answers = new RecentMap<string, Promise<AnswerVector>>(CLASSES_KEPT);
  private readonly tables = new RecentMap<string, Promise<DecisionTable>>(CLASSES_KEPT);
  private readonly digests = new RecentMap<string, string>(CLASSES_KEPT);
  private readonly compilation = ++compilations;
  private vectors = 0;

  constructor(
    private readonly catalogue: Catalogue,
    private readonly ground: PolicyGround,
  ) {
    this.layout = tableLayout(catalogue);
  }

  /** The table of a class of rights. Order, doubles and undeclared names in the class make no difference. */
  tableFor(rights: RightsClass): Promise<DecisionTable> {
    const { roles, scopes, together } = this.declared(rights);
    return remember(this.tables, JSON.stringify([roles, scopes, together]), async () => {
      const own = await this.answersOf(roles);
      const held = together ? withLent(this.catalogue, this.layout, own, await this.answersOf(together)) : own;
      return this.tableOf(scopes ? bothAllow(held, await this.answersOf(scopes)) : held);
    });
  }

  /** The oracle for a class of rights: an enforcer that holds all lines, asked for every single answer. */
  async oracleFor(rights: RightsClass): Promise<FieldOracle> {
    const { roles, scopes, together } = this.declared(rights);
    const sets = [roles, ...(scopes ? [scopes] : []), ...(together ? [together] : [])];
    return fullOracle(this.catalogue, await createFullEnforcer(this.ground, sets), { roles, scopes, together });
  }

  private answersOf(roles: readonly string[]): Promise<AnswerVector> {
    return remember(this.answers, JSON.stringify(roles), async () => {
      const enforcer: CellEnforcer = await createCellEnforcer(this.ground, [roles]);
      return fillAnswers(this.layout, enforcer, roles);
    });
  }

  private tableOf(answers: AnswerVector): DecisionTable {
    const cells = settleLevels(this.layout, answers);
    return rememberedTable(this.layout, cells, this.digestOf(cells));
  }

  /** A short name for a vector: cache keys hold it on every request, so it is not the vector itself. */
  private digestOf(cells: Uint8Array): string {
    const text = Buffer.from(cells).toString('latin1');
    const known = this.digests.get(text);
    if (known) return known;
    const digest = `v${this.compilation}.${++this.vectors}`;
    this.digests.set(text, digest);
    return digest;
  }

  private declared(rights: RightsClass): DeclaredSets {
    return declaredSets(this.ground.graph, rights);
  }
}

/** The sets of roles that Casbin is asked about for a class of rights. */
export interface DeclaredSets {
  readonly roles: readonly string[];
  readonly scopes: readonly string[] | null;
  /** The own roles and the lent ones; null when none are lent. */
  readonly together: readonly string[] | null;
}

export function declaredSets(graph: RoleGraph, { roles, scopes, lent }: RightsClass): DeclaredSets {
  const added = graph.declared(lent ?? []);
  return {
    roles: graph.declared(roles),
    scopes: scopes && graph.declared(scopes),
    together: added.length > 0 ? graph.declared([...roles, ...added]) : null,
  };
}

/** A failed making is forgotten, so that the next caller tries again. */
function remember<V>(map: RecentMap<string, Promise<V>>, key: string, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known) return known;
  const making = make();
  map.set(key, making);
  making.catch(() => map.forget(key, making));
  return making;
}
