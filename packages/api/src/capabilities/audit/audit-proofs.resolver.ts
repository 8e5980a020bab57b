import type { Pool } from 'pg';
import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { Fault } from '../../path/faults';
import type { RequestScope } from '../../path/request-scope';
import { readUnderHead, settleHead } from '../../path/under-head';
import type { FoldedTrace } from './folded-trace';
import { StoredTree } from './log/stored-tree';
import type { SignedHead } from './log/tree-head';
import { proveEntry, requireProver } from './prove-entry';
import { traceOfRequest } from './trace-context';
import { TRACE_OBJECT } from './trace-right';

@ObjectType({ description: 'The log at one moment, signed. What exactly is signed is in docs/audit.md.' })
class AuditHead {
  @Field(() => String)
  log!: string;

  @Field(() => Int)
  size!: number;

  @Field(() => String, { description: 'Hexadecimal.' })
  root!: string;

  @Field(() => String, { description: 'RFC 3339.' })
  at!: string;

  @Field(() => String, { description: 'RFC 7638 thumbprint of the key at /.well-known/countersign-audit-keys.json.' })
  keyId!: string;

  @Field(() => String, { description: 'ES256, base64url.' })
  signature!: string;
}

@ObjectType({ description: 'That an entry stands in the log (RFC 6962, section 2.1.1).' })
class AuditInclusionProof {
  @Field(() => Int)
  position!: number;

  @Field(() => String, { description: 'What is hashed: the header as it is, followed by the commitments.' })
  header!: string;

  @Field(() => String, { description: 'Base64: 32 bytes for each field that the header names.' })
  commitments!: string;

  @Field(() => String, { description: 'Hexadecimal.' })
  leafHash!: string;

  @Field(() => [String], { description: 'Hexadecimal, nearest sibling first.' })
  proof!: string[];

  @Field(() => AuditHead)
  head!: AuditHead;
}

@ObjectType({ description: 'That the log of one head is the beginning of that of another (RFC 6962, section 2.1.2).' })
class AuditConsistencyProof {
  @Field(() => AuditHead)
  from!: AuditHead;

  @Field(() => AuditHead)
  to!: AuditHead;

  @Field(() => [String], { description: 'Hexadecimal.' })
  proof!: string[];
}

/** Proofs that one request may ask for. */
const MOST_PROOFS = 20;

export interface AuditProofsDeps {
  readonly pool: Pool;
  readonly folded: FoldedTrace;
}

@Resolver()
export class AuditProofsResolver {
  private readonly tree: StoredTree;
  private readonly asked = new WeakMap<RequestScope, number>();

  constructor(private readonly deps: AuditProofsDeps) {
    this.tree = new StoredTree(deps.pool);
  }

  @Query(() => AuditHead, { nullable: true, description: 'The newest signed head of the audit log.' })
  async auditHead(@Ctx() scope: RequestScope): Promise<AuditHead | null> {
    await this.admit(scope);
    const head = await this.tree.newestHead();
    return head && shown(head);
  }

  @Query(() => AuditInclusionProof, {
    nullable: true,
    description: 'Null while the entry waits for its place in the log, or has none under that head.',
  })
  async auditInclusionProof(
    @Arg('entryId', () => ID) entryId: string,
    @Arg('treeSize', () => Int, { nullable: true, description: 'The size of a head; the newest one when left out.' })
    treeSize: number | null | undefined,
    @Ctx() scope: RequestScope,
  ): Promise<AuditInclusionProof | null> {
    await this.admit(scope);
    const entry = await readUnderHead(scope, (under) => proveEntry(this.deps.pool, under, entryId));
    this.deps.folded.note(
      {
        ...traceOfRequest(scope),
        action: 'READ',
        object: TRACE_OBJECT,
        recordId: entryId,
        slots: { about: [null, { proof: entryId }] },
      },
      { source: scope.source, about: ['proof', scope.under.principal.values.userId, entryId] },
    );
    const head = treeSize === null || treeSize === undefined ? await this.tree.newestHead() : await this.head(treeSize);
    const { position, header, commitments, leafHash } = entry;
    if (head === null || position === null || leafHash === null || position >= head.size) return null;
    const proof = await this.tree.inclusionProof(position, head.size);
    return { position, header, commitments, leafHash, proof: proof.map(hex), head: shown(head) };
  }

  @Query(() => AuditConsistencyProof, { nullable: true })
  async auditConsistencyProof(
    @Arg('fromSize', () => Int) fromSize: number,
    @Arg('toSize', () => Int) toSize: number,
    @Ctx() scope: RequestScope,
  ): Promise<AuditConsistencyProof> {
    await this.admit(scope);
    const [from, to] = [await this.head(fromSize), await this.head(toSize)];
    if (from.size > to.size) throw new Fault('BAD_USER_INPUT', { message: 'The older head comes first.' });
    const proof = await this.tree.consistencyProof(from.size, to.size);
    return { from: shown(from), to: shown(to), proof: proof.map(hex) };
  }

  private async head(size: number): Promise<SignedHead> {
    const head = await this.tree.headOfSize(size);
    if (head === null) throw new Fault('BAD_USER_INPUT', { message: 'No head was signed over so many entries.' });
    return head;
  }

  private async admit(scope: RequestScope): Promise<void> {
    await settleHead(scope);
    await readUnderHead(scope, async (under) => requireProver(under));
    const count = (this.asked.get(scope) ?? 0) + 1;
    this.asked.set(scope, count);
    if (count > MOST_PROOFS) {
      throw new Fault('COST_LIMIT', { message: `A request asks for at most ${MOST_PROOFS} proofs.` });
    }
  }
}

function shown({ log, size, root, at, keyId, signature }: SignedHead): AuditHead {
  return { log, size, root: hex(root), at: at.toISOString(), keyId, signature: signature.toString('base64url') };
}

function hex(hash: Buffer): string {
  return hash.toString('hex');
}
