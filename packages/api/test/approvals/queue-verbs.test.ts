import { startTestGateway, type TestPerson } from '../harness/test-gateway';
import { DECIDE, REVIEW } from './approval-world';
import { type DeskWorld, deskWorld } from './desk-world';

let world: DeskWorld;
let maker: TestPerson;
let anna: TestPerson;
let bert: TestPerson;
let carl: TestPerson;

beforeAll(async () => {
  world = await deskWorld();
  await world.role('second-pair');
  await world.role('onlookers');
  await world.role('rescuers');
  maker = await world.member('Maja Kert');
  anna = await world.member('Anna Adler', 'second-pair');
  bert = await world.member('Bert Busch', 'second-pair');
  carl = await world.member('Carl Clay', 'second-pair');
});
afterAll(() => world.close());

const BY = { levels: [{ role: 'second-pair' }] };
const COMMENT = `mutation ($input: CommentInput!) { commentOnChange(input: $input) { status } }`;
const WITHDRAW = `mutation ($id: ID!) { withdrawChange(input: { id: $id, reason: "A mistake" }) { status outcome } }`;
const INBOX = 'query ($box: PendingBox!) { pendingChangeInbox(box: $box) { id } }';
const nameOf = async (id: string) => (await world.accountOf(id))?.name;
const update = (id: string, name: string, expectedVersion: number) => ({
  updateAccount: { id, expectedVersion, input: { name } },
});
const reject = async (who: TestPerson, id: string, comment: string | null) => {
  const { digest } = await world.review(who, id);
  return world.gateway.ask(who.token, DECIDE('rejectChange'), { input: { id, digest, comment } });
};
const inbox = async (who: TestPerson, box: string) =>
  (await world.as<{ id: string }[]>(who, INBOX, { box })).map(({ id }) => id);

