import { codes } from '../harness/answers';
import type { TestPerson } from '../harness/test-gateway';
import { createImportWorld, type ImportWorld } from '../import/import-world';

/* Files and mappings made by somebody who means harm, imported by somebody who means well, and the other way round. */
describe('An import is held to policy and to its files', () => {
  let world: ImportWorld;
  let admin: TestPerson;

  beforeAll(async () => {
    world = await createImportWorld();
    admin = await world.gateway.person({ name: 'Ad Min', audience: 'STAFF', roles: ['security-admin'] });
  });
  afterAll(() => world?.gateway.stop());

  const accounts = (fields: object, more: object = {}) => ({
    files: {
      'accounts.csv': {
        records: [
          {
            object: 'Account',
            fields: {
              name: { column: 'name' },
              region: { constant: 'EMEA' },
              segment: { constant: 'CONSUMER' },
              currency: { constant: 'EUR' },
              ...fields,
            },
            ...more,
          },
        ],
      },
    },
  });
  const map = (object: string, fields: Record<string, object>) => ({
    files: { 'x.csv': { records: [{ object, fields }] } },
  });

  describe('of rights', () => {
    const grant = map('RoleAssignment', {
      role: { reference: 'Role', match: { field: 'name', value: '{role}' } },
      user: { reference: 'User', match: { field: 'email', value: '{email}' } },
    });
    const tries: [string, () => TestPerson, object, () => string][] = [
      [
        'a role, by who may not give any',
        () => world.operator,
        grant,
        () => `role,email\nauditor,${world.operator.email}`,
      ],
      ['a role for oneself', () => admin, grant, () => `role,email\nauditor,${admin.email}`],
      [
        'a role for others and, in the last row, oneself',
        () => admin,
        grant,
        () => `role,email\nauditor,${world.operator.email}\nauditor,${admin.email}`,
      ],
      [
        'a line of one’s own role',
        () => admin,
        map('FieldPermission', {
          role: { reference: 'Role', match: { field: 'name', value: '{role}' } },
          objectName: { column: 'object' },
          fieldName: { constant: '*' },
          action: { constant: 'SEE_CLEAR' },
          effect: { constant: 'ALLOW' },
        }),
        () => 'role,object\nsecurity-admin,Invoice',
      ],
    ];
    test.each(tries)('%s is refused, tried or done', async (_, as, given, rows) => {
      const before = [await world.count('role_assignment'), await world.count('field_permission')];
      for (const dryRun of [true, false]) {
        await expect(world.run(given, { 'x.csv': rows() }, { as: as(), dryRun })).rejects.toMatchObject({
          code: 'FORBIDDEN',
        });
      }
      expect([await world.count('role_assignment'), await world.count('field_permission')]).toEqual(before);
    });

    test.each(['AuditEntry', 'PendingChange'])('a made-up %s is no import', async (object) => {
      await expect(
        world.run(map(object, { reason: { column: 'a' } }), { 'x.csv': 'a\nb' }, { as: admin }),
      ).rejects.toThrow(/cannot be created/);
    });
  });

  test.each(['__proto__', 'constructor', 'toString', 'user_credential', 'authority_head'])(
    '%s is neither an object, a field nor a column of anything',
    async (name) => {
      for (const given of [
        `{"files":{"x.csv":{"records":[{"object":"${name}","fields":{"name":{"column":"a"}}}]}}}`,
        `{"files":{"x.csv":{"records":[{"object":"Account","fields":{"${name}":{"column":"a"},"name":{"column":"a"}}}]}}}`,
        `{"files":{"x.csv":{"records":[{"object":"Account","fields":{"name":{"column":"${name}"}}}]}}}`,
        `{"files":{"x.csv":{"records":[{"object":"Account","fields":{"name":{"template":"{${name}}"}}}]}}}`,
      ]) {
        const outcome = await world.run(given, { 'x.csv': 'a\nb' }).catch((error: Error) => error);
        expect(outcome).toBeInstanceOf(Error);
        expect(String(outcome)).toMatch(/there is no|cannot be used|You may not/);
      }
    },
  );

  test.each([
    ['UTF-16', Buffer.from('name\nA\u00e9', 'utf16le')],
    ['UTF-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('name\nA', 'utf16le')])],
    ['Latin-1', Buffer.from('name\nCaf\u00e9', 'latin1')],
    ['half a character', Buffer.concat([Buffer.from('name\nA'), Buffer.from([0xe2, 0x82])])],
    ['a surrogate', Buffer.concat([Buffer.from('name\n'), Buffer.from([0xed, 0xa0, 0x80])])],
    ['bytes of no meaning', Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xfe, 0xff, 0x00])],
  ])('a file in %s is refused as a whole', async (_, bytes) => {
    const before = await world.count('account');
    expect(await world.run(accounts({}), { 'accounts.csv': bytes }).catch((error) => error)).toMatchObject({
      kind: 'refused',
    });
    expect(await world.count('account')).toBe(before);
  });

  test('control characters are stored as they are or refused, and never shown to a terminal', async () => {
    const evil = '\u001b]0;owned\u0007\u009b31m\u202egnp.exe\u0001';
    const outcome = await world.run(accounts({}), { 'accounts.csv': `name\n"A${evil}"\n` });
    expect(outcome.kind).toBe('imported');
    const { body } = await world.gateway.ask(
      world.operator.token,
      'query ($name: String!) { accounts(where: { name: { eq: $name } }) { nodes { name } } }',
      { name: `A${evil}` },
    );
    expect(body.data.accounts.nodes).toEqual([{ name: `A${evil}` }]);

    const wrong = [
      await world.run(accounts({ currency: { column: 'currency' } }), {
        'accounts.csv': `name,currency\nA,"${evil}"\n`,
      }),
      await world.run(accounts({ creditLimit: { column: 'c' } }), { 'accounts.csv': `name,c\nA,"${evil}"\n` }),
      await world.run(accounts({ status: { column: 's', map: { a: 'ACTIVE' } } }), {
        'accounts.csv': `name,s\nA,"${evil}"\n`,
      }),
      await world
        .run(accounts({ owner: { reference: 'Person', match: { field: 'fullName', value: '{o}' } } }), {
          'accounts.csv': `name,o\nA,"${evil}"\n`,
        })
        .catch(() => null),
      await world.run(accounts({}), { 'accounts.csv': `name,"${evil}","${evil}"\nA,1,2\n` }),
      await world.run(accounts({}), { 'accounts.csv': `name\n"A"\u009b${evil}"\n` }),
      await world.run(accounts({}, { key: '{name}' }), { 'accounts.csv': `name\n"${evil}"\n"${evil}"\n` }),
    ];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
    for (const outcomeOf of wrong.filter((one) => one !== null)) {
      expect(outcomeOf).toMatchObject({ kind: 'refused' });
      if (outcomeOf.kind !== 'refused') continue;
      for (const { reason, column, file } of outcomeOf.problems)
        expect(`${reason}${column}${file}`).not.toMatch(CONTROLS);
    }
  });

  test('a cell of 4 MB, a row of 200,000 cells, a header of 200,000 columns: refused', async () => {
    const huge = await world.run(accounts({}), { 'accounts.csv': `name\n"${'x'.repeat(4_000_000)}"\n` });
    expect(huge).toMatchObject({
      kind: 'refused',
      problems: [{ reason: expect.stringMatching(/at most 200 characters/) }],
    });
    const wide = await world.run(accounts({}), { 'accounts.csv': `name\n${'a,'.repeat(200_000)}\n` });
    expect(wide).toMatchObject({ kind: 'refused', total: 1 });
    const header = Array.from({ length: 200_000 }, (_, n) => `c${n}`).join(',');
    const headed = await world.run(accounts({}), { 'accounts.csv': `${header}\n1,2\n` }).catch((error) => error);
    expect(JSON.stringify(headed).length).toBeLessThan(10_000);
  });

  test('what an import may not see, a mapping does not match by', async () => {
    const limited = await world.gateway.person({ name: 'Li Mited', audience: 'STAFF', roles: ['billing-operator'] });
    const byTax = accounts({ parent: { reference: 'Account', match: { field: 'taxId', value: '{t}' } } });
    await world.gateway.lines([
      { role: 'billing-operator', object: 'Account', field: 'taxId', action: 'SEE_MASKED', effect: 'DENY' },
    ]);
    await world.gateway.install([
      {
        verb: 'create',
        object: 'Account',
        input: { name: 'Taxed', region: 'EMEA', segment: 'CONSUMER', currency: 'EUR', taxId: 'DE999' },
      },
    ]);
    const [right, wrong] = [
      await world.run(byTax, { 'accounts.csv': 'name,t\nA,DE999' }, { as: limited }),
      await world.run(byTax, { 'accounts.csv': 'name,t\nA,DE998' }, { as: limited }),
    ];
    expect(JSON.stringify(right).replace('DE999', '')).toBe(JSON.stringify(wrong).replace('DE998', ''));
    expect(codes(await world.gateway.ask(limited.token, '{ accounts { nodes { taxId } } }'))).toEqual([
      'FIELD_FORBIDDEN',
    ]);
  });
});
