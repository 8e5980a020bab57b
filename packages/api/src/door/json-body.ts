import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';

/** Reads a JSON body within the limits of bytes and depth. */
export function jsonBody(limits: Pick<Limits, 'bodyBytes' | 'jsonDepth'>): (RequestHandler | ErrorRequestHandler)[] {
  const shallow: RequestHandler = (request, _response, next) => {
    if (depthWithin(request.body, limits.jsonDepth)) next();
    else next(new Fault('TOO_LARGE', { message: `A request is at most ${limits.jsonDepth} levels deep.` }));
  };
  const refuse: ErrorRequestHandler = (error, _request, _response, next) => {
    if (error instanceof Fault) next(error);
    else if (error?.type === 'entity.too.large') next(new Fault('TOO_LARGE', { inside: error }));
    else next(new Fault('BAD_REQUEST', { message: 'The body is not JSON.', inside: error }));
  };
  return [express.json({ limit: limits.bodyBytes, type: ['application/json', 'application/*+json'] }), shallow, refuse];
}

/** Counts objects and lists in one another. Walks level by level, so that a deep value cannot exhaust the stack. */
function depthWithin(value: unknown, most: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) return false;
    level = level.flatMap((item) => Object.values(item).filter(isContainer));
  }
  return true;
}

function isContainer(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}
