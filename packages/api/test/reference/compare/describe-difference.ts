import { parse, print } from 'graphql';
import type { World } from '../worlds/world';
import type { Sequence } from './sequence';

/** A difference as a human wants to read it: what was asked, by whom, under which policy, and what the two said. */
export function describeDifference(world: World, { document, asks }: Sequence, difference: string): string {
  const requests = asks.map(({ person, variables }, index) => {
    const { name, audience, roles, groups, account, region } = world.people[person]!;
    const who = `${name}, ${audience}, roles [${roles}], groups [${groups}], account ${account}, region ${region}`;
    return `  ${index + 1}. ${who}\n     variables ${JSON.stringify(variables)}`;
  });
  return [
    `The gateway and its twin differ in the world of ${world.origin}, at the last of these requests:`,
    ...requests,
    'document',
    indented(print(parse(document))),
    'policy',
    indented(policyText(world)),
    difference,
  ].join('\n');
}

function policyText({ roles, lines, sharing, groups, cells = [] }: World): string {
  return [
    ...roles.map(({ name, inherits }) => `role ${name}${inherits.length > 0 ? ` inherits ${inherits}` : ''}`),
    ...lines.map(({ role, object, field, action, effect }) => `${effect} ${role} ${action} ${object}.${field}`),
    ...sharing.map(({ object, sharing: how }) => `${object} is ${how}`),
    ...groups.flatMap(({ name, access, conditions, roles: holders }) => [
      `group ${name} (${access})${holders.length > 0 ? ` with all of ${holders}` : ''}`,
      ...conditions.map(({ object, condition }) => `  ${object} where ${JSON.stringify(condition)}`),
    ]),
    ...cells.map(({ role, object, field, condition }) => {
      return `${role} sees ${object}.${field} where ${JSON.stringify(condition)}`;
    }),
  ].join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
