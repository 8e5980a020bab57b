import { builtinCatalogue, type CatalogueObject } from '@countersign/schema';
import { Identify } from '../../src/capabilities/identity';
import { importRecords, parseImportMap } from '../../src/capabilities/import';
import type { DecidedUnder } from '../../src/path/rooms';
import { canaryForms } from '../harness/canary-forms';
import { CANARIES, type CanaryWorld, MASKED, OBJECTS, OWNERS, openCanaryWorld, UNSEEN } from '../harness/canary-world';
import { filterPositions, sortPositions } from '../harness/read-positions';
import { eventually } from '../harness/receivers';
import type { TestGateway, TestPerson } from '../harness/test-gateway';

/*
 * Canaries are written into every field that a reader may not see: not at all, only masked, only where a cell rule holds,
 * or only in other people's records. Then the reader asks for them in every way there is. None may come back in any form.
 */

const AT_ONCE = 6;

describe('Canaries in what a reader may not see', () => {
  let world: CanaryWorld;
  let gateway: TestGateway;
  let reader: TestPerson;
  let knower: TestPerson;
  let ids: Readonly<Record<string, string>>;
  const catalogue = builtinCatalogue();
  const told: string[] = [];

  beforeAll(async () => {
    world = await openCanaryWorld();
    ({ gateway, reader, knower, ids } = world);
  });
  afterAll(() => world?.close());

  /** Every field of an object and the ids of what it refers to. */
  const everything = ({ members }: CatalogueObject) =>
    members.flatMap((m) => (m.kind === 'field' ? [m.name] : m.kind === 'to-one' ? [`${m.name} { id }`] : [])).join(' ');
  const NODES =
    'nodes { id at action objectName recordId userId reason code changes { field before after see withheld } facts }';

  /** What somebody could ask for, as root fields. */
  function questions(): string[] {
    const objects = OBJECTS.map((name) => catalogue.objects.get(name)!);
    const asked = [...UNSEEN, ...MASKED, ['Contact', 'company'] as const, ['PaymentMethod', 'number'] as const];
    const recordsOf = (name: string) => Object.entries(ids).filter(([key]) => OWNERS[key] === name);
    const ofObjects = objects.flatMap((object) => [
      `${object.plural}(first: 30) { nodes { ${everything(object)} } }`,
      `auditSearch(input: { object: "${object.name}" }, first: 100) { ${NODES} }`,
      ...recordsOf(object.name).flatMap(([, id]) => [
        `${object.singular}(id: "${id}") { ${everything(object)} }`,
        `auditTimeline(object: "${object.name}", id: "${id}") { ${NODES} }`,
        ...asked.flatMap(([name, field]) =>
          name === object.name
            ? [`auditFieldHistory(object: "${name}", id: "${id}", field: "${field}") { ${NODES} }`]
            : [],
        ),
      ]),
    ]);
    const positions = asked.flatMap(([name, fieldName]) => {
      const object = catalogue.objects.get(name)!;
      const field = object.members.find((member) => member.name === fieldName)!;
      if (field.kind !== 'field') return [];
      return [...filterPositions(objects, object, field), ...sortPositions(object, field)].map((root) =>
        root.startsWith(`${object.plural}(`)
          ? root.replace('{ totalCount }', `{ totalCount nodes { ${everything(object)} } }`)
          : root,
      );
    });
    const item = 'items { object action recordId fields { name see old proposed current } }';
    return [
      ...ofObjects,
      ...positions,
      ...[ids.pending, ids.pendingOther].map(
        (id) => `pendingChangeReview(id: "${id}") { id reason outcome ${item} decisions { kind comment } }`,
      ),
      'pendingChangeInbox(box: ALL) { id objectName reason outcome waitingFor }',
      'pendingChanges { nodes { id objectName reason status outcome } }',
      'auditEntries { totalCount nodes { id objectName recordId changes reason } }',
      'accounts { nodes { owner { id fullName } contacts { nodes { email phone company street } } } }',
      'viewer { id name fields(object: "Account") { name see change } }',
      // The tail of each canary, so that what comes back is more than what was sent.
      ...Object.values(CANARIES).flatMap((whole) =>
        OBJECTS.map((name) => `auditSearch(input: { object: "${name}", text: "${whole.slice(-6)}" }) { ${NODES} }`),
      ),
    ];
  }

  /** Several root fields a document: a request reads ten pages of the log at most. */
  function documents(): string[] {
    const roots = questions();
    return Array.from({ length: Math.ceil(roots.length / AT_ONCE) }, (_, n) => {
      const some = roots.slice(n * AT_ONCE, (n + 1) * AT_ONCE);
      return `{ ${some.map((root, alias) => `q${alias}: ${root}`).join(' ')} }`;
    });
  }

  /** Mistakes whose answers could repeat what is there. */
  function mistakes(): [string, object][] {
    const of = (name: string, verb: string, args: string, types: string): string =>
      `mutation (${types}) { ${verb}${name}(${args}) { ${name[0]!.toLowerCase()}${name.slice(1)} { ${everything(catalogue.objects.get(name)!)} } userErrors { code field message } } }`;
    const update = (name: string) =>
      of(
        name,
        'update',
        'id: $id, expectedVersion: $v, input: $input',
        `$id: ID!, $v: Int!, $input: ${name}UpdateInput!`,
      );
    const create = (name: string) => of(name, 'create', 'input: $input', `$input: ${name}CreateInput!`);
    const due = { currency: 'EUR', issuedOn: '2026-01-01', dueOn: '2026-02-01' };
    return [
      [update('Account'), { id: ids.emea, v: 1, input: { name: 'x' } }],
      [update('Account'), { id: ids.emea, v: 99, input: { parentId: ids.emea } }],
      [update('Account'), { id: ids.amer, v: 1, input: { name: 'x' } }],
      [update('Contact'), { id: ids.contact, v: 2, input: { company: 'x' } }],
      [update('Contact'), { id: ids.contact, v: 2, input: { firstName: 'x' } }],
      [update('Invoice'), { id: ids.invoice, v: 3, input: { dueOn: '1990-01-01' } }],
      [update('Invoice'), { id: ids.otherInvoice, v: 2, input: { notes: 'x' } }],
      [create('Invoice'), { input: { ...due, accountId: ids.emea, number: 'N-0-0' } }],
      [create('Invoice'), { input: { ...due, accountId: ids.emea, number: 'fresh', externalId: 'ext-1-1' } }],
      [create('Invoice'), { input: { ...due, accountId: ids.amer, number: 'fresh' } }],
      [
        'mutation ($id: ID!) { deleteAccount(id: $id, expectedVersion: 2) { userErrors { code field message } } }',
        { id: ids.emea },
      ],
      [
        'mutation ($input: DecideInput!) { approveChange(input: $input) { id status outcome } }',
        { input: { id: ids.pending, digest: 'x' } },
      ],
      [
        'mutation ($input: CommentInput!) { commentOnChange(input: $input) { id status outcome } }',
        { input: { id: ids.pendingOther, comment: 'x' } },
      ],
    ];
  }

  async function explained(person: TestPerson): Promise<string[]> {
    const asked = await gateway.ask(
      person.token,
      '{ accounts { nodes { taxId } } invoices(where: { notes: { isNull: false } }) { nodes { id } } }',
    );
    const decisions = (asked.body.errors ?? []).map(({ extensions }) => extensions.decisionId);
    const answers = [asked.text];
    for (const decisionId of decisions) {
      const query =
        'query ($input: ExplainDecisionInput!) { explainDecision(input: $input) { verdict code rowScope { words sql bound } } }';
      answers.push((await gateway.ask(person.token, query, { input: { decisionId } })).text);
    }
    const operation =
      'query ($input: ExplainOperationInput!) { explainOperation(input: $input) { problems { code message } } }';
    answers.push(
      (
        await gateway.ask(person.token, operation, {
          input: { document: '{ accounts { nodes { taxId creditLimit } } }' },
        })
      ).text,
    );
    return answers;
  }

  async function imported(person: TestPerson): Promise<string> {
    const { database, writes, macKeys, tokens, snapshots, log, now } = gateway.core;
    await snapshots.refresh();
    const identify = new Identify({ pool: database.pool, macKey: macKeys.rows, tokens, snapshots, log });
    const { snapshot, head, principal } = await identify.principalFor(`Bearer ${person.token}`, now);
    const under: DecidedUnder = { snapshot, head, principal, authority: await snapshot.authorityOf(principal) };
    const fields = { account: { reference: 'Account', key: '{account}' }, firstName: 'first', lastName: 'last' };
    const map = { files: { 'contacts.csv': { records: [{ object: 'Contact', key: '{key}', fields }] } } };
    const lines = [
      'key,account,first,last',
      'a,nowhere,A,B',
      'b,ext-1-1,A,B',
      `c,${CANARIES.externalId.slice(-5)},A,B`,
    ];
    const outcome = await importRecords({ pool: database.pool, writes }, under, {
      map: parseImportMap(JSON.stringify(map)),
      files: new Map([['contacts.csv', Buffer.from(`${lines.join('\n')}\n`)]]),
      dryRun: true,
      requestId: 'canary',
      now: now(),
      onProgress: (text) => void told.push(text),
    });
    return JSON.stringify(outcome);
  }

  async function everythingTold(person: TestPerson, withMistakes: boolean): Promise<string> {
    const answers: string[] = [];
    for (const query of [...documents(), '{ __schema { types { name description fields { name description } } } }'])
      answers.push((await gateway.ask(person.token, query)).text);
    if (withMistakes) {
      for (const [query, variables] of mistakes())
        answers.push((await gateway.ask(person.token, query, variables)).text);
      answers.push(...(await explained(person)), await imported(person));
    }
    for (const address of ['/schema.graphql', '/metrics', '/readyz', '/nowhere'])
      answers.push((await gateway.get(address, person.token)).text);
    return answers.join('\n');
  }

  const found = (text: string) =>
    Object.entries(CANARIES).flatMap(([name, whole]) =>
      canaryForms(whole).some((form) => text.includes(form)) ? [name] : [],
    );

  test('whoever may see them finds each one with the same questions', async () => {
    const names = found(await everythingTold(knower, false));
    expect(names.sort()).toEqual(
      Object.keys(CANARIES)
        .filter((name) => name !== 'owner')
        .sort(),
    );
  });

  test('the reader finds none in any answer, old value, pending change, explanation, refusal or import', async () => {
    const text = await everythingTold(reader, true);
    expect(text.length).toBeGreaterThan(100_000);
    expect(text).toContain('N-0-0');
    expect(found(text)).toEqual([]);
    expect(found(told.join('\n'))).toEqual([]);
  });

  test('nor does any notification: no mail, no call, and nothing that waits to be told', async () => {
    const { mail, hook } = world;
    await eventually(
      async () => hook.calls.length > 1,
      () => 'nobody was told of a pending change',
    );
    const waiting = await gateway.sql('select payload::text from countersign_jobs._private_jobs');
    const text = [...mail.mails.map(({ source }) => source), ...hook.calls.map(({ body }) => body)].join('\n');
    expect(text).toContain(ids.pending);
    expect(found(text + JSON.stringify(waiting))).toEqual([]);
  });

  test('nor does our own log hold one, whatever goes wrong', async () => {
    // Until here nothing has: no question of the reader's was more than the gateway expects.
    expect(world.logged.join('')).not.toContain('INTERNAL');
    const update = `mutation ($id: ID!, $notes: String!) { updateInvoice(id: $id, expectedVersion: 3, input: { notes: $notes }) { userErrors { code } } }`;
    for (const table of ['invoice', 'audit_value', 'pending_payload']) {
      await gateway.sql(`alter table ${table} rename to ${table}_away`);
      await gateway.ask(knower.token, update, { id: ids.invoice, notes: CANARIES.nextNotes });
      await gateway.ask(reader.token, `{ pendingChangeReview(id: "${ids.pending}") { id } }`);
      await gateway.sql(`alter table ${table}_away rename to ${table}`);
    }
    const text = world.logged.join('');
    expect(text).toContain('INTERNAL');
    expect(found(text)).toEqual([]);
  });
});
