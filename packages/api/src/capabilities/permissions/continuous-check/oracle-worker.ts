import 'reflect-metadata';
import { parentPort } from 'node:worker_threads';
import { type CompiledPolicy, compilePolicy } from '@countersign/policy';
import { createCatalogue } from '@countersign/schema';
import { policyBodyOf, storedPolicyRecords } from '../../../snapshot/policy-records';
import { answerOf } from '../../../snapshot/table-cell';
import type { OraclePolicy, OracleQuestion, OracleReply } from './oracle-messages';

/*
 * The oracle's thread. It shares no memory with the gateway's: it has its own copy of the policy, made from the stored
 * text, and puts every question to an enforcer that holds all lines.
 */

let compiled: CompiledPolicy | null = null;

parentPort?.on('message', (question: OracleQuestion) => {
  answer(question).then(
    (reply) => parentPort?.postMessage(reply),
    (error: unknown) => parentPort?.postMessage({ failure: String(error) } satisfies OracleReply),
  );
});

async function answer({ policy, rights, cells }: OracleQuestion): Promise<OracleReply> {
  if (policy) {
    compiled = null;
    compiled = await compile(policy);
  }
  if (!compiled) throw new Error('no policy was sent');
  const oracle = await compiled.fullEnforcer(rights);
  return { answers: cells.map((cell) => answerOf(oracle, cell)) };
}

async function compile({ body, objects }: OraclePolicy): Promise<CompiledPolicy> {
  const records = storedPolicyRecords(body);
  return compilePolicy(createCatalogue(objects), records.catalogueRevision, policyBodyOf(records));
}
