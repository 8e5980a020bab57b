import { HashingBusy, RootSecret } from '@countersign/crypto';
import { GraphQLError } from 'graphql';
import { FACES, Fault, type FaultCode } from './faults';
import { faultOf, publicError, publicRefusal } from './public-error';

const decisions = new RootSecret(new Uint8Array(32).fill(7)).sealer('decision');
const context = { requestId: '01900000-0000-7000-8000-000000000000', decisions };

describe('Every fault has one public face', () => {
  test.each(Object.keys(FACES) as FaultCode[])('%s: its code, its words, its ids', (code) => {
    const { message, extensions } = publicError(new Fault(code, { inside: new Error('SQLSTATE 42P01') }), context);
    expect(message).toBe(FACES[code].message);
    expect(extensions).toEqual({ code, requestId: context.requestId, decisionId: expect.any(String) });
    expect(publicRefusal(new Fault(code), context).extensions.http).toEqual({ status: FACES[code].status });
  });

  test('decision ids are of one length, whatever was decided', () => {
    const faults = [
      new Fault('INTERNAL'),
      new Fault('FIELD_FORBIDDEN', { coordinate: 'A.b' }),
      new Fault('FIELD_FORBIDDEN', { coordinate: `${'A'.repeat(60)}.${'b'.repeat(60)}` }),
    ];
    const lengths = faults.map((fault) => String(publicError(fault, context).extensions.decisionId).length);
    expect(new Set(lengths).size).toBe(1);
  });

  test('the inside is kept for our own log and is no part of what leaves', () => {
    const fault = faultOf(new TypeError('Cannot read properties of undefined'));
    expect(fault.code).toBe('INTERNAL');
    expect(fault.detail.inside).toBeInstanceOf(TypeError);
    expect(JSON.stringify(publicError(fault, context))).not.toContain('Cannot read');
  });
});

describe('What was thrown is told apart', () => {
  const databaseError = (more: object) => Object.assign(new Error('from the driver'), more);
  const wrapped = (error: Error) => new GraphQLError('wrapped', { originalError: error });

  test.each<[string, Error, FaultCode]>([
    ['a fault', new Fault('CONFLICT'), 'CONFLICT'],
    ['too much hashing', new HashingBusy(), 'RATE_LIMITED'],
    ['a connection that was ended', databaseError({ code: '57P01', severity: 'FATAL' }), 'POLICY_UNAVAILABLE'],
    ['a database that lets nobody in', databaseError({ code: '55000', severity: 'FATAL' }), 'POLICY_UNAVAILABLE'],
    ['a password that PostgreSQL refuses', databaseError({ code: '28P01', severity: 'FATAL' }), 'POLICY_UNAVAILABLE'],
    ['a server that is not there', databaseError({ code: 'ECONNREFUSED' }), 'POLICY_UNAVAILABLE'],
    ['a connection that broke', new Error('Connection terminated unexpectedly'), 'POLICY_UNAVAILABLE'],
    ['a pool that is full', new Error('timeout exceeded when trying to connect'), 'POLICY_UNAVAILABLE'],
    ['a statement that took too long', databaseError({ code: '57014', severity: 'ERROR' }), 'COST_LIMIT'],
    ['a database that may only be read', databaseError({ code: '25006', severity: 'ERROR' }), 'AUDIT_UNAVAILABLE'],
    ['a disk that is full', databaseError({ code: '53100', severity: 'ERROR' }), 'AUDIT_UNAVAILABLE'],
    ['a statement that is wrong', databaseError({ code: '42P01', severity: 'ERROR' }), 'INTERNAL'],
    ['a bug', new TypeError('x is not a function'), 'INTERNAL'],
  ])('%s', (_name, error, code) => {
    expect(faultOf(error).code).toBe(code);
    // graphql-js wraps what resolvers throw, and a resolver may have wrapped it before.
    expect(faultOf(wrapped(error)).code).toBe(code);
    expect(faultOf(wrapped(wrapped(error))).code).toBe(code);
  });

  test.each([null, undefined, 'text', 5, {}])('%j, which is no error', (thrown) => {
    expect(faultOf(thrown).code).toBe('INTERNAL');
  });
});
