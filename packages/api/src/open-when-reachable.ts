import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomId, randomToken, rootSecretFromBytes } from '@countersign/crypto';
import { type Core, openCore } from './compose';
import { DatabaseAway } from './database/database-away';
import { Listener } from './listener';
import { createLog } from './log';
import { FACES, Fault } from './path/faults';
import { publicError } from './path/public-error';
import type { Settings } from './settings';

const AGAIN_MS = 1_000;

export interface Opened {
  readonly core: Core;
  /** The address that was listened on meanwhile; undefined when nobody had to wait. */
  readonly listener?: Listener;
}

/**
 * Opens the core, and waits for a database that cannot be reached yet: things are started in any order. Meanwhile the
 * gateway listens, says that it is not ready, and decides nothing. Everything else that keeps it from starting is thrown.
 * `stopped` ends the waiting.
 */
export async function openWhenReachable(settings: Settings, stopped: AbortSignal): Promise<Opened> {
  const log = createLog(settings.logLevel);
  let listener: Listener | undefined;
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { core: await openCore(settings, { log }), ...(listener ? { listener } : {}) };
      } catch (error) {
        if (!(error instanceof DatabaseAway) || stopped.aborted) throw error;
        if (attempt === 1) log.warn({ err: error }, 'waiting for the database');
      }
      listener ??= await Listener.open(settings, log, notReady());
      await sleep(AGAIN_MS, undefined, { signal: stopped });
    }
  } catch (error) {
    await listener?.close();
    throw error;
  }
}

/** Answers as the gateway does when it can decide nothing. */
function notReady(): RequestListener {
  // There is no root secret yet; what is sealed here nobody has to open.
  const decisions = rootSecretFromBytes(Buffer.from(randomToken(32), 'base64url')).sealer('decision');
  return (request, response) => {
    const say = (status: number, body: unknown) => {
      response.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.end(JSON.stringify(body));
    };
    request.resume();
    if (request.url === '/livez') return say(200, { status: 'ok' });
    if (request.url === '/readyz') return say(503, { status: 'not ready' });
    const fault = new Fault('POLICY_UNAVAILABLE');
    return say(FACES[fault.code].status, { errors: [publicError(fault, { requestId: randomId(), decisions })] });
  };
}
