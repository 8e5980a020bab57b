import type { GivenChange } from '../../src/records/change';
import { type SampleLedger, sampleLedger } from './sample-ledger';
import { startTestGateway, type TestGateway, type TestPerson } from './test-gateway';

/** The sample ledger with cell rules: their holder looks at every account, and sees some fields in EMEA only. */
export interface CellWorld {
  readonly gateway: TestGateway;
  readonly ledger: SampleLedger;
  /** Under the rules, in EMEA. */
  readonly limited: TestPerson;
  /** The same lines, without a rule. */
  readonly free: TestPerson;
  readonly limitedRole: string;
}

const HERE = { region: { eq: '$principal.region' } };

/** Where the holder of the limited role sees what. The region is bound for each request; nobody's is in a plan. */
export const CELL_RULES: Readonly<Record<string, unknown>> = {
  'Account.creditLimit': HERE,
  'Account.taxId': HERE,
  'Account.parent': HERE,
  'Account.status': HERE,
  'Invoice.account': { account: HERE },
  'Invoice.issuedOn': { account: HERE },
  'Invoice.total': { account: HERE },
  'Invoice.notes': { account: HERE },
};

export async function startCellWorld(rules = CELL_RULES): Promise<CellWorld> {
  const gateway = await startTestGateway();
  const ledger = await sampleLedger(gateway);
  const lines = [
    { object: '*', field: '*', action: 'SEE_CLEAR' },
    { object: '*', field: '*', action: 'CHANGE' },
    ...['CREATE', 'UPDATE', 'DELETE'].map((action) => ({ object: '*', action })),
  ];
  const made = await gateway.install([
    ...gateway.roleRecords('limited', lines),
    ...gateway.roleRecords('free', lines),
    ...Object.entries(rules).map(([coordinate, condition]) => cellRule('@limited', coordinate, condition)),
  ]);
  // A family across the border, and one with a shown child.
  const [first, second, third, , fifth] = ledger.accountIds as [string, string, string, string, string];
  await gateway.install([
    { verb: 'update', object: 'Account', id: second, input: { parentId: first } },
    { verb: 'update', object: 'Account', id: fifth, input: { parentId: first } },
    { verb: 'update', object: 'Account', id: third, input: { parentId: second } },
  ]);
  const person = (role: string, name: string) =>
    gateway.person({ audience: 'STAFF', name, roles: [role], region: 'EMEA' });
  return {
    gateway,
    ledger,
    limited: await person('limited', 'Lima Mited'),
    free: await person('free', 'Freya Ee'),
    limitedRole: made[0]!.id,
  };
}

/** The record of a cell rule. */
export function cellRule(roleId: string, coordinate: string, condition: unknown): GivenChange {
  const [objectName, fieldName] = coordinate.split('.');
  return { verb: 'create', object: 'CellRule', input: { roleId, objectName, fieldName, condition } };
}
