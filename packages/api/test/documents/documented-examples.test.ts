import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openGates } from '../../src/capabilities/approvals';
import type { DemoPerson } from '../../src/demo/demo-people-file';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';
import { differences, readExamples, withNames } from './read-examples';

const ROOT = path.resolve(__dirname, '../../../..');
/** In this order on one demo: what an example changes, later ones see. */
const DOCUMENTS = ['README.md', 'docs/api.md', 'docs/approvals.md', 'docs/break-glass.md', 'docs/policy.md'];

let gateway: TestGateway;
let people: readonly DemoPerson[];
const tokens = new Map<string, string>();

beforeAll(async () => {
  gateway = await startTestGateway();
  people = await gateway.core.prepareDemo();
}, 120_000);
afterAll(() => gateway.stop());

const personOf = (who: string): DemoPerson => people.find(({ email }) => email.startsWith(`${who}@`))!;

async function tokenOf(who: string): Promise<string> {
  const known = tokens.get(who);
  if (known) return known;
  const { email, password } = personOf(who);
  const { body } = await gateway.signIn(email, password);
  tokens.set(who, body.data.signIn.accessToken);
  return tokenOf(who);
}

describe.each(DOCUMENTS)('%s', (document) => {
  const examples = readExamples(readFileSync(path.join(ROOT, document), 'utf8'));
  const names = new Map<string, string>();

  // The guide to policy says so itself: with closed gates each of its changes would wait for a second admin.
  if (document === 'docs/policy.md')
    beforeAll(async () => {
      const { core } = gateway;
      const { snapshot } = await core.snapshots.refresh();
      const deps = { dataSource: core.writes.dataSource, policyKey: core.macKeys.policy };
      const until = new Date(core.now().getTime() + 3_600_000);
      await openGates(deps, snapshot, { now: core.now(), until, reason: 'The guide' });
    });

  test('has examples', () => expect(examples.length).toBeGreaterThan(1));

  test.each(examples.map((example) => [example.line, example] as const))(
    'line %i shows what the demo answers',
    async (_line, { who, query, variables, status, answer }) => {
      for (const { email, password } of people) names.set(`password of ${email.split('@')[0]}`, password);
      const token = who === null ? null : await tokenOf(who);
      const asked = await gateway.ask(token, withNames(query, names), variables);
      expect(differences(answer, asked.body, names)).toEqual([]);
      expect(asked.status).toBe(status);
    },
  );
});

test('a document that shows something else would be noticed', () => {
  const names = new Map<string, string>();
  const shown = { id: '<one>', list: [1, '…'], text: 'a … c', gone: null };
  expect(differences(shown, { id: 'x', list: [1, 2], text: 'a b c', gone: null }, names)).toEqual([]);
  expect(differences({ id: '<one>' }, { id: 'y' }, names)).toHaveLength(1);
  expect(differences(shown, { id: 'x', list: [1], text: 'a b', gone: undefined, more: 1 }, names)).toHaveLength(4);
});
