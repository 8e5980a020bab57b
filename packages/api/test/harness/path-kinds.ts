import { aggregateName, type CatalogueMember, type CatalogueObject, groupableMembers } from '@countersign/schema';
import { aggregatePositions } from './aggregate-positions';

/** What a path is asked of: a member, its object, and the objects that lead there. */
export interface PathTo {
  readonly objects: readonly CatalogueObject[];
  readonly object: CatalogueObject;
  readonly member: CatalogueMember;
}

/**
 * A kind of type in the schema, and how a field can be reached through it.
 *
 * `roots` makes the root fields that use a member in every place that types of this kind offer; they have to be refused.
 * `selected` says that the member is selected there. `closedBy` names the test that closes a kind by other means.
 */
export interface PathKind {
  readonly name: string;
  /** Names of types; `<Object>` stands for any object of the catalogue. */
  readonly types: readonly string[];
  /** Fields besides members of the object; anything else in such a type is new, and fails. */
  readonly own: readonly string[];
  readonly roots?: (to: PathTo) => string[];
  readonly selected?: true;
  readonly closedBy?: { readonly file: string; readonly title: string };
}

const JOURNEYS = 'packages/api/test/journeys';
const by = (file: string, title: string) => ({ file: file.includes('/') ? file : `${JOURNEYS}/${file}`, title });

function filterOf(member: CatalogueMember): string {
  return member.kind === 'to-many' ? `{ ${member.name}: { some: {} } }` : `{ ${member.name}: { isNull: true } }`;
}

/** A filter in every place that takes one. */
function filtered({ objects, object, member }: PathTo): string[] {
  const where = filterOf(member);
  const through = objects.flatMap((from) =>
    from.members.flatMap((step) => {
      if (step.kind === 'field' || step.target !== object.name) return [];
      if (step.kind === 'to-one') return [`${from.plural}(where: { ${step.name}: ${where} }) { totalCount }`];
      return [
        `${from.plural}(where: { ${step.name}: { some: ${where} } }) { totalCount }`,
        `${from.plural}(where: { not: { ${step.name}: { none: ${where} } } }) { totalCount }`,
        `${from.plural} { nodes { ${step.name}(where: ${where}) { totalCount } } }`,
        `${from.plural} { nodes { ${aggregateName(step.name)}(where: ${where}) { groups { count } } } }`,
      ];
    }),
  );
  return [
    `${object.plural}(where: ${where}) { nodes { id } }`,
    `${object.plural}(where: { and: [{}, ${where}] }) { pageInfo { hasNextPage } }`,
    `${object.plural}(where: { or: [{ id: { isNull: true } }, ${where}] }) { edges { cursor } }`,
    `${object.plural}(where: { not: ${where} }) { totalCount }`,
    `${aggregateName(object.plural)}(where: ${where}) { groups { count } }`,
    ...through,
  ];
}

function sorted({ objects, object, member }: PathTo): string[] {
  if (member.kind !== 'field' || member.type.kind === 'json') return [];
  const by = `orderBy: [{ ${member.name}: DESC }]`;
  const nested = objects.flatMap((from) =>
    from.members.flatMap((step) =>
      step.kind === 'to-many' && step.target === object.name
        ? [`${from.plural} { nodes { ${step.name}(${by}) { totalCount } } }`]
        : [],
    ),
  );
  return [
    `${object.plural}(${by}) { totalCount }`,
    `${object.plural}(${by}, first: 1) { pageInfo { endCursor } }`,
    `${object.plural}(${by}, last: 1) { edges { cursor } }`,
    ...nested,
  ];
}

/** Figures of children and by a field of the parent, below and beside those of the object itself. */
function figured(to: PathTo): string[] {
  const own = aggregatePositions(to.object, to.member.name);
  if (to.member.kind !== 'field' || !groupableMembers(to.object).some(({ name }) => name === to.member.name))
    return own;
  const { name, type } = to.member;
  const group = type.kind === 'date' ? '{ by: MONTH }' : type.kind === 'timestamp' ? '{ by: YEAR }' : 'true';
  const parents = to.objects.flatMap((from) =>
    groupableMembers(from).flatMap((step) =>
      step.kind === 'to-one' && step.target === to.object.name && name !== 'id'
        ? [`${aggregateName(from.plural)}(groupBy: [{ ${step.name}: { ${name}: ${group} } }]) { groups { count } }`]
        : [],
    ),
  );
  return [...own, ...parents];
}

