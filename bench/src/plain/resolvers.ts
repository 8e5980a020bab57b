import type DataLoader from 'dataloader';
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { type DataSource, In } from 'typeorm';
import { AccountsArgs, InvoiceLinesArgs, InvoicesArgs, orderOf } from './arguments';
import { firstOfEach } from './first-of-each';
import { Account, AccountConnection, Invoice, InvoiceConnection, InvoiceLine, InvoiceLineConnection } from './objects';

/** What a request carries: the database, and loaders that live as long as the request. */
export interface PlainContext {
  readonly dataSource: DataSource;
  // biome-ignore lint/suspicious/noExplicitAny: loaders of several objects by their name
  readonly loaders: Map<string, DataLoader<string, any[]>>;
}

@Resolver(() => Account)
export class AccountResolver {
  @Query(() => AccountConnection)
  async accounts(
    @Args(() => AccountsArgs) { where, orderBy, first }: AccountsArgs,
    @Ctx() { dataSource }: PlainContext,
  ): Promise<AccountConnection> {
    const regions = where?.region?.in;
    const nodes = await dataSource.getRepository(Account).find({
      where: regions ? { region: In(regions) } : {},
      order: orderOf(orderBy),
      take: first,
    });
    return { nodes };
  }

  @FieldResolver(() => InvoiceConnection)
  async invoices(
    @Root() account: Account,
    @Args(() => InvoicesArgs) { orderBy, first }: InvoicesArgs,
    @Ctx() context: PlainContext,
  ): Promise<InvoiceConnection> {
    const order = orderOf(orderBy);
    const make = () => firstOfEach(context.dataSource, Invoice, 'accountId', order, first);
    return { nodes: await loader(context, `invoices ${JSON.stringify(order)} ${first}`, make).load(account.id) };
  }
}

@Resolver(() => Invoice)
export class InvoiceResolver {
  @Query(() => Invoice, { nullable: true })
  invoice(@Arg('id', () => ID) id: string, @Ctx() { dataSource }: PlainContext): Promise<Invoice | null> {
    return dataSource.getRepository(Invoice).findOneBy({ id });
  }

  @FieldResolver(() => InvoiceLineConnection)
  async lines(
    @Root() invoice: Invoice,
    @Args(() => InvoiceLinesArgs) { orderBy, first }: InvoiceLinesArgs,
    @Ctx() context: PlainContext,
  ): Promise<InvoiceLineConnection> {
    const order = orderOf(orderBy);
    const make = () => firstOfEach(context.dataSource, InvoiceLine, 'invoiceId', order, first);
    return { nodes: await loader(context, `lines ${JSON.stringify(order)} ${first}`, make).load(invoice.id) };
  }
}

/** One loader for one request and one set of arguments. */
function loader<Child>(
  { loaders }: PlainContext,
  name: string,
  make: () => DataLoader<string, Child[]>,
): DataLoader<string, Child[]> {
  let found = loaders.get(name);
  if (!found) {
    found = make();
    loaders.set(name, found);
  }
  return found;
}
