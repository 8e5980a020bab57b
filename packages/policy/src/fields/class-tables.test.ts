import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { casePolicy } from '../cases/case-policy';
import { compilePolicy } from '../versions/compile-policy';

test('filling a table leaves the event loop free for others', async () => {
  // 400 roles, each with lines of its own, so that filling takes many slices.
  const names = Array.from({ length: 400 }, (_, at) => `role-${at}`);
  const many = casePolicy(
    Object.fromEntries(names.map((name) => [name, []])),
    names.map((name) => `allow ${name} see-clear *.*`),
  );
  const large = await compilePolicy(caseCatalogue(), CASE_REVISION, many);
  let turns = 0;
  let filling = true;
  const others = (async () => {
    for (; filling; turns += 1) await new Promise((resume) => setImmediate(resume));
  })();
  await large.tableFor({ roles: names, scopes: null });
  filling = false;
  await others;
  expect(turns).toBeGreaterThan(3);
});
