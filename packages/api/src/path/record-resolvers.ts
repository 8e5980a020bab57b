import type { RecordResolvers } from '@countersign/schema';
import { type ReadDeps, readPath } from './read-path';
import type { RequestScope } from './request-scope';
import type { ChangeSetArguments, WriteResolvers } from './write-path';

/** How the assembled schema is answered: records by the read path, generic mutations by the write path. */
export function recordResolvers(reads: ReadDeps, writes: WriteResolvers): RecordResolvers {
  return {
    readOne: (object) => (_source, _args, scope: RequestScope, info) =>
      readPath(reads, scope, info, { kind: 'one', object }),
    readMany: (object) => (_source, _args, scope: RequestScope, info) =>
      readPath(reads, scope, info, { kind: 'many', object }),
    readAggregate: (object) => (_source, _args, scope: RequestScope, info) =>
      readPath(reads, scope, info, { kind: 'aggregate', object }),
    readInner: (object) => (source, _args, scope: RequestScope, info) => {
      const id = (source as Record<string, unknown>)[info.fieldName];
      return typeof id === 'string' ? readPath(reads, scope, info, { kind: 'inner', object, id }) : null;
    },
    change: (object, verb) => (_source, args, scope: RequestScope) => writes.change(scope, object, verb, args),
    changeSet: (_source, args, scope: RequestScope) => writes.changeSet(scope, args as unknown as ChangeSetArguments),
  };
}
