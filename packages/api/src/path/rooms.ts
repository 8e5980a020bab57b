import type { CellConditions, CompiledPolicy, DecisionTable, PrincipalValues, RowScope } from '@countersign/policy';
import type { Catalogue } from '@countersign/schema';
import type { GraphQLSchema } from 'graphql';
import type { ReadPlan } from '../planner/read-plan';
import type { ObjectGuard } from '../snapshot/object-guard';
import type { PolicyRecords } from '../snapshot/policy-records';

/*
 * The types that rooms hand to each other. Each is branded and made in exactly one room, so that skipping a room does
 * not compile.
 */
declare const room: unique symbol;
type From<Room extends string, T> = T & { readonly [room]: Room };

/** The one row that decides freshness: what every statement checks while it runs. */
export interface Head {
  readonly policyVersion: number;
  readonly peopleEpoch: number;
}

export interface PrincipalFacts {
  readonly kind: 'user' | 'client' | 'anonymous' | 'installation';
  readonly audience: 'staff' | 'portal';
  /** Bound as parameters on every request; no cached decision holds them. */
  readonly values: PrincipalValues;
  readonly name: string;
  /** Roles in force at this moment, sorted. */
  readonly roles: readonly string[];
  /** Scope roles that narrow a token; null when nothing narrows it. */
  readonly scopes: readonly string[] | null;
  /** Sharing groups that the principal belongs to, sorted. */
  readonly groupIds: readonly string[];
  readonly sessionId: string | null;
  /** The user in whose stead somebody acts; what they do is traced under both. */
  readonly onBehalfOf?: string | null;
  /** Whether some of the rights were lent for an emergency; everything done meanwhile is traced so. */
  readonly breakGlass?: boolean;
  /** What is lent for an emergency, besides the roles and groups above; it never reaches system objects or approvals. */
  readonly lent?: LentRights | null;
  /** The moment at which time alone changes these rights; null or missing when it changes nothing. */
  readonly until?: RightsEnd | null;
}

export interface LentRights {
  /** The grant by which they are lent. */
  readonly grantId: string;
  /** Sorted. */
  readonly roles: readonly string[];
  /** Sharing groups, sorted. */
  readonly groupIds: readonly string[];
}

export interface RightsEnd {
  readonly at: Date;
  /** The clock by which they were settled. */
  readonly now: () => Date;
}

/** Who asks, as proven; made in *identify*. */
export type Principal = From<'identify', PrincipalFacts>;

/** What a class of principals may do: equal rights share one, whoever they are. */
export interface Authority {
  /** Names the rights within one policy version; part of every plan's cache key. */
  readonly rightsKey: string;
  readonly audience: 'staff' | 'portal';
  readonly table: DecisionTable;
  readScope(object: string): RowScope;
  writeScope(object: string): RowScope;
  /**
   * The entries of the audit log that the groups give. `readScope` of them is nothing for those who may not read all
   * values: the log's own verbs judge entry by entry, a list of records cannot.
   */
  readonly traceScope: RowScope;
  /** Members of an object that are shown only where a condition holds; see `cellRules` in packages/policy. */
  cellRules(object: string): CellConditions;
  /** What this class may know: introspection, SDL and, for portals, validation. */
  readonly servedSchema: GraphQLSchema;
  /** What this class's documents are validated against. */
  readonly validationSchema: GraphQLSchema;
}

/**
 * Everything immutable that a request is decided under: one catalogue, its schemas, one policy version. It is taken once
 * and handed on, so that a change while a request runs cannot mix two worlds.
 */
export interface Snapshot {
  readonly catalogue: Catalogue;
  readonly catalogueRevision: string;
  readonly policyVersion: number;
  readonly policyRecords: PolicyRecords;
  readonly policy: CompiledPolicy;
  /** Lowers or closes objects whose decisions were found to be wrong; before every authority's table. */
  readonly guard: ObjectGuard;
  /** The whole catalogue, as staff documents are validated against. */
  readonly wholeSchema: GraphQLSchema;
  /** On which documents run: records and connections are leaves there. */
  readonly executionSchema: GraphQLSchema;
  /** The rights of a principal's class; equal classes share one. */
  authorityOf(principal: Principal): Promise<Authority>;
}

/** A request under one immutable snapshot, head, principal and class of rights. */
export interface DecidedUnder {
  readonly snapshot: Snapshot;
  readonly head: Head;
  readonly principal: Principal;
  readonly authority: Authority;
}

/** A plan whose every field and object policy has decided; made in *decide*. */
export type AuthorizedPlan = From<'decide', ReadPlan>;

/** Marks a value as made by the room that calls this. Call it only there. */
export function madeIn<Room extends string, T>(value: T): From<Room, T> {
  return value as From<Room, T>;
}
