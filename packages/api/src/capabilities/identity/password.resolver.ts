import { Arg, Ctx, Extensions, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { RequestScope } from '../../path/request-scope';
import { changePassword, type PasswordDeps, setPassword } from './change-password';

@InputType()
class ChangePasswordInput {
  @Field(() => String)
  currentPassword!: string;

  @Field(() => String)
  newPassword!: string;
}

@InputType()
class SetPasswordInput {
  @Field(() => ID)
  userId!: string;

  @Field(() => String)
  newPassword!: string;
}

@ObjectType()
class PasswordPayload {
  @Field(() => Boolean)
  changed!: boolean;

  @Field(() => [String], { description: 'Why the new password was not accepted, in words for the person.' })
  reasons!: string[];
}

export type PasswordResolverDeps = PasswordDeps &
  Parameters<typeof setPassword>[0] & {
    /** Throws AUDIT_UNAVAILABLE while the audit log cannot vouch for what is written. */
    readonly requireLog: () => void;
  };

@Resolver()
export class PasswordResolver {
  constructor(private readonly deps: PasswordResolverDeps) {}

  @Mutation(() => PasswordPayload, { nullable: true, description: 'Changes your own password; all your tokens end.' })
  async changePassword(
    @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput,
    @Ctx() scope: RequestScope,
  ): Promise<PasswordPayload> {
    this.deps.requireLog();
    return payload(await changePassword(this.deps, scope, input));
  }

  @Extensions({ staffOnly: true })
  @Mutation(() => PasswordPayload, {
    nullable: true,
    description: "Sets another user's password; all their tokens end.",
  })
  async setPassword(
    @Arg('input', () => SetPasswordInput) input: SetPasswordInput,
    @Ctx() scope: RequestScope,
  ): Promise<PasswordPayload> {
    this.deps.requireLog();
    return payload(await setPassword(this.deps, scope, input));
  }
}

function payload(reasons: readonly string[]): PasswordPayload {
  return { changed: reasons.length === 0, reasons: [...reasons] };
}
