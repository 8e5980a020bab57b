import { fail } from 'node:assert/strict';
import type { Catalogue } from '@countersign/schema';
import * as fc from 'fast-check';
import { meetings, propertyRuns } from '../../test/property-runs';
import { createCellEnforcer, createFullEnforcer } from '../casbin/cell-enforcer';
import { LineBook } from '../casbin/line-book';
import { RoleGraph } from '../casbin/role-graph';
import { wildcardReach } from '../casbin/wildcard-reach';
import { CASE_REVISION, caseCatalogue } from '../cases/case-catalogue';
import { lineProblems } from '../versions/check-lines';
import { roleProblems } from '../versions/check-roles';
import { compilePolicy } from '../versions/compile-policy';
import type { PermissionLine, PolicyBody, RoleDefinition } from '../versions/policy-body';
import type { RightsClass } from './decision-table';
import { ANY, FIELD_ACTIONS, OBJECT_ACTIONS, OBJECT_FIELD } from './levels';

const CELLS_TO_COMPARE = propertyRuns(50_000);
const CLASSES_PER_POLICY = 8;

const catalogue = caseCatalogue();
const emptyBody: PolicyBody = {
  catalogueRevision: CASE_REVISION,
  roles: [],
  lines: [],
  sharing: [],
  groups: [],
  cellRules: [],
};

/** Everything a line may say: each object and field, wildcards included, with each action and effect that is accepted. */
const sayings = everySaying(catalogue);

const aPolicy: fc.Arbitrary<PolicyBody> = fc
  .record({
    roles: someRoles(),
    picks: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 8, maxLength: 20 }),
  })
  .map(({ roles, picks }) => {
    const lines = picks.map(([role, saying, wide], index): PermissionLine => {
      // Every third line is a wildcard or close to one: drawn evenly they would be rare, and they are where errors hide.
      const drawn = wide % 3 === 0 ? sayings.wide : sayings.all;
      // Half of the lines belong to the farthest ancestor of the chain.
      const holder = roles[role % 2 === 0 ? 0 : role % roles.length]!;
      return { ...drawn[saying % drawn.length]!, id: `line ${index}`, role: holder.name };
    });
    return { ...emptyBody, roles, lines };
  });

/** Sets of roles as numbers, taken modulo the number of roles; many classes are narrowed by scopes, or have roles lent. */
const someClasses = fc.array(
  fc.tuple(
    fc.array(fc.nat(), { maxLength: 5 }),
    fc.option(fc.array(fc.nat(), { maxLength: 4 }), { freq: 2 }),
    fc.option(fc.array(fc.nat(), { maxLength: 3 }), { freq: 2 }),
  ),
  { minLength: CLASSES_PER_POLICY, maxLength: CLASSES_PER_POLICY },
);

test(`the decision table equals the full Casbin enforcer in at least ${CELLS_TO_COMPARE} random cells`, async () => {
  let compared = 0;
  let open = 0;
  let policies = 0;
  while (compared < CELLS_TO_COMPARE) {
    await fc.assert(
      fc.asyncProperty(aPolicy, someClasses, async (body, classes) => {
        const policy = await compilePolicy(catalogue, CASE_REVISION, body);
        policies += 1;
        for (const rights of classes.map((numbers) => classOf(body, numbers))) {
          const table = await policy.tableFor(rights);
          const oracle = await policy.fullEnforcer(rights);
          for (const object of catalogue.objects.values()) {
            for (const action of OBJECT_ACTIONS) {
              const may = oracle.may(object.name, action);
              if (table.may(object.name, action) !== may) fail(`${object.name} ${action}: ${may}`);
              compared += 1;
              if (may) open += 1;
            }
            let readable = false;
            for (const { name } of object.members) {
              const change = oracle.change(object.name, name);
              if (table.change(object.name, name) !== change) fail(`${object.name}.${name} change: ${change}`);
              compared += 1;
              if (change) open += 1;
              // What follows for id is worked out below, from the others.
              if (name === 'id') continue;
              const see = oracle.see(object.name, name);
              if (table.see(object.name, name) !== see) fail(`${object.name}.${name} see: ${see}`);
              compared += 1;
              if (see === 'none') continue;
              open += 1;
              readable = true;
            }
            if (table.readable(object.name) !== readable) fail(`${object.name} readable: ${readable}`);
            if (table.see(object.name, 'id') !== (readable ? 'clear' : 'none')) fail(`${object.name}.id: ${readable}`);
          }
        }
      }),
      { numRuns: propertyRuns(10), endOnFailure: true },
    );
  }
  console.info(`${compared} cells of ${policies} random policies compared, 0 differences; ${open} of them open`);
  expect(compared).toBeGreaterThanOrEqual(CELLS_TO_COMPARE);
  // A comparison of closed doors only would prove little.
  expect(open / compared).toBeGreaterThan(0.05);
});

