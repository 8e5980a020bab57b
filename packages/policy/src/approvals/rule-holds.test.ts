import { approvalCatalogue } from '../cases/approval-catalogue';
import type { ConditionRecord } from '../rows/evaluate-condition';
import type { ApprovalRule, GatedAction } from './approval-rule';
import { type ChangeUnderReview, touchedMembers } from './change-under-review';
import { ruleCovers, ruleHolds } from './rule-holds';

const catalogue = approvalCatalogue();
const ID = '6f0c1a52-8f1e-4d6b-9c1e-000000000001';
const account: ConditionRecord = {
  id: ID,
  version: 3,
  name: 'Ambercroft',
  region: 'EMEA',
  creditLimit: '1000.00',
  owner: null,
  seller: null,
};
const rule = (changed: Partial<ApprovalRule>): ApprovalRule => ({
  id: 'rule',
  name: 'Credit limits',
  objects: ['Account'],
  actions: ['update'],
  fields: null,
  trigger: null,
  windowHours: null,
  levels: [],
  ...changed,
});
const update = (before: ConditionRecord, after: ConditionRecord): ChangeUnderReview => ({
  object: 'Account',
  verb: 'update',
  id: ID,
  before: { ...account, ...before },
  after: { ...account, ...after },
});
const created: ChangeUnderReview = { object: 'Account', verb: 'create', id: ID, before: null, after: account };
const deleted: ChangeUnderReview = { object: 'Account', verb: 'delete', id: ID, before: account, after: null };
const nothingToLoad = () => {
  throw new Error('nothing is loaded');
};
const noWindow = () => {
  throw new Error('no window is asked for');
};
const holds = (
  wanted: ApprovalRule,
  change: ChangeUnderReview,
  windowStart: (hours: number) => ConditionRecord | null | undefined = noWindow,
) => ruleHolds(catalogue, wanted, change, { related: nothingToLoad, windowStart });

const RISE = { percentIncrease: { creditLimit: { gt: '10' } } };

describe('a rule', () => {
  test.each<[actions: GatedAction[], gated: GatedAction[]]>([
    [['update'], ['create', 'update', 'delete']],
    [['create'], ['create']],
    [['delete'], ['delete']],
    [
      ['create', 'delete'],
      ['create', 'delete'],
    ],
  ])('on %j gates %j', (actions, gated) => {
    const wanted = rule({ actions });
    const changes = [created, update({}, { name: 'x' }), deleted];
    expect(changes.filter((change) => holds(wanted, change)).map(({ verb }) => verb)).toEqual(gated);
    expect(changes.filter((change) => ruleCovers(wanted, change)).map(({ verb }) => verb)).toEqual(gated);
  });

  test('gates the objects that it names and no others', () => {
    expect(holds(rule({ objects: ['Price'] }), deleted)).toBe(false);
    expect(holds(rule({ objects: ['Price', 'Account'] }), deleted)).toBe(true);
  });

  test('speaks of the fields that it names, all of which a create and a delete touch', () => {
    const limits = rule({ fields: ['creditLimit', 'region'] });
    expect(holds(limits, update({}, { name: 'x' }))).toBe(false);
    expect(holds(limits, update({}, { region: 'APAC' }))).toBe(true);
    expect(holds(limits, update({}, { creditLimit: '1000.0' }))).toBe(false);
    expect(holds(limits, created)).toBe(true);
    expect(holds(limits, deleted)).toBe(true);
  });

  test('holds for a field that the catalogue no longer knows, and for a trigger that cannot be read', () => {
    expect(holds(rule({ fields: ['limit'] }), update({}, { name: 'x' }))).toBe(true);
    expect(holds(rule({ trigger: { changed: ['limit'] } }), update({}, { name: 'x' }))).toBe(true);
    expect(holds(rule({ trigger: { changed: ['limit'] }, fields: ['region'] }), update({}, { name: 'x' }))).toBe(false);
  });

  test('on an object that the catalogue does not know is a defect of the caller, not a trigger that cannot be read', () => {
    const gone = rule({ objects: ['Gone'], trigger: { changed: ['name'] } });
    expect(() => holds(gone, { ...deleted, object: 'Gone' })).toThrow('No object Gone');
  });

  test('asks its trigger as well as its fields', () => {
    const wanted = rule({ fields: ['creditLimit'], trigger: RISE });
    expect(holds(wanted, update({}, { creditLimit: '1100.00' }))).toBe(false);
    expect(holds(wanted, update({}, { creditLimit: '1100.01' }))).toBe(true);
    expect(holds(wanted, update({}, { creditLimit: '500.00' }))).toBe(false);
    expect(holds(wanted, update({ creditLimit: '0.00' }, { creditLimit: '1.00' }))).toBe(true);
    expect(holds(wanted, update({ creditLimit: null }, { creditLimit: '1.00' }))).toBe(true);
    expect(holds(wanted, created)).toBe(true);
    expect(holds(wanted, deleted)).toBe(true);
    expect(holds(rule({ trigger: { after: { owner: { fullName: { eq: 'x' } } } } }), update({}, {}))).toBe(true);
  });
});

