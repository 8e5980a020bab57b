import { codes } from '../harness/answers';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { type Answer, startTestGateway, type TestGateway, type TestPerson } from '../harness/test-gateway';

const PUBLISHES = 500;
const READERS = 8;
const ROLES = ['swap-0', 'swap-1', 'swap-2', 'swap-3'] as const;
const FIELDS = ['taxId', 'region', 'segment', 'status'] as const;
type Role = (typeof ROLES)[number];
type Field = (typeof FIELDS)[number];

/** One version of the policy: what was granted, and between which moments it can have come into force. */
interface Version {
  readonly from: number;
  /** When its publication was answered; from then on nothing older may be answered. */
  until: number;
  readonly granted: ReadonlySet<string>;
}

const cell = (role: Role, field: Field) => `${role} ${field}`;

/*
 * Versions follow each other without a gap, so what a request may answer is known from outside: what some version says
 * that was in force at some moment between its start and its end.
 */
describe(`${PUBLISHES} publications under load, on two gateways`, () => {
  const gateways: TestGateway[] = [];
  let ledger: SampleLedger;
  const people = new Map<Role, TestPerson>();
  const roleIds = new Map<string, string>();
  const versions: Version[] = [{ from: 0, until: 0, granted: new Set() }];
  const lineIds = new Map<string, string>();
  let running = true;

  beforeAll(async () => {
    const first = await startTestGateway();
    gateways.push(first);
    ledger = await sampleLedger(first);
    for (const role of ROLES) {
      await first.install(
        first.roleRecords(role, [
          { object: 'Account', field: 'name', action: 'SEE_CLEAR' },
          { object: 'Invoice', field: 'version', action: 'SEE_CLEAR' },
          { object: 'Invoice', action: 'UPDATE' },
        ]),
      );
      people.set(role, await first.person({ name: `Holder ${role}`, audience: 'STAFF', roles: [role] }));
    }
    for (const [name, id] of await first.roleIds()) roleIds.set(name, id);
    gateways.push(await startTestGateway({ database: first.database, root: first }));
  });
  afterAll(async () => {
    running = false;
    for (const gateway of gateways.reverse()) await gateway.stop();
  });

  const pick = <T>(from: readonly T[], turn: number): T => from[turn % from.length]!;

  /** Everything that the role may have been granted at some moment between two. */
  const possible = (start: number, end: number) =>
    versions.filter((version, index) => version.from <= end && (versions[index + 1]?.until ?? Infinity) >= start);

  async function publish(turn: number): Promise<void> {
    const role = pick(ROLES, turn * 7 + Math.floor(turn / 16));
    const field = pick(FIELDS, Math.floor(turn / 4) + turn);
    const gateway = pick(gateways, turn);
    const key = cell(role, field);
    const known = lineIds.get(key);
    const granted = new Set(versions.at(-1)!.granted);
    if (known) granted.delete(key);
    else granted.add(key);
    const version: Version = { from: performance.now(), until: Infinity, granted };
    versions.push(version);
    const input = {
      roleId: roleIds.get(role),
      objectName: 'Account',
      fieldName: field,
      action: 'SEE_CLEAR',
      effect: 'ALLOW',
    };
    const answer = known
      ? await gateway.ask(
          ledger.admin.token,
          'mutation ($id: ID!) { deleteFieldPermission(id: $id, expectedVersion: 1) { userErrors { message } } }',
          { id: known },
        )
      : await gateway.ask(
          ledger.admin.token,
          'mutation ($input: FieldPermissionCreateInput!) { createFieldPermission(input: $input) { fieldPermission { id } userErrors { message } } }',
          { input },
        );
    version.until = performance.now();
    const made = answer.body.data?.createFieldPermission ?? answer.body.data?.deleteFieldPermission;
    if (answer.body.errors || made?.userErrors.length) throw new Error(answer.text);
    if (known) lineIds.delete(key);
    else lineIds.set(key, made.fieldPermission.id);
  }

  const READ = `query Swaps { accounts(first: 1) { nodes { name ${FIELDS.join(' ')} } } }`;
  const figures = { reads: 0, filters: 0, writes: 0, wrongAllows: 0, wrongDenies: 0, unanswered: 0 };
  const wrong: string[] = [];

  function note(kind: 'wrongAllows' | 'wrongDenies' | 'unanswered', about: unknown): void {
    figures[kind] += 1;
    if (wrong.length < 10) wrong.push(`${kind}: ${JSON.stringify(about)}`);
  }

  /** All fields of one read have to be those of one version. */
  async function read(turn: number): Promise<void> {
    const role = pick(ROLES, turn);
    const start = performance.now();
    const { body, text } = await pick(gateways, turn >> 2).ask(people.get(role)!.token, READ);
    const end = performance.now();
    figures.reads += 1;
    const refused = (body.errors ?? []).map(({ extensions }) => extensions);
    if (!body.data?.accounts || refused.some(({ code }) => code !== 'FIELD_FORBIDDEN')) return note('unanswered', text);
    const denied = new Set(refused.map(({ coordinate }) => coordinate));
    const shown = FIELDS.filter((field) => !denied.has(`Account.${field}`));
    const leaked = [...denied].filter((coordinate) => body.data.accounts.nodes[0][coordinate!.split('.')[1]!] !== null);
    if (leaked.length > 0) return note('wrongAllows', { role, leaked });
    const candidates = possible(start, end).map(({ granted }) =>
      FIELDS.filter((field) => granted.has(cell(role, field))),
    );
    if (candidates.some((fields) => fields.join() === shown.join())) return;
    const everAllowed = new Set(candidates.flat());
    const kind = shown.every((field) => everAllowed.has(field)) ? 'wrongDenies' : 'wrongAllows';
    note(kind, { role, shown, candidates });
  }

  /** One field, used and not shown. */
  async function filter(turn: number): Promise<void> {
    const [role, field] = [pick(ROLES, turn), pick(FIELDS, turn >> 3)];
    const start = performance.now();
    const query = `query Swaps { accounts(where: { ${field}: { isNull: false } }) { totalCount } }`;
    const answer = await pick(gateways, turn >> 1).ask(people.get(role)!.token, query);
    const end = performance.now();
    figures.filters += 1;
    const may = new Set(possible(start, end).map(({ granted }) => granted.has(cell(role, field))));
    const allowed = answer.body.errors === undefined;
    if (!allowed && codes(answer).join() !== 'FIELD_FORBIDDEN') note('unanswered', answer.text);
    else if (!may.has(allowed)) note(allowed ? 'wrongAllows' : 'wrongDenies', { role, field });
  }

  async function readAll(from: number): Promise<void> {
    for (let turn = from * 1_000; running; turn += 1) {
      await (turn % 4 === 3 ? filter(turn) : read(turn));
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Somebody whose rights do not change goes on writing while everybody else's do. */
  async function writeAll(): Promise<void> {
    const invoice = (await gateways[0]!.ask(ledger.support.token, '{ invoices(first: 1) { nodes { id version } } }'))
      .body.data.invoices.nodes[0];
    let { version } = invoice;
    for (let turn = 0; running; turn += 1) {
      const input = `id: "${invoice.id}", expectedVersion: ${version}, input: { notes: "turn ${turn}" }`;
      const query = `mutation Swaps { updateInvoice(${input}) { invoice { version notes } userErrors { code } } }`;
      const answer: Answer = await pick(gateways, turn).ask(ledger.support.token, query);
      figures.writes += 1;
      const made = answer.body.data?.updateInvoice?.invoice;
      if (made?.version !== version + 1) note('unanswered', answer.text);
      else version = made.version;
      // Neither of the others may change it at any time.
      const forbidden = await pick(gateways, turn).ask(people.get(pick(ROLES, turn))!.token, query);
      if (!codes(forbidden).every((code) => code === 'FIELD_FORBIDDEN') || !forbidden.body.errors) {
        note(forbidden.body.errors ? 'unanswered' : 'wrongAllows', forbidden.text);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('no answer is anything but what some version in force meanwhile says', async () => {
    const load = [...Array.from({ length: READERS }, (_, reader) => readAll(reader)), writeAll()];
    let refused = 0;
    const started = Date.now();
    for (let turn = 0; turn < PUBLISHES; turn += 1) {
      await publish(turn);
      if (turn % 25 !== 24) continue;
      // A version that is not sound is refused when it is saved, under the same load.
      const input = {
        roleId: roleIds.get('swap-0'),
        objectName: 'Account',
        fieldName: 'nothing',
        action: 'SEE_CLEAR',
        effect: 'ALLOW',
      };
      const answer = await pick(gateways, turn).ask(
        ledger.admin.token,
        'mutation ($input: FieldPermissionCreateInput!) { createFieldPermission(input: $input) { userErrors { code } } }',
        { input },
      );
      expect(answer.body.data.createFieldPermission.userErrors).toMatchObject([{ code: 'POLICY_INVALID' }]);
      refused += 1;
    }
    const seconds = (Date.now() - started) / 1_000;
    running = false;
    await Promise.all(load);
    console.info(`${PUBLISHES} publications and ${refused} refused ones in ${seconds.toFixed(0)} s:`, figures);
    expect(wrong).toEqual([]);
    expect(figures).toMatchObject({ wrongAllows: 0, wrongDenies: 0, unanswered: 0 });
    expect(figures.reads + figures.filters).toBeGreaterThan(PUBLISHES);
    expect(figures.writes).toBeGreaterThan(PUBLISHES / 20);
    expect(versions).toHaveLength(PUBLISHES + 1);
  });

  test('a stored version that was altered is not used when it is loaded, and nothing older is', async () => {
    const [first, second] = gateways as [TestGateway, TestGateway];
    const token = people.get('swap-0')!.token;
    await publish(PUBLISHES);
    await first.sql('alter table policy_version disable trigger all');
    const n = '(select policy_version from authority_head)';
    await first.sql(
      `update policy_version set body = replace(body, '"name":"swap-0"', '"name":"swap-9"') where n = ${n}`,
    );
    // The one that published it learns of it only when it has to load; the other has never seen it.
    const started = await startTestGateway({ database: first.database, root: first }).catch((error: Error) => error);
    if (!(started instanceof Error)) gateways.push(started);
    for (const gateway of gateways.slice(1))
      expect(codes(await gateway.ask(token, READ))).toContain('POLICY_UNAVAILABLE');
    await first.sql(
      `update policy_version set body = replace(body, '"name":"swap-9"', '"name":"swap-0"') where n = ${n}`,
    );
    expect((await second.ask(token, READ)).body.data.accounts.nodes).toHaveLength(1);
  });
});
