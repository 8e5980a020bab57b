import {
  type CompiledPolicy,
  type FieldOracle,
  type PrincipalValues,
  rowScopes,
  scopeAdmits,
} from '@countersign/policy';
import { assembleSchema, type Catalogue, memberOf, objectOf, type SchemaView } from '@countersign/schema';
import { GraphQLBoolean, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { Cells } from './cells';
import type { Row } from './load-rows';
import { Records } from './records';

/** Who asks, as the world says it. */
export interface Caller {
  readonly audience: 'staff' | 'portal';
  readonly roles: readonly string[];
  readonly groupIds: readonly string[];
  readonly values: PrincipalValues;
}

/** What one person may see: Casbin with all its lines, their records, and the cells of these. */
export interface Standing {
  readonly caller: Caller;
  readonly oracle: FieldOracle;
  readonly cells: Cells;
  /** Their records, with null in the place of what is withheld. */
  readonly visible: Records;
  /** What the person's documents have to fit. */
  readonly validationSchema: GraphQLSchema;
}

/** Works out what somebody may see, out of all records. Staff documents have to fit the whole schema. */
export async function standingOf(
  caller: Caller,
  policy: CompiledPolicy,
  all: Records,
  wholeSchema: GraphQLSchema,
): Promise<Standing> {
  const { catalogue } = policy;
  const oracle = askedOnce(await policy.fullEnforcer({ roles: [...caller.roles].sort(), scopes: null }));
  const scopeOf = rowScopes(catalogue, policy.body, { groupIds: caller.groupIds }, caller.audience, 'read');
  const cells = new Cells(catalogue, policy.body, caller, all);
  const seen = new Map<string, readonly Row[]>();
  const visible = new Records(catalogue, (object) => {
    const known = seen.get(object);
    if (known) return known;
    const context = { catalogue, object, principal: caller.values, related: all.related };
    const admitted = all.of(object).filter((row) => scopeAdmits(scopeOf(object), row, context));
    const rows = admitted.map((row) => cells.shown(object, row));
    seen.set(object, rows);
    return rows;
  });
  const isStaff = caller.audience === 'staff';
  const validationSchema = isStaff ? wholeSchema : servedSchema(catalogue, viewOf(catalogue, oracle));
  return { caller, oracle, cells, visible, validationSchema };
}

/** Casbin's answers about one person, as long as the policy stands: asking the same again would be answered the same. */
function askedOnce(oracle: FieldOracle): FieldOracle {
  const seen = new Map<string, ReturnType<FieldOracle['see']>>();
  const readable = new Map<string, boolean>();
  return {
    ...oracle,
    see(object, field) {
      const key = `${object}.${field}`;
      const level = seen.get(key) ?? oracle.see(object, field);
      seen.set(key, level);
      return level;
    },
    readable(object) {
      const found = readable.get(object) ?? oracle.readable(object);
      readable.set(object, found);
      return found;
    },
  };
}

/** No document of ours names a verb, but a schema needs a query that is always there. */
const NO_VERBS = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { alive: { type: GraphQLBoolean } } }),
});

/** The schema of a view, in the shape that documents are written for. */
export function servedSchema(catalogue: Catalogue, view: SchemaView): GraphQLSchema {
  return assembleSchema({ catalogue, verbs: NO_VERBS, view, shape: 'served' });
}

/** A portal knows only what it may see, and filters only by what it sees clear. */
function viewOf(catalogue: Catalogue, oracle: FieldOracle): SchemaView {
  const readable = new Map([...catalogue.objects.keys()].map((name) => [name, oracle.readable(name)]));
  const leads = (object: string, name: string): boolean => {
    const member = memberOf(objectOf(catalogue, object), name);
    return member === undefined || member.kind === 'field' || readable.get(member.target) === true;
  };
  return {
    audience: 'portal',
    readable: (object) => readable.get(object) === true,
    selectable: (object, member) => oracle.see(object, member) !== 'none' && leads(object, member),
    filterable: (object, member) => oracle.see(object, member) === 'clear' && leads(object, member),
    changeable: () => false,
    allows: () => false,
  };
}
