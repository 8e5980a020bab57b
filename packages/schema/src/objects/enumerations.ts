import { enumeration } from '../catalogue/decorators';

/*
 * Value lists. One name means one list wherever it is used; the tables repeat each list in a CHECK constraint, and a test
 * holds the two together.
 */

export const region = enumeration('Region', ['EMEA', 'AMER', 'APAC', 'LATAM']);
export const segment = enumeration('Segment', ['ENTERPRISE', 'MID_MARKET', 'SMALL_BUSINESS', 'CONSUMER']);
export const accountStatus = enumeration('AccountStatus', ['ACTIVE', 'SUSPENDED', 'CLOSED']);
/** Where something that can be sold stands: products and packages share it. */
export const offerStatus = enumeration('OfferStatus', ['DRAFT', 'ACTIVE', 'RETIRED']);
export const priceModel = enumeration('PriceModel', ['FLAT', 'PER_UNIT', 'TIERED', 'VOLUME']);
export const contractStatus = enumeration('ContractStatus', ['DRAFT', 'ACTIVE', 'EXPIRED', 'TERMINATED']);
export const subscriptionStatus = enumeration('SubscriptionStatus', ['TRIAL', 'ACTIVE', 'PAUSED', 'CANCELLED']);
export const billingPeriod = enumeration('BillingPeriod', ['MONTH', 'QUARTER', 'YEAR']);
export const invoiceStatus = enumeration('InvoiceStatus', ['DRAFT', 'ISSUED', 'PAID', 'OVERDUE', 'VOID']);
export const paymentStatus = enumeration('PaymentStatus', ['PENDING', 'SETTLED', 'FAILED', 'REFUNDED']);
export const creditNoteStatus = enumeration('CreditNoteStatus', ['DRAFT', 'ISSUED', 'APPLIED', 'VOID']);

/** Whether a user or a client may sign in at all. */
export const signInStatus = enumeration('SignInStatus', ['ACTIVE', 'DISABLED']);
export const audience = enumeration('Audience', ['STAFF', 'PORTAL']);
export const permissionFieldAction = enumeration('PermissionFieldAction', ['SEE_MASKED', 'SEE_CLEAR', 'CHANGE']);
export const objectActionName = enumeration('ObjectActionName', ['CREATE', 'UPDATE', 'DELETE', 'EXPORT', 'APPROVE']);
export const effect = enumeration('Effect', ['ALLOW', 'DENY']);
export const sharingMode = enumeration('SharingMode', ['OPEN', 'GROUPS_ONLY']);
export const groupAccess = enumeration('GroupAccess', ['READ', 'READ_WRITE']);
export const pendingChangeStatus = enumeration('PendingChangeStatus', [
  'PENDING',
  'APPROVED',
  'REJECTED',
  'WITHDRAWN',
  'EXPIRED',
  'CONFLICTED',
  'APPLIED',
]);
/** OPEN also after its time is out, until that is written down: whether it counts is a matter of the moment. */
export const breakGlassStatus = enumeration('BreakGlassStatus', ['OPEN', 'ENDED', 'REVIEWED']);
export const decisionKind = enumeration('DecisionKind', ['APPROVE', 'REJECT', 'COMMENT']);
export const auditAction = enumeration('AuditAction', [
  'CREATE',
  'UPDATE',
  'DELETE',
  'SIGN_IN',
  'SIGN_IN_FAILED',
  'READ',
  'DENIED',
  'EXPORT',
  'PUBLISH',
  'SYSTEM',
]);
