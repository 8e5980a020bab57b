import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';

type BodyLimits = Pick<Limits, 'bodyBytes' | 'jsonDepth' | 'changes'>;

/** What the largest change set needs, with room: each change is a few objects and some tens of values. */
const CONTAINERS_FOR_A_CHANGE = 10;
const VALUES_FOR_A_CHANGE = 50;

/** Reads a JSON body within the limits of bytes, depth and number of values. */
export function jsonBody(limits: BodyLimits): (RequestHandler | ErrorRequestHandler)[] {
  const modest: RequestHandler = (request, _response, next) => {
    const problem = bodyProblem(request.body, limits);
    next(problem === null ? undefined : new Fault('TOO_LARGE', { message: problem }));
  };
  const refuse: ErrorRequestHandler = (error, _request, _response, next) => {
    if (error instanceof Fault) next(error);
    else if (error?.type === 'entity.too.large') next(new Fault('TOO_LARGE', { inside: error }));
    else next(new Fault('BAD_REQUEST', { message: 'The body is not JSON.', inside: error }));
  };
  return [express.json({ limit: limits.bodyBytes, type: ['application/json', 'application/*+json'] }), modest, refuse];
}

/**
 * What is too much about a body: objects and lists in one another, their number, or that of all values; null when
 * nothing is. GraphQL coerces each object of a filter field by field, so a megabyte of `{}` would keep a processor busy
 * for many seconds. Walks level by level, so that a deep value cannot exhaust the stack.
 */
export function bodyProblem(body: unknown, { jsonDepth, changes }: Omit<BodyLimits, 'bodyBytes'>): string | null {
  const mostContainers = changes * CONTAINERS_FOR_A_CHANGE;
  const mostValues = changes * VALUES_FOR_A_CHANGE;
  let [containers, values] = [0, 0];
  let level = [body].filter(isContainer);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > jsonDepth) return `A request is at most ${jsonDepth} levels deep.`;
    containers += level.length;
    if (containers > mostContainers) return `A request holds at most ${mostContainers} objects and lists.`;
    const below: object[] = [];
    for (const container of level) {
      for (const value of Object.values(container)) {
        values += 1;
        if (isContainer(value)) below.push(value);
      }
      if (values > mostValues) return `A request holds at most ${mostValues} values.`;
    }
    level = below;
  }
  return null;
}

function isContainer(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}
