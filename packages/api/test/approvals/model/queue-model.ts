import { type AskedOf, askedTogether, chainStanding, levelFor, type SignedBy } from './chain-model';

export const HOUR = 3_600_000;

export type ModelStatus = 'PENDING' | 'APPROVED' | 'APPLIED' | 'CONFLICTED' | 'REJECTED' | 'WITHDRAWN' | 'EXPIRED';

export interface ModelLevel {
  readonly key: string;
  readonly level: number;
  /** The name of a role, or a person. */
  readonly role: string | null;
  readonly person: string | null;
  readonly quorum: number | 'all';
  readonly timeout: number | null;
  readonly escalate: string | null;
}

export interface ModelRule {
  readonly id: string;
  /** Only changes of more than a fifth. */
  readonly big: boolean;
  readonly levels: readonly ModelLevel[];
}

interface ModelSignature extends SignedBy {
  /** Keys of demands whose time was out when it was given. */
  readonly late: ReadonlySet<string>;
}

export interface ModelChange {
  readonly maker: string;
  readonly price: number;
  revision: number;
  base: bigint;
  amount: bigint;
  rules: readonly ModelRule[];
  signed: ModelSignature[];
  status: ModelStatus;
  level: number | null;
  since: number;
  expires: number | null;
  due: number | null;
  touched: number;
}

/** The queue as it should be: who is who, what is asked, what was signed. Amounts are in millionths. */
export class QueueModel {
  now = 0;
  readonly roles = new Map<string, Set<string>>();
  /** Who may change and approve prices at all. */
  readonly able = new Set<string>();
  readonly rules: ModelRule[] = [];
  readonly delegations: { absent: string; delegate: string; from: number; until: number }[] = [];
  readonly prices: bigint[] = [];
  readonly versions: number[] = [];
  readonly changes: ModelChange[] = [];
  applied = 0;

  get open(): ModelChange[] {
    return this.changes.filter(({ status }) => status === 'PENDING' || status === 'APPROVED');
  }

  delegates(delegate: string, absent: string): boolean {
    return this.delegations.some(
      (one) => one.delegate === delegate && one.absent === absent && one.from <= this.now && this.now < one.until,
    );
  }

  /** Asks for an amount. Gives the pending change, or null: it was applied, or refused. */
  submit(maker: string, price: number, amount: bigint, due: number | null): ModelChange | null {
    if (!this.able.has(maker)) return null;
    const rules = this.holding(this.prices[price]!, amount);
    if (rules.length === 0 && due === null) {
      this.write(price, amount);
      return null;
    }
    const fresh = { signed: [], level: null, since: this.now, expires: null, touched: this.now };
    const change: ModelChange = {
      ...{ maker, price, revision: 1, base: this.prices[price]!, amount, rules, status: 'PENDING', due },
      ...fresh,
    };
    this.stand(change);
    this.changes.push(change);
    return change;
  }

  /** Asks for another amount in its place. */
  edit(change: ModelChange, by: string, amount: bigint): boolean {
    if (!this.able.has(by) || by !== change.maker || change.status === 'APPLIED') return false;
    change.revision += 1;
    change.base = this.prices[change.price]!;
    change.amount = amount;
    change.rules = this.holding(change.base, amount);
    change.signed = [];
    change.due = null;
    change.level = null;
    this.stand(change);
    return true;
  }

  /** The level that somebody would sign, or null when they may not. */
  mayDecide(change: ModelChange, person: string, behalf: string | null, kind: 'APPROVE' | 'REJECT'): number | null {
    if (change.status !== 'PENDING' || (change.expires !== null && change.expires <= this.now)) return null;
    if (kind === 'APPROVE' && this.overtaken(change)) return null;
    if (person === change.maker || behalf === change.maker || !this.able.has(person)) return null;
    if (behalf !== null && !this.delegates(person, behalf)) return null;
    return levelFor(this.asked(change), this.standing(change), person, behalf);
  }

  /** Signs or rejects. Gives whether it was accepted. */
  decide(change: ModelChange, person: string, behalf: string | null, kind: 'APPROVE' | 'REJECT'): boolean {
    const level = this.mayDecide(change, person, behalf, kind);
    if (level === null) return false;
    if (kind === 'REJECT') {
      this.end(change, 'REJECTED');
      return true;
    }
    change.signed.push({ person, behalf, level, late: this.lateOn(change, level) });
    this.stand(change);
    this.apply(change);
    return true;
  }

  withdraw(change: ModelChange, by: string): boolean {
    if (by !== change.maker || !['PENDING', 'APPROVED', 'CONFLICTED'].includes(change.status)) return false;
    this.end(change, 'WITHDRAWN');
    return true;
  }

