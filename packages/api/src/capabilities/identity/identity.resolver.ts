import type { TokenSealer } from '@countersign/crypto';
import type { ObjectAction } from '@countersign/policy';
import { objectOf } from '@countersign/schema';
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  registerEnumType,
} from 'type-graphql';
import { publicDecisionId } from '../../path/public-error';
import type { RequestScope } from '../../path/request-scope';
import { settleHead } from '../../path/under-head';
import { isInScope } from './is-in-scope';
import { type SignInDeps, signIn } from './sign-in';

export enum SeeLevel {
  NONE = 'NONE',
  MASKED = 'MASKED',
  CLEAR = 'CLEAR',
}
registerEnumType(SeeLevel, { name: 'SeeLevel', description: 'How much of a field you may see.' });

enum RecordAction {
  READ = 'READ',
  CREATE = 'CREATE',
  UPDATE = 'UPDATE',
  DELETE = 'DELETE',
  EXPORT = 'EXPORT',
  APPROVE = 'APPROVE',
}
registerEnumType(RecordAction, { name: 'RecordAction' });

@InputType()
class SignInInput {
  @Field(() => String)
  email!: string;

  @Field(() => String)
  password!: string;
}

@ObjectType()
class SignInPayload {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer …`.' })
  accessToken!: string;

  @Field(() => String, { description: 'When the token ends, RFC 3339.' })
  expiresAt!: string;
}

@ObjectType()
class NamedRole {
  @Field(() => String)
  name!: string;
}

@ObjectType()
class NamedGroup {
  @Field(() => String)
  name!: string;
}

@ObjectType()
class Permission {
  @Field(() => Boolean)
  allowed!: boolean;

  @Field(() => String)
  reason!: string;

  @Field(() => String)
  decisionId!: string;
}

@ObjectType()
class FieldRights {
  @Field(() => String)
  name!: string;

  @Field(() => SeeLevel)
  see!: SeeLevel;

  @Field(() => Boolean)
  change!: boolean;
}

@ObjectType({ description: 'Who you are, and what you may do.' })
class Viewer {
  @Field(() => ID, { nullable: true })
  id!: string | null;

  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  email!: string | null;
}

export interface IdentityDeps extends SignInDeps {
  readonly decisions: TokenSealer;
}

@Resolver(() => Viewer)
export class IdentityResolver {
  constructor(private readonly deps: IdentityDeps) {}

  @Mutation(() => SignInPayload, {
    nullable: true,
    description: 'Proves who you are with an e-mail address and a password.',
  })
  async signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() scope: RequestScope,
  ): Promise<SignInPayload> {
    const { requestId, source, receivedAt } = scope;
    const issued = await signIn(this.deps, { ...input, requestId, source, now: receivedAt });
    return { accessToken: issued.token, expiresAt: issued.expiresAt.toISOString() };
  }

  @Query(() => Viewer)
  async viewer(@Ctx() scope: RequestScope): Promise<Viewer> {
    await settleHead(scope);
    const { principal } = scope.under;
    return {
      id: principal.values.userId ?? principal.values.clientId,
      name: principal.name,
      email: principal.values.email,
    };
  }

  @FieldResolver(() => [NamedRole])
  roles(@Root() _viewer: Viewer, @Ctx() scope: RequestScope): NamedRole[] {
    return scope.under.principal.roles.map((name) => ({ name }));
  }

  @FieldResolver(() => [NamedGroup])
  sharingGroups(@Root() _viewer: Viewer, @Ctx() scope: RequestScope): NamedGroup[] {
    const { principal, snapshot } = scope.under;
    // What a group is called inside is not for the people of a portal.
    if (principal.audience === 'portal') return [];
    const names = principal.groupIds.flatMap((id) => snapshot.policyRecords.records.SharingGroup[id]?.name ?? []);
    return names.map((name) => ({ name: String(name) }));
  }

  @FieldResolver(() => [FieldRights], { description: 'Your rights on the fields of an object that you may see.' })
  fields(
    @Root() _viewer: Viewer,
    @Arg('object', () => String) objectName: string,
    @Ctx() scope: RequestScope,
  ): FieldRights[] {
    const { snapshot, authority } = scope.under;
    if (!authority.table.readable(objectName)) return [];
    return objectOf(snapshot.catalogue, objectName).members.flatMap((member) => {
      // A relation to an object that does not exist for this class does not exist either.
      if (member.kind !== 'field' && !authority.table.readable(member.target)) return [];
      const { name } = member;
      const see = authority.table.see(objectName, name);
      const change = authority.table.change(objectName, name);
      return see === 'none' && !change ? [] : [{ name, see: see.toUpperCase() as SeeLevel, change }];
    });
  }

  @FieldResolver(() => Permission, { description: 'Whether you may do this, with one record when an id is given.' })
  async can(
    @Root() _viewer: Viewer,
    @Arg('object', () => String) objectName: string,
    @Arg('action', () => RecordAction) action: RecordAction,
    @Arg('id', () => ID, { nullable: true }) id: string | null | undefined,
    @Ctx() scope: RequestScope,
  ): Promise<Permission> {
    const { table } = scope.under.authority;
    const readable = table.readable(objectName);
    // An object that does not exist for this class answers as one that does not exist at all.
    const about = readable ? { coordinate: objectName, action } : {};
    const decisionId = publicDecisionId(scope.under, about, this.deps.decisions);
    if (!readable) return { allowed: false, reason: 'There is no such object for you.', decisionId };
    if (action !== RecordAction.READ && !table.may(objectName, action.toLowerCase() as ObjectAction)) {
      return { allowed: false, reason: `None of your roles may ${action.toLowerCase()} ${objectName}.`, decisionId };
    }
    if (id === null || id === undefined) return { allowed: true, reason: 'Your roles allow it.', decisionId };
    const access = action === RecordAction.READ ? 'read' : 'read-write';
    const inScope = await isInScope(this.deps.pool, scope, objectName, id, access);
    const reason = inScope
      ? 'Your roles allow it and the record is yours to touch.'
      : 'There is no such record for you.';
    return { allowed: inScope, reason, decisionId };
  }
}
