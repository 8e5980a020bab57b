import 'reflect-metadata';
import { builtinCatalogue, type Catalogue } from '@countersign/schema';
import {
  type ApplyDeps,
  ApprovalsResolver,
  eventsOf,
  holdersOf,
  holdingGate,
  keepQueue,
  LiveBoxes,
  LiveBoxesResolver,
  PendingFeed,
  queueTopic,
} from './capabilities/approvals';
import {
  type AuditEvent,
  AuditProofsResolver,
  AuditResolver,
  auditMetrics,
  FoldedTrace,
  GatheredReads,
  lookKey,
  noteDenials,
  noteRefusal,
  OperationsRecord,
  openAuditDesk,
  type ProtectedRead,
  writeEvent,
  writeEvents,
} from './capabilities/audit';
import { BreakGlassResolver, grantsTopic, keepGrants } from './capabilities/break-glass';
import { countTry, Identify, IdentityResolver, isInScope, PasswordResolver } from './capabilities/identity';
import { notificationMetrics, openOutbox } from './capabilities/notifications';
import {
  adoptCatalogue,
  ContinuousCheck,
  HistoricPolicies,
  PermissionsResolver,
  watchDrift,
  withCheckMetrics,
} from './capabilities/permissions';
import { OperationEvents } from './capabilities/threats';
import type { Core, CoreOptions, Gateway } from './core';
import { asDatabaseProblem } from './database/database-away';
import { openDatabase } from './database/open-database';
import { seedDemo } from './demo/seed-demo';
import { createApollo } from './door/apollo';
import { DocumentCheck } from './door/check-document';
import { createDoor } from './door/create-door';
import { mayReadMetrics } from './door/may-read-metrics';
import { OpenStreams } from './door/stream/open-streams';
import { Listener } from './listener';
import { createLog } from './log';
import type { ReadDeps } from './path/read-path';
import { recordResolvers } from './path/record-resolvers';
import type { RequestScope } from './path/request-scope';
import { createWriteResolvers, type WriteDeps } from './path/write-path';
import { PlanCache } from './planner/plan-cache';
import { asRootProblem, openRootSecret } from './root-secret';
import type { Settings } from './settings';
import { shownSettings } from './settings/shown-settings';
import { assembleCatalogueSchemas, type CatalogueSchemas } from './snapshot/snapshot';
import { SnapshotStore } from './snapshot/snapshot-store';
import { buildVerbs } from './verbs';
import { VERSION } from './version';

export type { Core, CoreOptions, Gateway };

