import { AuditGate } from './audit-gate';

describe('The gate that changes and protected reads pass', () => {
  let now: number;
  let gate: AuditGate;
  beforeEach(() => {
    now = 1_000;
    gate = new AuditGate(5_000, () => now);
  });
  const isOpen = () => gate.closedBecause === null;

  test('is open until it is told something, as in a command beside a gateway', () => {
    now += 1e9;
    expect(isOpen()).toBe(true);
    expect(() => gate.requireOpen()).not.toThrow();
  });

  test('closes with AUDIT_UNAVAILABLE while the tail is older than its limit, and opens by itself', () => {
    gate.tell(5_000);
    expect(isOpen()).toBe(true);
    gate.tell(5_001);
    expect(() => gate.requireOpen()).toThrow(expect.objectContaining({ code: 'AUDIT_UNAVAILABLE' }));
    gate.tell(0);
    expect(isOpen()).toBe(true);
  });

  test('closes when nobody looks at the log any more', () => {
    gate.tell(0);
    now += 5_001;
    expect(isOpen()).toBe(false);
    gate.tell(0);
    expect(isOpen()).toBe(true);
  });

  test('is closed during an alarm, whatever the tail', () => {
    gate.tell(0);
    gate.raise('a fork');
    expect(gate.closedBecause).toBe('a fork');
    gate.tell(0);
    expect(isOpen()).toBe(false);
    gate.raise(null);
    expect(isOpen()).toBe(true);
  });

  test('tells nobody outside why it is closed', () => {
    gate.raise('the file /var/secret holds another head');
    expect(() => gate.requireOpen()).toThrow('The audit log cannot be written.');
  });
});
