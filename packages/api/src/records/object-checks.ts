import type { RecordImage } from '../database/record-image';

/** What must hold between the members of one record. The tables hold the same in CHECK constraints. */
export interface ObjectCheck {
  /** The members that it speaks about; the first one that the caller set is named in the answer. */
  readonly members: readonly string[];
  readonly holds: (image: RecordImage) => boolean;
  readonly message: string;
}

const given = (image: RecordImage, members: readonly string[]) => members.filter((name) => image[name] !== null).length;

/** Dates and instants compare as text, because they have one text form. */
function notBefore(later: string, earlier: string, message: string): ObjectCheck {
  return {
    members: [later, earlier],
    holds: (image) =>
      image[later] === null || image[earlier] === null || String(image[later]) >= String(image[earlier]),
    message,
  };
}

function exactlyOne(members: readonly string[], message: string): ObjectCheck {
  return { members, holds: (image) => given(image, members) === 1, message };
}

function atLeastOne(members: readonly string[], message: string): ObjectCheck {
  return { members, holds: (image) => given(image, members) >= 1, message };
}

function notItself(member: string, message: string): ObjectCheck {
  return { members: [member], holds: (image) => image[member] !== image.id, message };
}

const CHECKS: Readonly<Record<string, readonly ObjectCheck[]>> = {
  Person: [notItself('manager', 'A person cannot report to themselves.')],
  Account: [notItself('parent', 'An account cannot belong to itself.')],
  Price: [
    atLeastOne(['product', 'package'], 'A price needs a product or a package.'),
    {
      members: ['amount', 'tiers', 'model'],
      holds: (image) => image[image.model === 'FLAT' || image.model === 'PER_UNIT' ? 'amount' : 'tiers'] !== null,
      message: 'A flat or per-unit price needs an amount, a tiered or volume price needs tiers.',
    },
    notBefore('effectiveTo', 'effectiveFrom', 'The last day must not be before the first.'),
  ],
  Contract: [notBefore('endsOn', 'startsOn', 'The last day must not be before the first.')],
  ContractRate: [
    atLeastOne(['product', 'rateClass'], 'A rate needs a product or a rate class.'),
    notBefore('effectiveTo', 'effectiveFrom', 'The last day must not be before the first.'),
    {
      members: ['discountPercent'],
      holds: ({ discountPercent }) => discountPercent === null || Number(discountPercent) <= 100,
      message: 'This must be at most 100.',
    },
  ],
  Subscription: [
    exactlyOne(['product', 'package'], 'A subscription is to one product or to one package.'),
    notBefore('endsOn', 'startsOn', 'The last day must not be before the first.'),
  ],
  Invoice: [notBefore('dueOn', 'issuedOn', 'An invoice cannot be due before it is issued.')],
  RoleInheritance: [
    {
      members: ['inherits', 'role'],
      holds: (image) => image.role !== image.inherits,
      message: 'A role cannot inherit itself.',
    },
  ],
  RoleAssignment: [
    exactlyOne(['user', 'client'], 'A role is given to one user or to one client.'),
    {
      members: ['validUntil', 'validFrom'],
      holds: ({ validFrom, validUntil }) =>
        validFrom === null || validUntil === null || String(validUntil) > String(validFrom),
      message: 'The end must be after the beginning.',
    },
  ],
  ApprovalLevel: [
    exactlyOne(['approverRole', 'approverPerson', 'approverPath'], 'A level asks one role, one person or one path.'),
    {
      members: ['escalationRole', 'timeoutHours'],
      holds: ({ escalationRole, timeoutHours }) => escalationRole === null || timeoutHours !== null,
      message: 'Others can sign as well only after a time that is set.',
    },
  ],
  ApprovalDelegation: [
    {
      members: ['delegate', 'absentPerson'],
      holds: (image) => image.delegate !== image.absentPerson,
      message: 'Nobody signs for themselves.',
    },
    {
      members: ['validUntil', 'validFrom'],
      holds: ({ validFrom, validUntil }) => String(validUntil) > String(validFrom),
      message: 'The end must be after the beginning.',
    },
  ],
  SharingMember: [exactlyOne(['user', 'role', 'client'], 'A member is one user, one role or one client.')],
};

/** A member and all those that some check compares it with. */
export function checkedTogether(object: string, member: string): string[] {
  const checks = (CHECKS[object] ?? []).filter(({ members }) => members.includes(member));
  return [...new Set([member, ...checks.flatMap(({ members }) => members)])];
}

/** The checks of an object that its image fails. */
export function failedChecks(object: string, image: RecordImage): ObjectCheck[] {
  return (CHECKS[object] ?? []).filter((check) => !check.holds(image));
}
