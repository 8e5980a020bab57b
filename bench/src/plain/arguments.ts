import { ArgsType, Field, InputType, Int, registerEnumType } from 'type-graphql';
import { Region } from './objects';

export enum SortDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}
registerEnumType(SortDirection, { name: 'SortDirection' });

@InputType()
class RegionFilter {
  @Field(() => [Region], { nullable: true })
  in?: Region[];
}

@InputType()
class AccountWhere {
  @Field(() => RegionFilter, { nullable: true })
  region?: RegionFilter;
}

@InputType()
class AccountOrderBy {
  @Field(() => SortDirection, { nullable: true })
  name?: SortDirection;

  @Field(() => SortDirection, { nullable: true })
  id?: SortDirection;
}

@InputType()
class InvoiceOrderBy {
  @Field(() => SortDirection, { nullable: true })
  issuedOn?: SortDirection;

  @Field(() => SortDirection, { nullable: true })
  id?: SortDirection;
}

@InputType()
class InvoiceLineOrderBy {
  @Field(() => SortDirection, { nullable: true })
  position?: SortDirection;

  @Field(() => SortDirection, { nullable: true })
  id?: SortDirection;
}

@ArgsType()
export class AccountsArgs {
  @Field(() => AccountWhere, { nullable: true })
  where?: AccountWhere;

  @Field(() => [AccountOrderBy], { nullable: true })
  orderBy?: AccountOrderBy[];

  @Field(() => Int, { defaultValue: 25 })
  first!: number;
}

@ArgsType()
export class InvoicesArgs {
  @Field(() => [InvoiceOrderBy], { nullable: true })
  orderBy?: InvoiceOrderBy[];

  @Field(() => Int, { defaultValue: 25 })
  first!: number;
}

@ArgsType()
export class InvoiceLinesArgs {
  @Field(() => [InvoiceLineOrderBy], { nullable: true })
  orderBy?: InvoiceLineOrderBy[];

  @Field(() => Int, { defaultValue: 25 })
  first!: number;
}

/** The sort of a list as TypeORM takes it; by id when none is given. */
export function orderOf(orderBy: readonly object[] | undefined): Record<string, SortDirection> {
  return orderBy?.length ? Object.assign({}, ...orderBy) : { id: SortDirection.ASC };
}
