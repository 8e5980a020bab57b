import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ANY, OBJECT_ACTIONS, type ObjectAction } from '../fields/levels';
import { compilePolicy } from '../versions/compile-policy';
import { CASE_REVISION, caseCatalogue } from './case-catalogue';
import { casePolicy } from './case-policy';

/*
 * Decision tables as data. A case file gives roles, lines written as "effect role action Object.field" (or "effect role
 * action Object" for actions on records), and for each class of rights what must come out: "see/change" for a field, the
 * allowed actions for an object. A class is role names joined by "+", and after "&" the scopes of a narrowed token.
 */
interface CaseFile {
  readonly promise: string;
  readonly roles: Readonly<Record<string, readonly string[]>>;
  readonly lines: readonly string[];
  readonly expect: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const files = readdirSync(__dirname).filter((name) => name.endsWith('.json'));

function namesIn(text: string): string[] {
  return text.split('+').map((name) => name.trim());
}

test('there are decision tables to check', () => {
  expect(files.length).toBeGreaterThanOrEqual(6);
});

describe.each(files)('%s', (file) => {
  const table = JSON.parse(readFileSync(join(__dirname, file), 'utf8')) as CaseFile;

  test(table.promise, async () => {
    const policy = await compilePolicy(caseCatalogue(), CASE_REVISION, casePolicy(table.roles, table.lines));
    const wanted: Record<string, Record<string, string>> = {};
    const found: Record<string, Record<string, string>> = {};
    for (const [className, cells] of Object.entries(table.expect)) {
      const [roles, scopes] = className.split('&') as [string, string | undefined];
      const rights = { roles: namesIn(roles), scopes: scopes === undefined ? null : namesIn(scopes) };
      const answers = await policy.tableFor(rights);
      wanted[className] = cells;
      found[className] = Object.fromEntries(
        Object.keys(cells).map((place) => {
          const [object, field] = place.split('.') as [string, string | undefined];
          if (field !== undefined)
            return [place, `${answers.see(object, field)}/${answers.change(object, field) ? 'yes' : 'no'}`];
          const may = OBJECT_ACTIONS.filter((action: ObjectAction) => answers.may(object, action));
          return [place, may.join(' ') || 'nothing'];
        }),
      );
    }
    expect(found).toEqual(wanted);
    expect(Object.keys(wanted)).not.toHaveLength(0);
    expect(JSON.stringify(table.expect)).not.toContain(ANY);
  });
});