/** Opens everything that both the gateway and the command line stand on. */
export async function openCore(settings: Settings, options: CoreOptions = {}): Promise<Core> {
  const log = options.log ?? createLog(settings.logLevel);
  const now = options.now ?? (() => new Date());
  const database = await openDatabase(settings, log).catch((error: unknown) => {
    throw asDatabaseProblem(error);
  });
  try {
    const root = await openRootSecret(settings, database.pool);
    const { limits } = settings;
    const macKeys = { policy: root.mac('policy-version'), rows: root.mac('rows') };
    const tokens = root.accessTokens({ issuer: settings.publicUrl ?? 'countersign', audience: 'countersign' });
    const decisions = root.sealer('decision');
    const { pool, dataSource } = database;
    const ticks = () => performance.now();
    const audit = openAuditDesk({ pool, root, settings: settings.audit, now, log, ticks });
    const requireLog = () => audit.gate.requireOpen();
    const trace = (event: AuditEvent) => writeEvent(pool, event);
    // What may be seen only with its trace is not seen while the log cannot vouch for traces.
    const vouched = async (event: AuditEvent) => {
      requireLog();
      await trace(event);
    };
    const folded = new FoldedTrace({ write: (events) => writeEvents(pool, events), log, now });
    const gathered = new GatheredReads(vouched, limits.page);
    const traceRead = (read: ProtectedRead) => gathered.trace(read);
    const plans = new PlanCache();
    const check = new ContinuousCheck({
      pool,
      policyKey: macKeys.policy,
      plans,
      log,
      now,
      everyMs: settings.continuousCheckMs,
      startOracle: options.startOracle,
    });
    const payloadKeys = { sealer: root.valueSealer('pending-changes'), digest: root.mac('pending-changes') };
    const gate = holdingGate({ macKeys, payloadKeys });
    const writes: WriteDeps = { dataSource, macKeys, limits, now, check, gate, requireLog };
    const reads: ReadDeps = {
      pool,
      plans,
      cursors: root.sealer('cursor'),
      decisions,
      limits,
      check,
      traceRead,
      noteLook: (event, { source }) => folded.note(event, lookKey(event, source)),
    };
    const identity = new IdentityResolver({
      pool,
      macKey: macKeys.rows,
      tokens,
      decisions,
      trace,
      traceFailure: (event, key) => folded.before(event, key),
    });
    const passwords = new PasswordResolver({
      requireLog,
      dataSource,
      macKey: macKeys.rows,
      countTry: async (email, { source, receivedAt }) => {
        await countTry({ pool, macKey: macKeys.rows }, email, { source, now: receivedAt });
      },
      mayTouch: (scope, userId) => isInScope(pool, scope, 'User', userId, 'read-write'),
    });
    const permissions = new PermissionsResolver({
      pool,
      macKey: macKeys.rows,
      decisions,
      historic: new HistoricPolicies(pool, macKeys.policy),
      trace: vouched,
      limits,
      check: new DocumentCheck(),
    });
    // The queue applies changes under the snapshot of the moment, and snapshots are made of a schema that has its verbs.
    const queue: ApplyDeps = {
      dataSource,
      pool,
      macKeys,
      payloadKeys,
      now,
      requireLog,
      get snapshots() {
        return snapshots;
      },
    };
    const traces = new AuditResolver({ pool, cursors: root.sealer('cursor'), limits, folded, traceRead });
    const proofs = new AuditProofsResolver({ pool, folded });
    const approvals = new ApprovalsResolver(queue, traceRead);
    const boxes = new LiveBoxes({ dataSource, macKeys, payloadKeys, now, feed: new PendingFeed(database.jobs, log) });
    const glass = new BreakGlassResolver(queue);
    const resolvers = [identity, passwords, permissions, traces, proofs, approvals, glass, new LiveBoxesResolver()];
    const verbs = buildVerbs(resolvers, eventsOf(boxes));
    const assemble = (catalogue: Catalogue): CatalogueSchemas =>
      assembleCatalogueSchemas(catalogue, verbs, recordResolvers(reads, createWriteResolvers(writes)));
    const snapshots = new SnapshotStore(
      pool,
      macKeys.policy,
      log,
      options.catalogue ?? builtinCatalogue(),
      assemble,
      (catalogue, revision) => adoptCatalogue({ dataSource, policyKey: macKeys.policy, now }, catalogue, revision),
    );
    await snapshots.settleCatalogue().catch((error: unknown) => {
      throw asRootProblem(error, settings);
    });
    return {
      settings,
      limits,
      log,
      now,
      database,
      root,
      macKeys,
      tokens,
      audit,
      writes,
      snapshots,
      queue,
      folded,
      check,
      prepareDemo: async () => {
        if (settings.mode !== 'demo') return [];
        return seedDemo({ pool, writes, snapshots, now, log, dataDir: settings.dataDir });
      },
      close: async () => {
        await folded.flush(true);
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Serves GraphQL over HTTP, at an address that is listened on already or at that of the settings. */
export async function serve(core: Core, waiting?: Listener): Promise<Gateway> {
  const { settings, limits, log, now, database, root, macKeys, tokens, audit, snapshots } = core;
  const decisions = root.sealer('decision');
  const events = new OperationEvents(database.pool, log);
  const { snapshot } = await snapshots.current().catch((error: unknown) => {
    throw asRootProblem(error, settings);
  });
  const operations = new OperationsRecord({
    pool: database.pool,
    folded: core.folded,
    log,
    now,
    ticks: () => performance.now(),
    facts: {
      versions: { countersign: VERSION, node: process.versions.node },
      settings: shownSettings(settings),
      logKeys: audit.signer.jwks().keys.map(({ kid }) => String(kid)),
    },
  });
  const recordOperation = (scope: RequestScope, name: string | null): void => {
    events.record(scope, name, now());
    noteDenials(core.folded, scope);
  };
  const streams = new OpenStreams(limits);
  const apollo = createApollo({
    schema: snapshot.wholeSchema,
    limits,
    decisions,
    check: new DocumentCheck(),
    log,
    recordOperation,
  });
  await apollo.start();
  const outbox = openOutbox({
    settings,
    database,
    snapshots,
    root,
    rowKey: macKeys.rows,
    topics: { change: queueTopic(core.queue), 'break-glass': grantsTopic() },
    holdersOf,
    now,
    log,
  });
  await audit.keeper.start(settings.audit.checkpointSeconds * 1000);
  const identify = new Identify({ pool: database.pool, macKey: macKeys.rows, tokens, snapshots, log });
  const app = createDoor({
    apollo,
    streams,
    recordOperation,
    clientTimeoutMs: settings.clientTimeoutMs,
    identify,
    refreshWorld: () => snapshots.refresh(),
    pool: database.pool,
    decisions,
    limits,
    log,
    now,
    refusedStranger: (refusal) => noteRefusal(core.folded, { ...refusal, at: now() }),
    metrics: {
      registry: notificationMetrics(withCheckMetrics(auditMetrics(audit.keeper, core.folded), core.check), outbox),
      opens: mayReadMetrics(settings, root),
    },
    auditKeys: audit.signer.jwks(),
  });
  const listener = waiting ?? (await Listener.open(settings, log, app));
  listener.handOver(app);
  const endWatch = watchDrift(database.pool, snapshots, log);
  const endQueue = keepQueue(core.queue, log);
  const endGrants = keepGrants(core.queue, log);
  outbox.start();
  core.check.begin(snapshots);
  await operations.started();
  return {
    url: listener.url,
    outbox,
    async close() {
      endWatch();
      await Promise.all([endQueue(), endGrants()]);
      streams.close();
      await outbox.stop();
      await listener.close();
      await apollo.stop();
      await core.check.end();
      await events.flush();
      operations.stopped();
      await core.folded.flush(true);
      await audit.keeper.stop();
    },
  };
}
