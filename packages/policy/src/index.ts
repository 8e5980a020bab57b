export * from './fields/decision-table';
export * from './fields/levels';
export * from './rows/condition';
export * from './versions/policy-body';
