import type { Answer } from '../../harness/test-gateway';
import { memberText } from '../twin/json-text';
import type { TwinAnswer, TwinError } from '../twin/twin';

interface ErrorFace {
  readonly code: string;
  readonly coordinate?: string;
  readonly path?: readonly (string | number)[];
  readonly selection?: string;
}

/**
 * What differs between the two answers, or null: the bytes of `data` must be equal, and the errors one for one in code,
 * path, coordinate and selection. What is said to be withheld has to be the same as well.
 */
export function differenceOf(gateway: Answer, twin: TwinAnswer): string | null {
  const data = memberText(gateway.text, 'data');
  const found: string[] = [];
  if (data !== twin.data) found.push(dataDifference(data, twin.data));
  const withheld = gateway.body.extensions?.withheld;
  const told = withheld === undefined ? undefined : JSON.stringify(withheld);
  if (told !== twin.withheld) found.push(`withheld differs\n  gateway ${told}\n  twin    ${twin.withheld}`);
  const left = gatewayErrors(gateway, data === undefined);
  for (const error of twin.errors) {
    const at = left.findIndex((face) => isSame(face, error));
    if (at < 0) found.push(`only the twin says ${JSON.stringify(error)}`);
    else left.splice(at, 1);
  }
  for (const face of left) found.push(`only the gateway says ${JSON.stringify(face)}`);
  return found.length > 0 ? found.join('\n') : null;
}

/** A document that did not run has as many errors as validation finds; what they have in common is the code. */
function gatewayErrors({ body }: Answer, refused: boolean): ErrorFace[] {
  const faces = (body.errors ?? []).map(({ path, extensions }): ErrorFace => {
    const { code, coordinate, selection } = extensions;
    return { code, coordinate, path, selection };
  });
  return refused ? [...new Map(faces.map((face) => [JSON.stringify(face), face])).values()] : faces;
}

function isSame(face: ErrorFace, { reasons, path, selection }: TwinError): boolean {
  return (
    reasons.some(({ code, coordinate }) => code === face.code && coordinate === face.coordinate) &&
    JSON.stringify(path) === JSON.stringify(face.path) &&
    selection === face.selection
  );
}

/** Both texts from a little before the place where they part. */
function dataDifference(gateway: string | undefined, twin: string | undefined): string {
  let at = 0;
  while (gateway !== undefined && at < gateway.length && gateway[at] === twin?.[at]) at += 1;
  const part = (text: string | undefined) =>
    text === undefined ? 'no data' : `…${text.slice(Math.max(0, at - 120), at + 240)}`;
  return `data differs at ${at}\n  gateway ${part(gateway)}\n  twin    ${part(twin)}`;
}
