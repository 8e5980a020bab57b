import type { Catalogue } from './catalogue/catalogue';
import { createCatalogue } from './catalogue/create-catalogue';
import { describeClass } from './catalogue/decorators';
import { Account } from './objects/billing/account';
import { Contact } from './objects/billing/contact';
import { Contract } from './objects/billing/contract';
import { ContractRate } from './objects/billing/contract-rate';
import { CreditNote } from './objects/billing/credit-note';
import { Invoice } from './objects/billing/invoice';
import { InvoiceLine } from './objects/billing/invoice-line';
import { Package } from './objects/billing/package';
import { PackageItem } from './objects/billing/package-item';
import { Payment } from './objects/billing/payment';
import { PaymentMethod } from './objects/billing/payment-method';
import { Price } from './objects/billing/price';
import { Product } from './objects/billing/product';
import { RateClass } from './objects/billing/rate-class';
import { Subscription } from './objects/billing/subscription';
import { UsageRecord } from './objects/billing/usage-record';
import { ApprovalDecision } from './objects/system/approval-decision';
import { ApprovalDelegation } from './objects/system/approval-delegation';
import { ApprovalLevel } from './objects/system/approval-level';
import { ApprovalRule } from './objects/system/approval-rule';
import { AuditEntry } from './objects/system/audit-entry';
import { BreakGlassEligibility } from './objects/system/break-glass-eligibility';
import { BreakGlassGrant } from './objects/system/break-glass-grant';
import { CellRule } from './objects/system/cell-rule';
import { Client } from './objects/system/client';
import { FieldPermission } from './objects/system/field-permission';
import { ObjectPermission } from './objects/system/object-permission';
import { ObjectSetting } from './objects/system/object-setting';
import { PendingChange } from './objects/system/pending-change';
import { Person } from './objects/system/person';
import { Role } from './objects/system/role';
import { RoleAssignment } from './objects/system/role-assignment';
import { RoleInheritance } from './objects/system/role-inheritance';
import { SharingCondition } from './objects/system/sharing-condition';
import { SharingGroup } from './objects/system/sharing-group';
import { SharingMember } from './objects/system/sharing-member';
import { User } from './objects/system/user';

/** The classes of every object that Countersign brings along: billing objects first, then system objects. */
export const builtinClasses = [
  Account,
  Contact,
  PaymentMethod,
  Product,
  Package,
  PackageItem,
  RateClass,
  Price,
  Contract,
  ContractRate,
  Subscription,
  UsageRecord,
  Invoice,
  InvoiceLine,
  Payment,
  CreditNote,
  Person,
  User,
  Client,
  Role,
  RoleInheritance,
  RoleAssignment,
  FieldPermission,
  ObjectPermission,
  CellRule,
  ObjectSetting,
  SharingGroup,
  SharingMember,
  SharingCondition,
  ApprovalRule,
  ApprovalLevel,
  ApprovalDelegation,
  PendingChange,
  ApprovalDecision,
  BreakGlassEligibility,
  BreakGlassGrant,
  AuditEntry,
];

/** The catalogue of the built-in objects. Throws CatalogueInvalid when the classes contradict each other. */
export function builtinCatalogue(): Catalogue {
  return createCatalogue(builtinClasses.map(describeClass));
}
