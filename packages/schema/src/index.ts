export { builtinCatalogue, builtinClasses } from './builtin-catalogue';
export * from './catalogue/catalogue';
export { createCatalogue } from './catalogue/create-catalogue';
export * from './catalogue/decorators';
export {
  type AggregateFunction,
  AVERAGE_EXTRA_DIGITS,
  aggregateName,
  aggregateType,
  groupableMembers,
  groupableParentFields,
  hasExtremes,
  isSummable,
} from './graphql/aggregate-members';
export { type AssembleOptions, assembleBothShapes, assembleSchema } from './graphql/assemble-schema';
export { type FilterOperator, operatorsFor } from './graphql/operators';
export { record, recordOf } from './graphql/placeholders';
export type { RecordResolvers } from './graphql/record-resolvers';
export { type SchemaView, wholeView } from './graphql/schema-view';
export { DATE_UNITS, type DateUnit, steersPlan } from './graphql/steering-enums';
export { Account } from './objects/billing/account';
export { Contact } from './objects/billing/contact';
export { Contract } from './objects/billing/contract';
export { ContractRate } from './objects/billing/contract-rate';
export { CreditNote } from './objects/billing/credit-note';
export { Invoice } from './objects/billing/invoice';
export { InvoiceLine } from './objects/billing/invoice-line';
export { Package } from './objects/billing/package';
export { PackageItem } from './objects/billing/package-item';
export { Payment } from './objects/billing/payment';
export { PaymentMethod } from './objects/billing/payment-method';
export { Price } from './objects/billing/price';
export { Product } from './objects/billing/product';
export { RateClass } from './objects/billing/rate-class';
export { Subscription } from './objects/billing/subscription';
export { UsageRecord } from './objects/billing/usage-record';
export { BillingRecord } from './objects/billing-record';
export { ApprovalDecision } from './objects/system/approval-decision';
export { ApprovalDelegation } from './objects/system/approval-delegation';
export { ApprovalLevel } from './objects/system/approval-level';
export { ApprovalRule } from './objects/system/approval-rule';
export { AuditEntry } from './objects/system/audit-entry';
export { Client } from './objects/system/client';
export { FieldPermission } from './objects/system/field-permission';
export { ObjectPermission } from './objects/system/object-permission';
export { ObjectSetting } from './objects/system/object-setting';
export { PendingChange } from './objects/system/pending-change';
export { Person } from './objects/system/person';
export { Role } from './objects/system/role';
export { RoleAssignment } from './objects/system/role-assignment';
export { RoleInheritance } from './objects/system/role-inheritance';
export { SharingCondition } from './objects/system/sharing-condition';
export { SharingGroup } from './objects/system/sharing-group';
export { SharingMember } from './objects/system/sharing-member';
export { User } from './objects/system/user';
export { SystemRecord } from './objects/system-record';
export * from './scalars/scalars';
