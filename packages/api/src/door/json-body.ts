import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';
import { requireModestLength } from './document-limits';
import { scanJson } from './scan-json';

type BodyLimits = Pick<Limits, 'bodyBytes' | 'jsonDepth' | 'changes' | 'documentTokens'>;

/** What the largest change set needs, with room: each change is a few objects and some tens of values. */
const CONTAINERS_FOR_A_CHANGE = 10;
const VALUES_FOR_A_CHANGE = 50;

/** Reads a JSON body within the limits of bytes, depth and number of values. */
export function jsonBody(limits: BodyLimits): (RequestHandler | ErrorRequestHandler)[] {
  const mostContainers = limits.changes * CONTAINERS_FOR_A_CHANGE;
  const mostValues = limits.changes * VALUES_FOR_A_CHANGE;
  const most = { depth: limits.jsonDepth, containers: mostContainers, commas: mostValues };
  /** Before parsing, for what is far too much; in an encoding that nobody uses it is found afterwards. */
  const verify = (_request: unknown, _response: unknown, body: Buffer, encoding: string): void => {
    if (encoding !== 'utf-8') return;
    const { depth, containers, commas } = scanJson(body, most);
    const problem = sizeProblem({ depth, containers, values: commas }, limits);
    if (problem !== null) throw new Fault('TOO_LARGE', { message: problem });
  };
  const modest: RequestHandler = (request, _response, next) => {
    const problem = bodyProblem(request.body, limits);
    if (problem !== null) return next(new Fault('TOO_LARGE', { message: problem }));
    const query: unknown = request.body?.query;
    // What is too long to be a document need not be taken apart to find that out.
    if (typeof query === 'string') requireModestLength(query.length, limits);
    return next();
  };
  const refuse: ErrorRequestHandler = (error, _request, _response, next) => {
    // Addresses below this one hand their errors past here as well; those of reading a body have a status of 4xx.
    if (error instanceof Fault || !(error?.status < 500)) next(error);
    else if (error?.type === 'entity.too.large') next(new Fault('TOO_LARGE', { inside: error }));
    else next(new Fault('BAD_REQUEST', { message: 'The body is not JSON.', inside: error }));
  };
  const type = ['application/json', 'application/*+json'];
  return [express.json({ limit: limits.bodyBytes, type, verify }), modest, refuse];
}

/**
 * What is too much about a body: objects and lists in one another, their number, or that of all values; null when
 * nothing is. GraphQL coerces each object of a filter field by field, so a megabyte of `{}` would keep a processor busy
 * for many seconds. Walks level by level, so that a deep value cannot exhaust the stack.
 */
export function bodyProblem(body: unknown, limits: Pick<BodyLimits, 'jsonDepth' | 'changes'>): string | null {
  let [containers, values] = [0, 0];
  let level = [body].filter(isContainer);
  for (let depth = 1; level.length > 0; depth += 1) {
    containers += level.length;
    const below: object[] = [];
    for (const container of level) {
      const problem = sizeProblem({ depth, containers, values }, limits);
      if (problem !== null) return problem;
      for (const value of Object.values(container)) {
        values += 1;
        if (isContainer(value)) below.push(value);
      }
    }
    level = below;
  }
  return sizeProblem({ depth: 0, containers, values }, limits);
}

/** What of these counts is over the limit; null when nothing is. */
function sizeProblem(
  { depth, containers, values }: { readonly depth: number; readonly containers: number; readonly values: number },
  { jsonDepth, changes }: Pick<BodyLimits, 'jsonDepth' | 'changes'>,
): string | null {
  const mostContainers = changes * CONTAINERS_FOR_A_CHANGE;
  const mostValues = changes * VALUES_FOR_A_CHANGE;
  if (depth > jsonDepth) return `A request is at most ${jsonDepth} levels deep.`;
  if (containers > mostContainers) return `A request holds at most ${mostContainers} objects and lists.`;
  return values > mostValues ? `A request holds at most ${mostValues} values.` : null;
}

function isContainer(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}