/** The one list of ways in which a field can be reached. Every type and argument of the schema belongs to one of them. */
export const PATH_KINDS: readonly PathKind[] = [
  { name: 'record', types: ['<Object>'], own: [], selected: true },
  {
    name: 'page',
    types: ['<Object>Connection', '<Object>Edge', 'PageInfo'],
    own: 'nodes edges pageInfo totalCount cursor node hasNextPage hasPreviousPage startCursor endCursor'.split(' '),
    selected: true,
  },
  {
    name: 'filter',
    types: ['<Object>Where', '<Object>ReferenceWhere', '<Object>ListWhere'],
    own: ['and', 'or', 'not', 'isNull', 'some', 'none'],
    roots: filtered,
  },
  { name: 'sort', types: ['<Object>OrderBy'], own: [], roots: sorted },
  {
    name: 'figures',
    types: [
      '',
      'Group',
      'Key',
      'ParentKey',
      'Counts',
      'Numbers',
      'Extremes',
      'GroupBy',
      'ParentGroupBy',
      'Having',
      'HavingCounts',
      'HavingNumbers',
      'HavingExtremes',
      'OrderBy',
      'OrderKey',
      'ParentOrderKey',
      'OrderCounts',
      'OrderNumbers',
      'OrderExtremes',
    ].map((end) => `<Object>Aggregate${end}`),
    own: ['groups', 'hasMore', 'key', 'count', 'countDistinct', 'sum', 'avg', 'min', 'max', 'and', 'or', 'not'],
    roots: figured,
  },
  {
    name: 'comparison',
    types: ['<Type>Filter', 'DayGrouping', 'InstantGrouping'],
    own: 'eq ne in lt lte gt gte contains startsWith isNull by timeZone'.split(' '),
    closedBy: by(
      'side-doors.test.ts',
      'what is not readable is refused in filters, sorts and figures, by literal, by variable and by default',
    ),
  },
  {
    name: 'payload',
    types: [
      'Create<Object>Payload',
      'Update<Object>Payload',
      'Delete<Object>Payload',
      'ChangeSetPayload',
      'ChangedRecord',
      'UserError',
    ],
    own: 'pendingChange userErrors records object id version code field message withheld'.split(' '),
    closedBy: by('side-doors.test.ts', 'a mutation answers nothing that a query would not'),
  },
  {
    name: 'values to write',
    types: [
      '<Object>CreateInput',
      '<Object>UpdateInput',
      'Create<Object>Change',
      'Update<Object>Change',
      'Delete<Object>Change',
      'ChangeInput',
    ],
    own: ['as', 'id', 'expectedVersion', 'input'],
    closedBy: by(
      'side-doors.test.ts',
      'a field that may not be changed is refused before anything about it is looked at',
    ),
  },
  {
    name: 'verb',
    types: ['Query', 'Mutation', 'Viewer', 'NamedRole', 'NamedGroup', 'FieldRights', 'Permission'],
    own: ['*'],
    closedBy: by('side-doors.test.ts', 'what one may do, explanations, manifests and the schema hold no value'),
  },
  {
    name: 'explanation',
    types: [
      'DecisionExplanation',
      'DecidingRule',
      'MissingGrant',
      'RowScopeExplanation',
      'ExplainDecisionInput',
      'OperationExplanation',
      'ExplainedProblem',
      'ExplainedRoot',
      'ExplainedUse',
      'ExplainedRefusal',
      'ExplainOperationInput',
      'CellRuleExplanation',
      'ExplainedCellRule',
    ],
    own: ['*'],
    closedBy: by('side-doors.test.ts', 'what one may do, explanations, manifests and the schema hold no value'),
  },
  {
    name: 'audit log',
    types: [
      'AuditTracePage',
      'AuditTrace',
      'AuditedChange',
      'AuditSearchInput',
      'AuditReadingPage',
      'AuditReading',
      'AuditHead',
      'AuditInclusionProof',
      'AuditConsistencyProof',
    ],
    own: ['*'],
    closedBy: by('side-doors.test.ts', 'the audit log shows no value of a field that one may not read'),
  },
  {
    name: 'queue',
    types: [
      'SubscriptionRoot',
      'PendingChangeUpdate',
      'HeldChange',
      'SubmissionInput',
      'DecisionPayload',
      'DecideInput',
      'CommentInput',
      'WithdrawInput',
      'PendingChangeView',
      'PendingChangeSummary',
      'PendingItemView',
      'PendingField',
      'PendingRequirement',
      'PendingDecision',
      'PendingChangeImpact',
      'NextInvoiceDelta',
      'HiddenImpact',
    ],
    own: ['*'],
    closedBy: by(
      'packages/api/test/approvals/seen-by-rights.test.ts',
      'the queue shows a value only to those who see the field of that record in the clear',
    ),
  },
  {
    name: 'break-glass',
    types: ['BreakGlassOffer', 'BreakGlassView', 'OpenBreakGlassInput', 'ReviewBreakGlassInput'],
    own: ['*'],
    closedBy: by(
      'packages/api/test/approvals/break-glass.test.ts',
      'the next one waits until another person has reviewed the last',
    ),
  },
  {
    name: 'sign-in',
    types: ['SignInPayload', 'SignInInput', 'PasswordPayload', 'ChangePasswordInput', 'SetPasswordInput'],
    own: ['*'],
    closedBy: by('passwords.test.ts', ''),
  },
];

/** Arguments, by name; what a new one means has to be thought of before it is served. */
export const ARGUMENTS =
  'id where orderBy first after last before groupBy having input expectedVersion changes object action field entryId treeSize fromSize toSize box submission'.split(
    ' ',
  );

/** The kind that a type belongs to, with its object where it has one; undefined for one that nobody thought of. */
export function kindOf(
  type: string,
  objects: readonly CatalogueObject[],
): { kind: PathKind; object?: CatalogueObject } | undefined {
  for (const kind of PATH_KINDS) {
    for (const pattern of kind.types) {
      if (pattern === type) return { kind };
      const object = objects.find(
        ({ name }) => pattern.replace('<Object>', name) === type && pattern.includes('<Object>'),
      );
      if (object) return { kind, object };
      if (pattern.includes('<Type>') && new RegExp(`^${pattern.replace('<Type>', '[A-Z]\\w+')}$`).test(type))
        return { kind };
    }
  }
  return undefined;
}
