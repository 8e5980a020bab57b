import type { DecisionTable, PrincipalValues, RowScope } from '@countersign/policy';
import type { GraphQLSchema } from 'graphql';
import type { ReadPlan } from '../planner/read-plan';
import type { Snapshot } from '../snapshot/snapshot';

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
  /** What this class may know: introspection, SDL and, for portals, validation. */
  readonly servedSchema: GraphQLSchema;
  /** What this class's documents are validated against. */
  readonly validationSchema: GraphQLSchema;
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