describe('a rule with a window', () => {
  const windowed = rule({ trigger: RISE, windowHours: 24 });
  const step = update({ creditLimit: '1080.00' }, { creditLimit: '1160.00' });

  test('judges many small steps as one large one, from the record as it was when the window began', () => {
    const asked: number[] = [];
    const start = (hours: number) => {
      asked.push(hours);
      return account;
    };
    expect(holds(rule({ trigger: RISE }), step)).toBe(false);
    expect(holds(windowed, step, start)).toBe(true);
    expect(holds(windowed, step, () => ({ ...account, creditLimit: '1080.00' }))).toBe(false);
    expect(asked).toEqual([24]);
  });

  test('still holds what is large by itself, whatever the window says', () => {
    expect(
      holds(windowed, update({}, { creditLimit: '2000.00' }), () => ({ ...account, creditLimit: '2000.00' })),
    ).toBe(true);
  });

  test('holds when nobody knows the record at that time, and when it did not exist then', () => {
    expect(holds(windowed, step, () => undefined)).toBe(true);
    expect(holds(windowed, step, () => null)).toBe(true);
    expect(holds({ ...windowed, fields: ['creditLimit'] }, step, () => null)).toBe(true);
  });

  test('does not hold a change of something else because of what was agreed within the window', () => {
    const rename = update({ creditLimit: '1160.00' }, { creditLimit: '1160.00', name: 'x' });
    expect(holds(windowed, rename)).toBe(false);
    expect(holds({ ...windowed, fields: ['creditLimit'] }, rename)).toBe(false);
    // A field that the rule names is spoken of, though its trigger does not read it.
    expect(holds({ ...windowed, fields: ['name'] }, rename, () => account)).toBe(true);
  });

  test('sees the last of several steps that meet the trigger only together', () => {
    const active = rule({
      fields: ['creditLimit'],
      trigger: { and: [RISE, { after: { region: { eq: 'APAC' } } }] },
      windowHours: 24,
    });
    const raise = update({}, { creditLimit: '9000.00' });
    const move = update({ creditLimit: '9000.00' }, { creditLimit: '9000.00', region: 'APAC' });
    expect(holds(active, raise, () => account)).toBe(false);
    expect(holds(active, move, () => account)).toBe(true);
    expect(holds(active, move, () => ({ ...account, creditLimit: '9000.00' }))).toBe(false);
  });

  test('counts a trigger that cannot be read as one that speaks of everything', () => {
    const unreadable = rule({ fields: ['creditLimit'], trigger: { changed: ['limit'] }, windowHours: 1 });
    expect(holds(unreadable, update({}, { name: 'x' }), () => ({ ...account, creditLimit: '1.00' }))).toBe(true);
    expect(holds(unreadable, update({}, { name: 'x' }), () => account)).toBe(false);
  });
});

describe('what a change touches', () => {
  const touched = (change: ChangeUnderReview) => touchedMembers(catalogue, change);
  const all = ['id', 'version', 'name', 'region', 'creditLimit', 'owner', 'seller'];

  test('is what differs, null being a value', () => {
    expect(touched(update({}, {}))).toEqual([]);
    expect(touched(update({ name: null }, { name: '', version: 4 }))).toEqual(['version', 'name']);
    expect(touched(update({ owner: ID }, { owner: ID.toUpperCase() }))).toEqual([]);
    expect(touched(update({ owner: ID }, { owner: null, creditLimit: '1000' }))).toEqual(['owner']);
  });

  test('is everything for a create, a delete, and where an image is missing', () => {
    expect(touched(created)).toEqual(all);
    expect(touched(deleted)).toEqual(all);
    expect(touched({ ...update({}, {}), before: null })).toEqual(all);
    expect(touched({ ...update({}, {}), after: null })).toEqual(all);
    expect(touched({ ...update({}, {}), verb: 'create' })).toEqual(all);
    expect(touched({ ...update({}, {}), verb: 'delete' })).toEqual(all);
  });

  test('is also what cannot be compared: a value that is missing, or not of its type', () => {
    expect(touched(update({ name: undefined }, {}))).toEqual(['name']);
    expect(touched(update({}, { name: undefined }))).toEqual(['name']);
    expect(touched(update({ name: undefined }, { name: undefined }))).toEqual(['name']);
    expect(touched(update({ creditLimit: 'much' }, { creditLimit: 'much' }))).toEqual(['creditLimit']);
    expect(touched(update({ owner: 7 }, { owner: 7 }))).toEqual(['owner']);
    // JSON values are never of another type, so only their absence tells.
    const price = { id: ID, version: 1, amount: null, units: null, currency: null, validFrom: null, signedAt: null };
    const unread = { ...price, source: null, account: null };
    expect(touched({ object: 'Price', verb: 'update', id: ID, before: unread, after: unread })).toEqual(['terms']);
  });
});
