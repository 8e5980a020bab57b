import { Logger } from 'graphile-worker';

/** graphile-worker's own lines, dropped: it would write them to standard output, past our log. */
export const quietWorkerLog = new Logger(() => () => undefined);