describe('the verbs of the queue', () => {
  test('a rejection says why, ends the change, and reaches the maker', async () => {
    await world.under(BY, async () => {
      const account = await world.account();
      const id = await world.rename(maker, account, 'Rejected');
      expect((await reject(anna, id, '  ')).body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect((await reject(anna, id, 'Not before the audit')).body.data.rejectChange).toMatchObject({
        status: 'REJECTED',
        outcome: 'Not before the audit',
      });
      expect(await world.review(maker, id)).toMatchObject({
        status: 'REJECTED',
        decisions: [{ kind: 'REJECT', person: anna.personId, comment: 'Not before the audit' }],
      });
      expect(await inbox(maker, 'MINE_WAITING')).toContain(id);
    });
  });

  test('nobody rejects a change of their own, and nobody who is not asked rejects one', async () => {
    await world.under(BY, async () => {
      const id = await world.rename(maker, await world.account(), 'Own');
      expect((await reject(maker, id, 'No')).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      const stranger = await world.member('Stella Range');
      expect(await world.refusal(stranger, REVIEW, { id })).toBe('NOT_FOUND');
      const input = { id, digest: (await world.review(maker, id)).digest, comment: 'No' };
      expect(await world.refusal(stranger, DECIDE('rejectChange'), { input })).toBe('FORBIDDEN');
      expect(await world.statusOf(id)).toBe('PENDING');
    });
  });

  test('what was rejected, withdrawn, overtaken or has expired is asked for again as it is now', async () => {
    await world.under({ levels: [{ role: 'second-pair', timeoutHours: 1 }] }, async () => {
      const account = await world.account();
      const again = async (id: string, version: number) => {
        const { pendingChange } = await world.set(maker, [update(account, `Again ${version}`, version)], {
          revises: id,
        });
        expect(pendingChange).toMatchObject({ id, status: 'PENDING' });
        expect(await world.sign(anna, id)).toBe('APPLIED');
        expect(await nameOf(account)).toBe(`Again ${version}`);
      };
      const rejected = await world.rename(maker, account, 'One');
      await reject(anna, rejected, 'No');
      await again(rejected, 1);
      const withdrawn = await world.rename(maker, account, 'Two');
      expect(await world.as(maker, WITHDRAW, { id: withdrawn })).toEqual({
        status: 'WITHDRAWN',
        outcome: 'A mistake',
      });
      await again(withdrawn, 2);
      const [first, overtaken] = [await world.rename(maker, account, 'A'), await world.rename(maker, account, 'B')];
      expect(await world.sign(anna, first)).toBe('APPLIED');
      expect(await world.sign(bert, overtaken)).toBe('CONFLICT');
      await again(overtaken, 4);
      // What was applied is over, whoever asks.
      const set = `mutation ($changes: [ChangeInput!]!, $submission: SubmissionInput) {
        applyChangeSet(changes: $changes, submission: $submission) { pendingChange { id } } }`;
      const more = { changes: [update(account, 'More', 5)], submission: { revises: overtaken } };
      expect(await world.refusal(maker, set, more)).toBe('ALREADY_DECIDED');
    });
  });

  test('several objects in one set wait together, apply together, and show as one', async () => {
    await world.under({ ...BY, objects: ['Account', 'Contract'] }, async () => {
      const account = await world.account();
      const { pendingChange } = await world.set(maker, [
        update(account, 'With a contract', 1),
        {
          createContract: {
            input: { accountId: account, number: 'C-77', currency: 'EUR', startsOn: '2026-01-01' },
          },
        },
      ]);
      const { items } = await world.review(anna, pendingChange!.id);
      expect(items.map(({ object, action }: Record<string, string>) => [object, action])).toEqual([
        ['Account', 'UPDATE'],
        ['Contract', 'CREATE'],
      ]);
      expect(await world.sign(anna, pendingChange!.id)).toBe('APPLIED');
      const [made] = await world.gateway.sql(
        `select version from contract where number='C-77' and account_id='${account}'`,
      );
      expect([await nameOf(account), made]).toEqual(['With a contract', { version: 1 }]);
    });
  });

  test('the inbox of each: what waits for me, what I wait for, and all for those who may read the queue', async () => {
    await world.under(BY, async () => {
      const id = await world.rename(maker, await world.account(), 'Listed');
      expect(await inbox(anna, 'MINE_TO_DECIDE')).toContain(id);
      expect(await inbox(maker, 'MINE_TO_DECIDE')).not.toContain(id);
      expect(await inbox(maker, 'MINE_WAITING')).toContain(id);
      expect(await inbox(anna, 'MINE_WAITING')).not.toContain(id);
      expect(await inbox(anna, 'ALL')).toEqual([]);
      expect(await inbox(world.adminOne, 'ALL')).toContain(id);
      await world.sign(anna, id);
      expect(await inbox(bert, 'MINE_TO_DECIDE')).not.toContain(id);
    });
  });
});

describe('who has to sign', () => {
  test('two of three take two, and the third is not needed', async () => {
    await world.under({ levels: [{ role: 'second-pair', quorum: 2 }] }, async () => {
      const id = await world.rename(maker, await world.account(), 'Two of three');
      expect(await world.sign(anna, id)).toBe('PENDING');
      expect(await world.sign(carl, id)).toBe('APPLIED');
      expect(await world.sign(bert, id)).toBe('ALREADY_DECIDED');
    });
  });

  test('everyone means everyone who holds the role today', async () => {
    await world.under({ levels: [{ role: 'second-pair', everyone: true }] }, async () => {
      const id = await world.rename(maker, await world.account(), 'Everyone');
      expect(await world.sign(anna, id)).toBe('PENDING');
      expect(await world.sign(bert, id)).toBe('PENDING');
      const late = await world.member('Late Comer', 'second-pair');
      expect(await world.sign(carl, id)).toBe('PENDING');
      expect(await world.sign(late, id)).toBe('APPLIED');
      await world.gateway.revokeRoles(late);
    });
  });

  test('a named person, the owner, and the owner’s manager, one level after the other', async () => {
    const [boss, owner, named] = [
      await world.member('Bossa Nova'),
      await world.member('Owen Ort'),
      await world.member('Nadia Med'),
    ];
    await world.gateway.install([
      { verb: 'update', object: 'Person', id: owner.personId, input: { managerId: boss.personId } },
    ]);
    const account = await world.account({ ownerId: owner.personId });
    const input = { accountId: account, number: 'C-5', currency: 'EUR', startsOn: '2026-01-01' };
    const [contract] = await world.gateway.install([{ verb: 'create', object: 'Contract', input }]);
    const levels = [
      { person: named.personId },
      { level: 2, path: 'account.owner' },
      { level: 3, path: 'account.owner.manager' },
    ];
    await world.under({ objects: ['Contract'], levels }, async () => {
      const change = { updateContract: { id: contract!.id, expectedVersion: 1, input: { name: 'Routed' } } };
      const { pendingChange } = await world.set(maker, [change]);
      const { id } = pendingChange!;
      expect(await world.sign(boss, id)).toBe('FORBIDDEN');
      expect(await world.sign(named, id)).toBe('PENDING');
      expect(await world.sign(boss, id)).toBe('FORBIDDEN');
      expect(await world.sign(owner, id)).toBe('PENDING');
      expect(await world.sign(anna, id)).toBe('NOT_FOUND');
      expect(await world.sign(boss, id)).toBe('APPLIED');
    });
  });

  test('reviewers read and comment what their rule holds, and sign nothing', async () => {
    const watcher = await world.member('Wanda Watch', 'onlookers');
    await world.under({ ...BY, reviewers: 'onlookers' }, async () => {
      const id = await world.rename(maker, await world.account(), 'Watched');
      expect((await world.review(watcher, id)).items[0].fields[0].proposed).toBe('Watched');
      expect(await world.as(watcher, COMMENT, { input: { id, comment: 'Mind the spelling' } })).toEqual({
        status: 'PENDING',
      });
      expect(await world.sign(watcher, id)).toBe('FORBIDDEN');
      expect((await reject(watcher, id, 'No')).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      expect(await inbox(watcher, 'MINE_TO_DECIDE')).not.toContain(id);
      const { decisions, requirements } = await world.review(anna, id);
      expect(decisions).toMatchObject([{ kind: 'COMMENT', person: watcher.personId, comment: 'Mind the spelling' }]);
      expect(requirements).toMatchObject([{ given: 0 }]);
      expect(await world.sign(anna, id)).toBe('APPLIED');
    });
    // Of a rule that does not name them they see nothing.
    await world.under(BY, async () => {
      const id = await world.rename(maker, await world.account(), 'Unwatched');
      expect(await world.refusal(watcher, REVIEW, { id })).toBe('NOT_FOUND');
      expect(await world.refusal(watcher, COMMENT, { input: { id, comment: 'Hm' } })).toBe('NOT_FOUND');
    });
  });

  test('a rule that appears between asking and applying needs its signature too', async () => {
    await world.role('late-rule');
    const late = await world.member('Lara Regel', 'late-rule');
    await world.under(BY, async () => {
      const id = await world.rename(maker, await world.account(), 'Overtaken by a rule');
      await world.under({ levels: [{ role: 'late-rule' }] }, async () => {
        expect(await world.sign(anna, id)).toBe('PENDING');
        expect(await world.sign(late, id)).toBe('APPLIED');
      });
      // And one that no rule held when it was asked for, and that waits for its day.
      const effectiveAt = new Date(world.clock.now.getTime() + 3_600_000).toISOString();
      const input = { accountId: await world.account(), number: 'C-6', currency: 'EUR', startsOn: '2026-01-01' };
      const free = await world.set(maker, [{ createContract: { input } }], { effectiveAt });
      expect(free.pendingChange).toMatchObject({ status: 'APPROVED' });
      await world.under({ objects: ['Contract'], levels: [{ role: 'late-rule' }] }, async () => {
        world.hours(2);
        for (let n = 0; n < 60 && (await world.statusOf(free.pendingChange!.id)) === 'APPROVED'; n += 1) {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(await world.statusOf(free.pendingChange!.id)).toBe('PENDING');
        expect(await world.sign(await world.again(late), free.pendingChange!.id)).toBe('APPLIED');
      });
      world.hours(-2);
    });
  });
});

describe('a right that was taken away on another gateway', () => {
  test('shows nothing of the queue any more, though this one has not heard of it', async () => {
    await world.under(BY, async () => {
      const { gateway } = world;
      const fading = await world.member('Fae Ding', await world.role('fading'));
      const id = await world.rename(fading, await world.account(), 'Not for long');
      const replica = await startTestGateway({ database: gateway.database, root: gateway, now: () => world.clock.now });
      const shown = async () => {
        const { body } = await replica.ask(fading.token, REVIEW, { id });
        return body.data.pendingChangeReview.items[0].fields;
      };
      expect(await shown()).toMatchObject([{ proposed: 'Not for long' }]);
      await gateway.lines([
        { role: 'fading', object: 'Account', field: 'name', action: 'SEE_CLEAR', effect: 'DENY' },
        { role: 'fading', object: 'Account', field: 'name', action: 'SEE_MASKED', effect: 'DENY' },
      ]);
      expect(await shown()).toEqual([]);
      await replica.stop();
    });
  });
});

describe('time that runs out', () => {
  test('ends a change that nobody signed, or lets others sign as well, and fewer signatures never do', async () => {
    const rescuer = await world.member('Rosa Rescue', 'rescuers');
    const rescued = { role: 'second-pair', quorum: 2, timeoutHours: 5, escalation: 'rescuers' };
    let [expiring, escalating] = ['', ''];
    await world.under({ levels: [{ role: 'second-pair', timeoutHours: 5 }] }, async () => {
      expiring = await world.rename(maker, await world.account(), 'Expiring');
    });
    await world.under({ levels: [rescued] }, async () => {
      escalating = await world.rename(maker, await world.account(), 'Escalating');
      expect(await world.sign(anna, escalating)).toBe('PENDING');
      expect(await world.sign(rescuer, escalating)).not.toBe('APPLIED');
      world.hours(6);
      for (let n = 0; n < 80 && (await world.statusOf(expiring)) === 'PENDING'; n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(await world.statusOf(expiring)).toBe('EXPIRED');
      expect(await world.sign(await world.again(anna), escalating)).toBe('ALREADY_DECIDED');
      expect(await world.sign(await world.again(rescuer), escalating)).toBe('APPLIED');
    });
  });
});
