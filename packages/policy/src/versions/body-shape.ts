/*
 * The shape of a policy body: which keys, which kinds of values. A body comes out of a database, so nothing is taken on
 * trust here, not even its types.
 */

type Check = (where: string, value: unknown) => string[];

const DEEPEST_CONDITION = 32;

const isText: Check = (where, value) =>
  typeof value === 'string' && value !== '' ? [] : [`${where} must be a text that is not empty`];

const isOneOf =
  (...allowed: readonly string[]): Check =>
  (where, value) =>
    typeof value === 'string' && allowed.includes(value)
      ? []
      : [`${where} is ${shown(value)}; it must be ${allowed.join(' or ')}`];

const isListOf =
  (check: Check): Check =>
  (where, value) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => check(`${where}[${index}]`, item))
      : [`${where} must be a list`];

const isRecordOf =
  (keys: Readonly<Record<string, Check>>): Check =>
  (where, value) => {
    if (!isPlain(value)) return [`${where} must be an object`];
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(keys, key));
    return [
      ...unknown.map((key) => `${where} has the unknown key ${shown(key)}`),
      ...Object.entries(keys).flatMap(([key, check]) => check(`${where}.${key}`, ownValue(value, key))),
    ];
  };

const isJson =
  (depth = 0): Check =>
  (where, value) => {
    if (depth > DEEPEST_CONDITION) return [`${where} is nested too deeply`];
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return [];
    if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${where} is not a number that JSON can hold`];
    if (Array.isArray(value)) return isListOf(isJson(depth + 1))(where, value);
    if (!isPlain(value)) return [`${where} is not a value that JSON can hold`];
    return Object.entries(value).flatMap(([key, inner]) => isJson(depth + 1)(`${where}.${key}`, inner));
  };

const isWhole: Check = (where, value) => (Number.isSafeInteger(value) ? [] : [`${where} must be a whole number`]);

const orNull =
  (check: Check): Check =>
  (where, value) =>
    value === null ? [] : check(where, value);

/** A key that bodies of earlier versions do not have. */
const orMissing =
  (check: Check): Check =>
  (where, value) =>
    value === undefined ? [] : check(where, value);

const isApprover: Check = (where, value) => {
  const kind = isPlain(value) ? ownValue(value, 'kind') : undefined;
  const isKind = isOneOf('role', 'person', 'path');
  if (kind === 'role') return isRecordOf({ kind: isKind, role: isText })(where, value);
  if (kind === 'person') return isRecordOf({ kind: isKind, person: isText })(where, value);
  if (kind === 'path') return isRecordOf({ kind: isKind, path: isListOf(isText) })(where, value);
  return isPlain(value) ? isKind(`${where}.kind`, kind) : [`${where} must be an object`];
};

const isApprovalRule = isRecordOf({
  id: isText,
  name: isText,
  objects: isListOf(isText),
  actions: isListOf(isOneOf('create', 'update', 'delete')),
  fields: orNull(isListOf(isText)),
  trigger: isJson(),
  windowHours: orNull(isWhole),
  levels: isListOf(
    isRecordOf({
      id: isText,
      level: isWhole,
      approver: isApprover,
      quorum: (where, value) => (value === 'all' ? [] : isWhole(where, value)),
      timeoutHours: orNull(isWhole),
      escalateTo: orNull(isText),
    }),
  ),
  reviewers: orMissing(isText),
  revealsHiddenTotals: orMissing((where, value) => (value === true ? [] : [`${where} must be true or missing`])),
});

const isBody = isRecordOf({
  catalogueRevision: isText,
  roles: isListOf(isRecordOf({ name: isText, inherits: isListOf(isText) })),
  lines: isListOf(
    isRecordOf({
      id: isText,
      role: isText,
      object: isText,
      field: isText,
      action: isText,
      // Casbin takes a misspelt deny for no line at all.
      effect: isOneOf('allow', 'deny'),
    }),
  ),
  sharing: isListOf(isRecordOf({ object: isText, sharing: isOneOf('open', 'groups-only') })),
  groups: isListOf(
    isRecordOf({
      id: isText,
      name: isText,
      access: isOneOf('read', 'read-write'),
      conditions: isListOf(isRecordOf({ object: isText, condition: isJson() })),
    }),
  ),
  approvalRules: orMissing(isListOf(isApprovalRule)),
  cellRules: isListOf(isRecordOf({ id: isText, role: isText, object: isText, field: isText, condition: isJson() })),
});

/** What keeps a value from being a policy body by its shape alone: missing or unknown keys, wrong kinds of values. */
export function shapeProblems(value: unknown): string[] {
  return isBody('policy', value);
}

/** A value as a message may show it: quoted, and never long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function ownValue(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
