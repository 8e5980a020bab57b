import type { DecisionTable } from '@countersign/policy';
import { builtinCatalogue } from '@countersign/schema';
import { type AskedDecision, settleVerdict } from './settle-verdict';

const catalogue = builtinCatalogue();

/** A table of what is granted: `Invoice.number` seen, `Invoice.number=` changed, `Invoice+update` done. */
function tableOf(...granted: string[]): DecisionTable {
  return {
    digest: '',
    see: (object, field) => {
      if (granted.includes(`${object}.${field}`)) return 'clear';
      return granted.includes(`${object}.${field}~`) ? 'masked' : 'none';
    },
    change: (object, field) => granted.includes(`${object}.${field}=`),
    may: (object, action) => granted.includes(`${object}+${action}`),
    readable: (object) => granted.some((grant) => /^\w+\.\w+~?$/.test(grant) && grant.startsWith(`${object}.`)),
  };
}

const CASES: [string, AskedDecision, string[], string, string | null][] = [
  ['a field that is seen', { object: 'Invoice', field: 'number', action: 'SEE' }, ['Invoice.number'], 'ALLOWED', null],
  [
    'a field that is not',
    { object: 'Invoice', field: 'total', action: 'SEE' },
    ['Invoice.number'],
    'DENIED',
    'Invoice.total see-clear',
  ],
  [
    'a masked field seen',
    { object: 'Contact', field: 'email', action: 'SEE' },
    ['Contact.email~'],
    'MASKED',
    'Contact.email see-clear',
  ],
  [
    'a masked field filtered by',
    { object: 'Contact', field: 'email', action: 'FILTER' },
    ['Contact.email~'],
    'DENIED',
    'Contact.email see-clear',
  ],
  [
    'a masked field in an aggregate',
    { object: 'Contact', field: 'email', action: 'AGGREGATE' },
    ['Contact.email~'],
    'DENIED',
    'Contact.email see-clear',
  ],
  [
    'a relation to what is not readable',
    { object: 'Invoice', field: 'account', action: 'SEE' },
    ['Invoice.account'],
    'DENIED',
    'Account.id see-clear',
  ],
  [
    'an object none of whose fields is seen',
    { object: 'Invoice', field: null, action: 'READ' },
    ['Invoice+update'],
    'DENIED',
    'Invoice.id see-clear',
  ],
  [
    'a change with all that it takes',
    { object: 'Invoice', field: 'notes', action: 'CHANGE' },
    ['Invoice.number', 'Invoice.notes=', 'Invoice+update'],
    'ALLOWED',
    null,
  ],
  [
    'a change without the update',
    { object: 'Invoice', field: 'notes', action: 'CHANGE' },
    ['Invoice.number', 'Invoice.notes='],
    'DENIED',
    'Invoice.- update',
  ],
  [
    'a change of an object that is not readable',
    { object: 'Invoice', field: 'notes', action: 'CHANGE' },
    ['Invoice.notes=', 'Invoice+update'],
    'DENIED',
    'Invoice.id see-clear',
  ],
  [
    'a change of what the gateway sets',
    { object: 'Invoice', field: 'version', action: 'CHANGE' },
    ['Invoice.version', 'Invoice.version=', 'Invoice+update'],
    'DENIED',
    null,
  ],
  [
    'a deed that the object does not have',
    { object: 'AuditEntry', field: null, action: 'DELETE' },
    ['AuditEntry.at', 'AuditEntry+delete'],
    'DENIED',
    null,
  ],
];

test.each(CASES)('%s is settled as it is enforced', (_, asked, granted, verdict, lacking) => {
  const settled = settleVerdict(catalogue, tableOf(...granted), asked);
  const cell = settled.lacking && `${settled.lacking.object}.${settled.lacking.field} ${settled.lacking.action}`;
  expect([settled.verdict, cell]).toEqual([verdict, lacking]);
  // What is allowed rests on a cell, and what is denied on none.
  expect(settled.granted === null).toBe(verdict === 'DENIED');
});
