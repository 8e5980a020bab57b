import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeTrigger, parseTrigger } from '@countersign/policy';
import { builtinCatalogue } from '@countersign/schema';

/*
 * The table of triggers in the guide to the policy: each can be read for the object that it is shown on, and means what
 * the table says, in the words in which the product tells it.
 */
const guide = readFileSync(path.resolve(__dirname, '../../../../docs/policy.md'), 'utf8');
const rows = [...guide.matchAll(/^\| `(\{.+\})` \| (\w+) \| (.+) \|$/gm)].map(
  ([, json, object, words]) => [json, object, words] as [string, string, string],
);

test('the guide shows triggers of every kind', () => {
  expect(rows.length).toBeGreaterThanOrEqual(10);
});

test.each(rows)('%s on %s asks for approval when %s', (json, object, words) => {
  const catalogue = builtinCatalogue();
  expect(describeTrigger(catalogue, parseTrigger(catalogue, object, JSON.parse(json)))).toBe(words);
});
