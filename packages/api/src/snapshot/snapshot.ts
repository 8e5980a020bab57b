import { type CompiledPolicy, cellRules, type DecisionTable, type RowScope } from '@countersign/policy';
import {
  assembleBothShapes,
  assembleSchema,
  type Catalogue,
  type RecordResolvers,
  type SchemaView,
  wholeView,
} from '@countersign/schema';
import type { GraphQLSchema } from 'graphql';
import { BoundedMap } from '../path/bounded-map';
import type { Authority, Principal, Snapshot } from '../path/rooms';
import type { ObjectGuard } from './object-guard';
import type { PolicyRecords } from './policy-records';
import { rightsOf, scopesOf } from './rights-of';

export interface SnapshotParts {
  readonly catalogue: Catalogue;
  readonly catalogueRevision: string;
  readonly policyVersion: number;
  readonly policyRecords: PolicyRecords;
  readonly policy: CompiledPolicy;
  readonly schemas: CatalogueSchemas;
  readonly guard: ObjectGuard;
}

/** The schemas that depend on the catalogue alone; shared by every policy version over it. */
export interface CatalogueSchemas {
  readonly verbs: GraphQLSchema;
  readonly whole: GraphQLSchema;
  readonly execution: GraphQLSchema;
}

export function assembleCatalogueSchemas(
  catalogue: Catalogue,
  verbs: GraphQLSchema,
  resolvers: RecordResolvers,
): CatalogueSchemas {
  const { served, execution } = assembleBothShapes({ catalogue, verbs, view: wholeView, resolvers });
  return { verbs, whole: served, execution };
}

const MOST_CLASSES = 500;

/** Counts snapshots made by this process: plans that were decided by tables that are gone are not for those of another. */
let made = 0;
/** The object of the audit log: every entry speaks of a record that has a row scope of its own. */
const TRACE_OBJECT = 'AuditEntry';

export function createSnapshot(parts: SnapshotParts): Snapshot {
  const { catalogue, policy, schemas, guard } = parts;
  made += 1;
  const generation = made;
  const authorities = new BoundedMap<Promise<Authority>>(MOST_CLASSES);
  const classSchemas = new BoundedMap<GraphQLSchema>(MOST_CLASSES);

  const servedSchema = (table: DecisionTable, audience: Authority['audience']): GraphQLSchema => {
    const key = `${audience}:${table.digest}`;
    const known = classSchemas.get(key);
    if (known) return known;
    const view = viewOf(catalogue, table, audience);
    const schema = assembleSchema({ catalogue, verbs: schemas.verbs, view, shape: 'served' });
    classSchemas.set(key, schema);
    return schema;
  };

  const makeAuthority = async (principal: Principal, classKey: string): Promise<Authority> => {
    const rights = rightsOf(principal);
    const table = await policy.tableFor(rights);
    const scopes = (access: 'read' | 'read-write') => scopesOf(catalogue, policy.body, principal, access);
    const [groupsRead, writeScope] = [scopes('read'), scopes('read-write')];
    const seesTraces = table.see(TRACE_OBJECT, 'changes') === 'clear';
    const readScope = (object: string): RowScope =>
      object === TRACE_OBJECT && !seesTraces ? { kind: 'never' } : groupsRead(object);
    return {
      rightsKey: `${generation}:${classKey}`,
      audience: principal.audience,
      table: guard.over(table),
      readScope,
      writeScope,
      traceScope: groupsRead(TRACE_OBJECT),
      cellRules: cellRules(catalogue, policy.body, rights),
      // Schemas name what the tables allow; what is lowered or closed meanwhile is a matter of its answers.
      get servedSchema() {
        return servedSchema(table, principal.audience);
      },
      get validationSchema() {
        return principal.audience === 'staff' ? schemas.whole : servedSchema(table, principal.audience);
      },
    };
  };

  return {
    ...parts,
    wholeSchema: schemas.whole,
    executionSchema: schemas.execution,
    authorityOf(principal) {
      const { audience, roles, scopes, groupIds, lent } = principal;
      const key = JSON.stringify([audience, roles, scopes, groupIds, lent?.roles ?? [], lent?.groupIds ?? []]);
      const known = authorities.get(key);
      if (known) return known;
      const making = makeAuthority(principal, key);
      authorities.set(key, making);
      making.catch(() => authorities.delete(key));
      return making;
    },
  };
}

/** What a class may know of the catalogue: exactly what its decision table allows. */
function viewOf(catalogue: Catalogue, table: DecisionTable, audience: Authority['audience']): SchemaView {
  const target = (object: string, member: string): string | null => {
    const found = catalogue.objects.get(object)?.members.find((candidate) => candidate.name === member);
    return found && found.kind !== 'field' ? found.target : null;
  };
  const reaches = (object: string, member: string): boolean => {
    const to = target(object, member);
    return to === null || table.readable(to);
  };
  return {
    audience,
    readable: (object) => table.readable(object),
    selectable: (object, member) => table.see(object, member) !== 'none' && reaches(object, member),
    filterable: (object, member) => table.see(object, member) === 'clear' && reaches(object, member),
    changeable: (object, member) => table.change(object, member),
    allows: (object, verb) => table.may(object, verb),
  };
}
