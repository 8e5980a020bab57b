import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, findBreakingChanges, printSchema } from 'graphql';
import { startTestGateway } from './harness/test-gateway';

const FILE = path.resolve(__dirname, '../../schema/schema.graphql');
const REFRESH = 'UPDATE_SCHEMA=1 npm test -- schema-snapshot';

/*
 * The whole schema, as somebody who may see everything is served it. It is kept in a file so that a change of what the
 * gateway offers to others shows as such in review.
 */
test(`packages/schema/schema.graphql is what the gateway serves; after a change on purpose: ${REFRESH}`, async () => {
  const gateway = await startTestGateway();
  const { snapshot } = await gateway.core.snapshots.current();
  await gateway.stop();
  const served = `${printSchema(snapshot.wholeSchema)}\n`;
  if (process.env.UPDATE_SCHEMA) writeFileSync(FILE, served);
  const kept = readFileSync(FILE, 'utf8');
  if (kept === served) return;
  const broken = changesThatBreak(kept, served);
  const changed = broken.length > 0 ? `It would break clients:\n- ${broken.join('\n- ')}` : 'No client would break.';
  throw new Error(`The schema is not the one in packages/schema/schema.graphql. ${changed}\nTo keep it: ${REFRESH}`);
});

function changesThatBreak(kept: string, served: string): string[] {
  try {
    return findBreakingChanges(buildSchema(kept), buildSchema(served)).map(({ description }) => description);
  } catch (error) {
    return [`the file cannot be read: ${error instanceof Error ? error.message : error}`];
  }
}
