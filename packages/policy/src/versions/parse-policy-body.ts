import { shapeProblems } from './body-shape';
import { type PolicyBody, PolicyInvalid } from './policy-body';

/**
 * Reads a stored policy body. Promises the shape and nothing more: whether the policy makes sense against a catalogue is
 * for `checkPolicyBody`. Throws {@link PolicyInvalid} for text that is no JSON, unknown keys and wrong kinds of values.
 */
export function parsePolicyBody(text: string): PolicyBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyInvalid(['policy is not JSON']);
  }
  const problems = shapeProblems(value);
  if (problems.length > 0) throw new PolicyInvalid(problems);
  return value as PolicyBody;
}