  /** Carries out what is agreed and due, if everything that is asked today was signed by who may sign today. */
  apply(change: ModelChange): void {
    if (change.status !== 'APPROVED' || (change.due !== null && change.due > this.now)) return;
    if (!this.able.has(change.maker) || this.overtaken(change)) {
      this.end(change, 'CONFLICTED');
      return;
    }
    change.level = null;
    this.stand(change);
    // Otherwise it waits again.
    if ((change.status as ModelStatus) !== 'APPROVED') return;
    this.write(change.price, change.amount);
    this.end(change, 'APPLIED');
    this.applied += 1;
  }

  /** What the clock alone brings about, and what a change of rights does. */
  pass(): void {
    const byMoment = [...this.changes].sort(
      (a, b) => a.touched - b.touched || this.changes.indexOf(a) - this.changes.indexOf(b),
    );
    for (const change of byMoment) {
      if (change.status === 'APPROVED') this.apply(change);
      else if (change.status === 'PENDING' && change.expires !== null && change.expires <= this.now)
        this.end(change, 'EXPIRED');
    }
    for (const change of this.changes) {
      if (change.status !== 'PENDING') continue;
      this.stand(change);
      this.apply(change);
    }
  }

  private write(price: number, amount: bigint): void {
    this.prices[price] = amount;
    this.versions[price]! += 1;
  }

  private end(change: ModelChange, status: ModelStatus): void {
    Object.assign(change, { status, level: null, expires: null, touched: this.now });
  }

  private overtaken({ price, base }: ModelChange): boolean {
    return this.prices[price] !== base;
  }

  private holding(from: bigint, to: bigint): ModelRule[] {
    const moved = to > from ? to - from : from - to;
    return this.rules.filter(({ big }) => !big || moved * 5n > from);
  }

  private standing(change: ModelChange): ModelSignature[] {
    return change.signed.filter(
      ({ person, behalf }) => this.able.has(person) && (behalf === null || this.delegates(person, behalf)),
    );
  }

  /** Settles where the chain stands. */
  private stand(change: ModelChange): void {
    const asked = this.asked(change);
    const { level, met } = chainStanding(asked, this.standing(change));
    const before = `${change.status} ${change.level} ${change.expires}`;
    if (level === null) Object.assign(change, { status: 'APPROVED', level: null, expires: null });
    else {
      if (change.level !== level) change.since = this.now;
      const ends = asked.flatMap((one) =>
        one.level === level && one.givenUpAfter !== null && !met.has(one)
          ? [change.since + one.givenUpAfter * HOUR]
          : [],
      );
      Object.assign(change, { status: 'PENDING', level, expires: ends.length > 0 ? Math.min(...ends) : null });
    }
    if (before !== `${change.status} ${change.level} ${change.expires}`) change.touched = this.now;
  }

  private asked(change: ModelChange): AskedOf[] {
    const of = (rules: readonly ModelRule[]) =>
      rules.flatMap(({ levels }) => levels.map((level) => this.askedBy(change, level)));
    return askedTogether(of(change.rules), of(this.holding(this.prices[change.price]!, change.amount)));
  }

  private askedBy(change: ModelChange, { key, level, role, person, quorum, timeout, escalate }: ModelLevel): AskedOf {
    const holders = (name: string | null) => [...(name === null ? [] : (this.roles.get(name) ?? []))];
    const people = new Set((person === null ? holders(role) : [person]).filter((one) => one !== change.maker));
    const others = holders(escalate).filter(
      (one) => one !== change.maker && this.mayToo(change, key, level, timeout, one),
    );
    const needed = Math.max(1, quorum === 'all' ? people.size : quorum);
    const givenUpAfter = escalate === null ? timeout : null;
    return { key, level, needed, eligible: new Set([...people, ...others]), givenUpAfter };
  }

  /** Others may sign while the time of the level is out; who did then has signed. */
  private mayToo(change: ModelChange, key: string, level: number, timeout: number | null, person: string): boolean {
    if (timeout === null) return false;
    if (change.level === level && this.now >= change.since + timeout * HOUR) return true;
    return this.standing(change).some(
      (one) => one.level === level && (one.behalf ?? one.person) === person && one.late.has(key),
    );
  }

  private lateOn(change: ModelChange, level: number): Set<string> {
    const rules = [...change.rules, ...this.rules].flatMap(({ levels }) => levels);
    const late = rules.filter((one) => one.level === level && one.timeout !== null && change.level === level);
    return new Set(late.filter((one) => this.now >= change.since + one.timeout! * HOUR).map(({ key }) => key));
  }
}
