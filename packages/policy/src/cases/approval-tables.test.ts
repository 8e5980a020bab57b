import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApprovalRule } from '../approvals/approval-rule';
import type { Requirement, Signature } from '../approvals/chain';
import { checkApprovalRules } from '../approvals/check-approval-rules';
import { ruleHolds } from '../approvals/rule-holds';
import { settleChain } from '../approvals/settle-chain';
import type { ConditionRecord } from '../rows/evaluate-condition';
import { approvalCatalogue } from './approval-catalogue';

/*
 * Decision tables about approvals. A table of rules gives changes of one object (no `before`: a create; no `after`: a
 * delete; `start`: the record when the window began, null if there was none, absent if nobody knows) and the rules that
 * each waits for. A table of chains gives what is asked as "level key quorum of people", signatures as "level person" or
 * "level person for somebody", and how far that leads.
 */
interface RuleTable {
  readonly promise: string;
  readonly object: string;
  readonly rules: Readonly<Record<string, Partial<ApprovalRule>>>;
  /** Id of an account -> its region. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly start?: ConditionRecord | null;
    readonly before?: ConditionRecord;
    readonly after?: ConditionRecord;
    readonly waitsFor: readonly string[];
  }[];
}

interface ChainTable {
  readonly promise: string;
  readonly chains: Readonly<Record<string, ChainCases>>;
}

interface ChainCases {
  readonly asked: readonly string[];
  readonly cases: readonly {
    readonly signed: readonly string[];
    readonly current: number | null;
    readonly given: string;
    readonly hopeless?: readonly string[];
  }[];
}

const folder = join(__dirname, 'approvals');
const tables = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const ruleTables: readonly RuleTable[] = tables.filter((table) => 'rules' in table);
const chainTables: readonly ChainTable[] = tables.filter((table) => 'chains' in table);
const catalogue = approvalCatalogue();

test('there are decision tables to check, of rules and of chains', () => {
  expect([ruleTables.length, chainTables.length]).toEqual([3, 1]);
});

test.each(ruleTables.map((table) => [table.promise, table] as const))('%s', (_, table) => {
  const rules = Object.entries(table.rules).map(([name, given]): ApprovalRule => ruleOf(name, table.object, given));
  expect(checkApprovalRules(catalogue, ['checker'], rules)).toEqual([]);
  const related = (_: string, record: ConditionRecord) => {
    const region = table.accounts?.[String(record.account)];
    return region === undefined ? null : { id: record.account, region };
  };
  for (const { before, after, start, waitsFor } of table.cases) {
    const verb = before ? (after ? 'update' : 'delete') : 'create';
    const image = (record: ConditionRecord | undefined) => (record ? { ...blank(table.object), ...record } : null);
    const windowStart = () => (start === undefined ? undefined : image(start ?? undefined));
    const change = { object: table.object, verb, id: 'id', before: image(before), after: image(after) } as const;
    const waiting = rules.filter((rule) => ruleHolds(catalogue, rule, change, { related, windowStart }));
    expect({ before, after, start, waitsFor: waiting.map(({ name }) => name) }).toEqual({
      before,
      after,
      start,
      waitsFor,
    });
  }
});

const chains = chainTables.flatMap(({ promise, chains: named }) =>
  Object.entries(named).map(([name, chain]) => [`${promise}: ${name}`, chain] as const),
);

test.each(chains)('%s', (_, { asked, cases }) => {
  const requirements = asked.map(requirementOf);
  for (const { signed, current, given, hopeless = [] } of cases) {
    const state = settleChain(requirements, signed.map(signatureOf));
    const states = state.levels.flatMap((level) => level.requirements);
    expect({
      signed,
      current: state.current,
      given: states.map((one) => `${one.key} ${one.given}/${one.needed}`).sort(),
      hopeless: state.hopeless.map(({ key, reason }) => `${key} ${reason}`),
    }).toEqual({ signed, current, given: given.split(', ').sort(), hopeless });
    expect(state.complete).toBe(current === null);
  }
});

function ruleOf(name: string, object: string, given: Partial<ApprovalRule>): ApprovalRule {
  const approver = { kind: 'role', role: 'checker' } as const;
  const level = { id: `level of ${name}`, level: 1, approver, quorum: 1, timeoutHours: null, escalateTo: null };
  const rest = { actions: [], fields: null, trigger: null, windowHours: null, levels: [level] };
  return { id: name, name, objects: [object], ...rest, ...given };
}

function blank(object: string): ConditionRecord {
  const members = catalogue.objects.get(object)!.members.filter(({ kind }) => kind !== 'to-many');
  return Object.fromEntries(members.map(({ name }) => [name, null]));
}

function requirementOf(text: string): Requirement {
  const [, level, key, quorum, people] = /^(\d) (\w+) (\w+) of (.*)$/.exec(text)!;
  return {
    key: key!,
    ruleId: 'rule',
    ruleName: 'Rule',
    level: Number(level),
    quorum: quorum === 'all' ? 'all' : Number(quorum),
    eligible: new Set(people!.split(',').filter((person) => person !== '')),
  };
}

function signatureOf(text: string): Signature {
  const [, level, person, onBehalfOf] = /^(\d) (\w+)(?: for (\w+))?$/.exec(text)!;
  return { level: Number(level), person: person!, onBehalfOf: onBehalfOf ?? null };
}