test('both enforcers name the same deciding line', async () => {
  let named = 0;
  await fc.assert(
    fc.asyncProperty(aPolicy, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), async (body, numbers) => {
      const ground = {
        reach: wildcardReach(catalogue),
        lines: new LineBook(body.lines),
        graph: new RoleGraph(body.roles),
      };
      const { roles } = classOf(body, [numbers, null, null]);
      const [narrow, full] = [await createCellEnforcer(ground, [roles]), await createFullEnforcer(ground, [roles])];
      for (const object of catalogue.objects.values()) {
        for (const { name } of object.members) {
          const decision = full.decide(roles, object.name, name, 'see-masked');
          expect(narrow.decide(roles, object.name, name, 'see-masked')).toEqual(decision);
          if (decision.line) named += 1;
        }
      }
    }),
    { numRuns: propertyRuns(60) },
  );
  expect(named).toBeGreaterThan(meetings(50));
});

/** Chains of up to 30 links, with shortcuts and diamonds across them, and some roles that stand apart. */
function someRoles(): fc.Arbitrary<RoleDefinition[]> {
  const links = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 });
  return fc
    .record({ chain: fc.integer({ min: 1, max: 31 }), apart: fc.nat({ max: 4 }), links })
    .map(({ chain, apart, links: extra }) => {
      const inherits = Array.from(
        { length: chain + apart },
        (_, index) => new Set(index > 0 && index < chain ? [index - 1] : []),
      );
      const build = () =>
        inherits.map(
          (parents, index): RoleDefinition => ({
            name: `role-${index}`,
            inherits: [...parents].map((p) => `role-${p}`),
          }),
        );
      for (const [a, b] of extra) {
        const [child, parent] = [a % inherits.length, b % inherits.length].sort((x, y) => y - x) as [number, number];
        if (child === parent || inherits[child]!.has(parent)) continue;
        inherits[child]!.add(parent);
        if (roleProblems({ ...emptyBody, roles: build() }).length > 0) inherits[child]!.delete(parent);
      }
      return build();
    });
}

/** The last role of a chain inherits the most, so classes favour it. */
function classOf(
  body: PolicyBody,
  [roles, scopes, lent]: readonly [readonly number[], readonly number[] | null, readonly number[] | null],
): RightsClass {
  const name = (number: number) => {
    const count = body.roles.length;
    return body.roles[number % 3 === 0 ? count - 1 : number % count]!.name;
  };
  const sorted = (numbers: readonly number[]) => [...new Set(numbers.map(name))].sort();
  return { roles: sorted(roles), scopes: scopes && sorted(scopes), lent: lent && sorted(lent) };
}

function everySaying(of: Catalogue): { all: PermissionLine[]; wide: PermissionLine[] } {
  const names = [...of.objects.values()].flatMap((object) => [
    ...object.members.map((member) => [object.name, member.name] as const),
    ...[ANY, OBJECT_FIELD].map((field) => [object.name, field] as const),
  ]);
  const places = [...names, [ANY, ANY], [ANY, OBJECT_FIELD], [ANY, 'email'], [ANY, 'version']] as const;
  const role = 'role';
  const all = places.flatMap(([object, field]) =>
    [...FIELD_ACTIONS, ...OBJECT_ACTIONS].flatMap((action) =>
      (['allow', 'allow', 'allow', 'allow', 'allow', 'deny'] as const).map(
        (effect): PermissionLine => ({ id: '', role, object, field, action, effect }),
      ),
    ),
  );
  const roles: RoleDefinition[] = [{ name: role, inherits: [] }];
  const accepted = all.filter((line) => lineProblems(of, { ...emptyBody, roles, lines: [line] }).length === 0);
  return { all: accepted, wide: accepted.filter(({ object, field }) => object === ANY || field === ANY) };
}
