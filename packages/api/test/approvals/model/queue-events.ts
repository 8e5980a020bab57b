import * as fc from 'fast-check';
import { HOUR, type ModelChange, type ModelLevel, QueueModel } from './queue-model';
import { FIRST_ROLES, PEOPLE, type RealQueue, ROLES } from './real-queue';

/** What may happen. Numbers name people, changes, rules and the like by their place among those that there are. */
export type QueueEvent =
  | {
      readonly kind: 'submit';
      readonly who: number;
      readonly price: number;
      readonly big: boolean;
      readonly due: number;
    }
  | { readonly kind: 'edit'; readonly who: number | null; readonly change: number; readonly big: boolean }
  | {
      readonly kind: 'decide';
      readonly who: number;
      readonly behalf: number | null;
      readonly change: number;
      readonly reject: boolean;
      /** Whether somebody is taken who may sign, if there is anybody. */
      readonly fit: boolean;
    }
  | { readonly kind: 'withdraw'; readonly who: number | null; readonly change: number }
  | { readonly kind: 'role'; readonly who: number; readonly role: number }
  | { readonly kind: 'able'; readonly who: number }
  | { readonly kind: 'delegate'; readonly who: number; readonly to: number; readonly hours: number }
  | { readonly kind: 'undelegate'; readonly delegation: number }
  | { readonly kind: 'rule'; readonly big: boolean; readonly levels: readonly LevelShape[] }
  | { readonly kind: 'change rule'; readonly rule: number; readonly level: number; readonly to: LevelShape }
  | { readonly kind: 'remove rule'; readonly rule: number }
  | { readonly kind: 'pass'; readonly hours: number }
  | { readonly kind: 'apply'; readonly change: number };

interface LevelShape {
  readonly same: boolean;
  readonly approver: number;
  readonly quorum: number;
  readonly timeout: number;
  readonly escalate: number;
}

const n = (most: number) => fc.nat({ max: most - 1 });
const who = n(PEOPLE.length);
const level: fc.Arbitrary<LevelShape> = fc.record({
  same: fc.boolean(),
  approver: n(5),
  quorum: n(6),
  timeout: n(6),
  escalate: n(5),
});
const kind = <K extends QueueEvent['kind']>(name: K, rest: object) =>
  fc.record({ kind: fc.constant(name), ...rest } as never) as unknown as fc.Arbitrary<QueueEvent>;

