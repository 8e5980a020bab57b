import 'reflect-metadata';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';

/*
 * The same tables as an ordinary application maps them: one class is the entity and the GraphQL type. Amounts and dates
 * travel as text, which costs such a stack the least.
 */

export enum Region {
  EMEA = 'EMEA',
  AMER = 'AMER',
  APAC = 'APAC',
  LATAM = 'LATAM',
}
registerEnumType(Region, { name: 'Region' });

/** type-graphql's own advice for speed: fields without logic get no resolver of their own. */
const simpleResolvers = process.env.BENCH_TUNED === 'yes';

@ObjectType({ simpleResolvers })
@Entity({ name: 'account' })
export class Account {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Field()
  @Column('text')
  name!: string;

  @Field(() => String, { nullable: true })
  @Column('text', { nullable: true })
  number!: string | null;

  @Field(() => Region)
  @Column('text')
  region!: Region;

  @Field()
  @Column('text')
  segment!: string;

  @Field()
  @Column('text')
  currency!: string;

  @Field(() => String, { nullable: true })
  @Column('numeric', { name: 'credit_limit', precision: 18, scale: 2, nullable: true })
  creditLimit!: string | null;

  @Field(() => String, { nullable: true })
  @Column('text', { name: 'tax_id', nullable: true })
  taxId!: string | null;

  @Field()
  @Column('text')
  status!: string;

  @OneToMany(() => Invoice, 'account')
  invoices!: Relation<Invoice>[];
}

@ObjectType({ simpleResolvers })
@Entity({ name: 'invoice' })
export class Invoice {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'account_id' })
  accountId!: string;

  @ManyToOne(() => Account, 'invoices')
  @JoinColumn({ name: 'account_id' })
  account!: Relation<Account>;

  @Field()
  @Column('text')
  number!: string;

  @Field()
  @Column('text')
  status!: string;

  @Field()
  @Column('text')
  currency!: string;

  @Field()
  @Column('date', { name: 'issued_on' })
  issuedOn!: string;

  @Field()
  @Column('date', { name: 'due_on' })
  dueOn!: string;

  @Field()
  @Column('numeric', { precision: 18, scale: 2 })
  subtotal!: string;

  @Field()
  @Column('numeric', { precision: 18, scale: 2 })
  tax!: string;

  @Field()
  @Column('numeric', { precision: 18, scale: 2 })
  total!: string;

  @Field(() => String, { nullable: true })
  @Column('text', { nullable: true })
  notes!: string | null;

  @OneToMany(() => InvoiceLine, 'invoice')
  lines!: Relation<InvoiceLine>[];
}

@ObjectType({ simpleResolvers })
@Entity({ name: 'invoice_line' })
export class InvoiceLine {
  @Field(() => ID)
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'invoice_id' })
  invoiceId!: string;

  @ManyToOne(() => Invoice, 'lines')
  @JoinColumn({ name: 'invoice_id' })
  invoice!: Relation<Invoice>;

  @Field()
  @Column('integer')
  position!: number;

  @Field()
  @Column('text')
  description!: string;

  @Field()
  @Column('numeric', { precision: 18, scale: 6 })
  quantity!: string;

  @Field()
  @Column('numeric', { name: 'unit_price', precision: 18, scale: 6 })
  unitPrice!: string;

  @Field()
  @Column('numeric', { precision: 18, scale: 2 })
  amount!: string;
}

@ObjectType({ simpleResolvers })
export class AccountConnection {
  @Field(() => [Account])
  nodes!: Account[];
}

@ObjectType({ simpleResolvers })
export class InvoiceConnection {
  @Field(() => [Invoice])
  nodes!: Invoice[];
}

@ObjectType({ simpleResolvers })
export class InvoiceLineConnection {
  @Field(() => [InvoiceLine])
  nodes!: InvoiceLine[];
}
