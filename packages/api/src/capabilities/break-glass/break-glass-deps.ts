import type { ApplyDeps } from '../approvals';

/** What break-glass is kept with. */
export type BreakGlassDeps = Pick<ApplyDeps, 'dataSource' | 'macKeys' | 'now' | 'requireLog' | 'snapshots'>;