export const queueEvent: fc.Arbitrary<QueueEvent> = fc.oneof(
  { weight: 8, arbitrary: kind('submit', { who, price: n(2), big: fc.boolean(), due: n(8) }) },
  { weight: 1, arbitrary: kind('edit', { who: fc.option(who, { freq: 4 }), change: n(4), big: fc.boolean() }) },
  {
    weight: 28,
    arbitrary: kind('decide', {
      who,
      behalf: fc.option(who, { freq: 2 }),
      change: n(4),
      reject: n(20).map((one) => one === 0),
      fit: n(4).map((one) => one !== 0),
    }),
  },
  { weight: 2, arbitrary: kind('withdraw', { who: fc.option(who), change: n(4) }) },
  { weight: 4, arbitrary: kind('role', { who, role: n(ROLES.length) }) },
  { weight: 5, arbitrary: kind('able', { who }) },
  { weight: 4, arbitrary: kind('delegate', { who, to: who, hours: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: kind('undelegate', { delegation: n(3) }) },
  {
    weight: 4,
    arbitrary: kind('rule', { big: fc.boolean(), levels: fc.array(level, { minLength: 1, maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: kind('change rule', { rule: n(3), level: n(3), to: level }) },
  { weight: 2, arbitrary: kind('remove rule', { rule: n(3) }) },
  { weight: 3, arbitrary: kind('pass', { hours: n(4) }) },
  { weight: 1, arbitrary: kind('apply', { change: n(4) }) },
);

const MOST_RULES = 2;
const MOST_OPEN = 4;

/** One history: the model and the gateway go through the same events and must stand alike after each. */
export class History {
  readonly model = new QueueModel();
  private readonly ids = new Map<ModelChange, string>();
  private prices: string[] = [];
  private amounts = 0n;
  /** How many events did something. */
  happened = 0;

  constructor(private readonly real: RealQueue) {}

  async begin(): Promise<void> {
    const { now, prices } = await this.real.reset(2);
    this.prices = prices;
    this.model.now = now;
    for (const name of PEOPLE) this.model.able.add(name);
    for (const [role, holders] of Object.entries(FIRST_ROLES)) this.model.roles.set(role, new Set(holders));
    for (const _ of prices) {
      this.model.prices.push(100_000_000n);
      this.model.versions.push(1);
    }
    this.model.rules.push(await this.real.addRule({ big: false, levels: levelsOf(FIRST_LEVELS) }));
  }

  /** Lets something happen. Throws when the gateway answers, or stands, other than the model says. */
  async step(event: QueueEvent): Promise<void> {
    this.model.now = this.real.tick(event.kind === 'pass' ? 1_000 + event.hours * HOUR : 1_000);
    const answers = await this.happen(event);
    if (answers === null) return;
    this.happened += 1;
    expect({ event, answer: answers.real }).toEqual({ event, answer: answers.model });
    this.model.pass();
    await this.real.pass();
    const standings = await this.real.standings([...this.ids.values()]);
    for (const [{ status, revision, level }, id] of this.ids) {
      expect({ event, id, ...standings.get(id) }).toEqual({ event, id, status, revision, level });
    }
    // One entry of the log for each version: nothing is applied twice.
    const expected = this.model.prices.map((amount, at) => {
      const version = this.model.versions[at]!;
      return { version, amount: written(amount), entries: version };
    });
    expect({ event, prices: await this.real.prices(this.prices) }).toEqual({ event, prices: expected });
  }

  private async happen(event: QueueEvent): Promise<{ model: unknown; real: unknown } | null> {
    const { model, real } = this;
    switch (event.kind) {
      case 'submit':
        return model.open.length >= MOST_OPEN ? null : this.submit(event);
      case 'edit':
        return this.withChange(event.change, (change, id) => this.edit(change, id, event));
      case 'decide':
        return this.withChange(event.change, async (change, id) => {
          const decision = event.reject ? 'REJECT' : 'APPROVE';
          const [person, behalf] = this.whoDecides(change, event, decision);
          if (person === behalf) return null;
          const { revision, maker } = change;
          const answer = await real.decide(person, { id, revision, maker }, decision, behalf);
          return { model: model.decide(change, person, behalf, decision), real: answer };
        });
      case 'withdraw':
        return this.withChange(event.change, async (change, id) => {
          const by = event.who === null ? change.maker : PEOPLE[event.who]!;
          return { real: await real.withdraw(by, id), model: model.withdraw(change, by) };
        });
      case 'role': {
        const [person, role] = [this.whoIsHit(event.who), ROLES[event.role]!];
        const holders = model.roles.get(role)!;
        await real.setRole(person, role, !holders.has(person));
        if (!holders.delete(person)) holders.add(person);
        return DONE;
      }
      case 'able': {
        // Who is unable becomes able again before anybody else is made unable.
        const unable = PEOPLE.find((name) => !model.able.has(name));
        const person = unable ?? this.whoIsHit(event.who);
        await real.setAble(person, !model.able.has(person));
        if (!model.able.delete(person)) model.able.add(person);
        return DONE;
      }
      case 'delegate': {
        const [absent, delegate] = [PEOPLE[event.who]!, PEOPLE[event.to]!];
        if (absent === delegate || model.delegates(delegate, absent)) return null;
        await real.delegate(absent, delegate, event.hours);
        model.delegations.push({ absent, delegate, from: model.now, until: model.now + event.hours * HOUR });
        return DONE;
      }
      case 'undelegate': {
        const found = model.delegations[event.delegation];
        if (!found) return null;
        await real.endDelegation(found.absent, found.delegate);
        const left = model.delegations.filter((one) => one.absent !== found.absent || one.delegate !== found.delegate);
        model.delegations.splice(0, model.delegations.length, ...left);
        return DONE;
      }
      case 'rule': {
        if (model.rules.length >= MOST_RULES) return null;
        model.rules.push(await real.addRule({ big: event.big, levels: levelsOf(event.levels) }));
        return DONE;
      }
      case 'change rule': {
        const rule = model.rules[event.rule];
        const old = rule?.levels[event.level];
        if (!rule || !old) return null;
        const next = { ...shaped(event.to, old.level), timeout: old.timeout, escalate: old.escalate, key: old.key };
        await real.changeLevel(next);
        const levels = rule.levels.map((one) => (one === old ? next : one));
        model.rules.splice(event.rule, 1, { ...rule, levels });
        return DONE;
      }
      case 'remove rule': {
        const [rule] = model.rules.splice(event.rule, 1);
        if (!rule) return null;
        await real.removeRule(rule);
        return DONE;
      }
      case 'pass':
        return DONE;
      case 'apply':
        return this.withChange(event.change, async (change, id) => {
          await real.apply(id);
          model.apply(change);
          return DONE;
        });
    }
  }

  /** Mostly somebody whose signature waits for those of others: there it matters. */
  private whoIsHit(at: number): string {
    const signers = this.model.open.flatMap(({ signed }) => signed.map(({ person }) => person));
    return at === 0 || signers.length === 0 ? PEOPLE[at]! : signers[at % signers.length]!;
  }

  private whoDecides(
    change: ModelChange,
    { who: at, behalf, fit }: Extract<QueueEvent, { kind: 'decide' }>,
    decision: 'APPROVE' | 'REJECT',
  ): [string, string | null] {
    const named: [string, string | null] = [PEOPLE[at]!, behalf === null ? null : PEOPLE[behalf]!];
    if (!fit) return named;
    const fitting = PEOPLE.flatMap((person) =>
      [null, ...PEOPLE]
        .filter((absent) => absent !== person && this.model.mayDecide(change, person, absent, decision) !== null)
        .map((absent): [string, string | null] => [person, absent]),
    );
    const wanted = fitting.filter(([, absent]) => (absent === null) === (behalf === null));
    const found = wanted.length > 0 ? wanted : fitting;
    return found[at % Math.max(1, found.length)] ?? named;
  }

  private async submit(event: Extract<QueueEvent, { kind: 'submit' }>) {
    const { model, real } = this;
    const maker = PEOPLE[event.who]!;
    const due = event.due < 5 ? null : model.now + (event.due - 4) * HOUR;
    const amount = this.newAmount(event.price, event.big);
    const version = model.versions[event.price]!;
    const may = model.able.has(maker);
    const change = model.submit(maker, event.price, amount, due);
    const asked = {
      amount: written(amount),
      version,
      due: due === null ? null : new Date(due).toISOString(),
      revises: null,
    };
    const answer = await real.submit(maker, this.prices[event.price]!, asked);
    if (change && answer !== 'applied' && answer !== 'refused') this.ids.set(change, answer);
    const kindOf = (id: string) => (id === 'applied' || id === 'refused' ? id : 'held');
    return { model: change ? 'held' : may ? 'applied' : 'refused', real: kindOf(answer) };
  }

  private async edit(change: ModelChange, id: string, event: Extract<QueueEvent, { kind: 'edit' }>) {
    const by = event.who === null ? change.maker : PEOPLE[event.who]!;
    const amount = this.newAmount(change.price, event.big);
    const asked = { amount: written(amount), version: this.model.versions[change.price]!, due: null, revises: id };
    const answer = await this.real.submit(by, this.prices[change.price]!, asked);
    return { real: answer === id, model: this.model.edit(change, by, amount) };
  }

  private withChange<T>(place: number, then: (change: ModelChange, id: string) => Promise<T>): Promise<T> | null {
    const { open, changes } = this.model;
    const change = open[place % Math.max(1, open.length)] ?? changes.at(-1);
    const id = change && this.ids.get(change);
    return change && id ? then(change, id) : null;
  }

  /** Never the same amount twice. */
  private newAmount(price: number, big: boolean): bigint {
    this.amounts += 1n;
    const now = this.model.prices[price]!;
    return (big ? (now * 3n) / 2n : now) + this.amounts;
  }
}

/** One of the red ones, then one of the green ones. */
const FIRST_LEVELS = [0, 1].map((approver): LevelShape => {
  return { same: false, approver, quorum: 0, timeout: 0, escalate: 4 };
});

const DONE = { model: true, real: true };

function written(amount: bigint): string {
  const text = amount.toString().padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}

/** Levels count 1, 2, 3: each shape stands on the level of the one before it or on the next. */
function levelsOf(shapes: readonly LevelShape[]): ModelLevel[] {
  let at = 0;
  return shapes.map((shape) => {
    if (at === 0 || !shape.same) at += 1;
    return shaped(shape, at);
  });
}

function shaped({ approver, quorum, timeout, escalate }: LevelShape, at: number): ModelLevel {
  const role = ROLES[approver] ?? null;
  const person = role === null ? PEOPLE[approver % PEOPLE.length]! : null;
  const hours = timeout < 3 ? null : timeout - 2;
  return {
    key: '',
    level: at,
    role,
    person,
    quorum: quorum === 5 ? 'all' : role !== null && quorum === 4 ? 2 : 1,
    timeout: hours,
    escalate: hours === null ? null : (ROLES[escalate] ?? null),
  };
}
