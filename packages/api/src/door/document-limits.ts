import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { Fault } from '../path/faults';
import type { Limits } from '../path/limits';

type DocumentLimits = Pick<Limits, 'selectionDepth' | 'selections' | 'aliases'>;

/** Fields that look at credentials; more than one in an operation would be a guessing machine. */
const CREDENTIAL_FIELDS: ReadonlySet<string> = new Set(['signIn', 'changePassword', 'setPassword']);

/**
 * Counts an operation as it will run, fragments spread out, before validation, which is quadratic on overlapping fields.
 * Throws COST_LIMIT, and GRAPHQL_VALIDATION_FAILED for fragments that contain themselves.
 */
export function checkDocumentLimits(document: DocumentNode, operation: OperationDefinitionNode, limits: DocumentLimits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let [selections, aliases, credentials] = [0, 0, 0];
  const open: string[] = [];
  const visit = (set: SelectionSetNode, depth: number): void => {
    if (depth > limits.selectionDepth) {
      throw new Fault('COST_LIMIT', { message: `An operation is at most ${limits.selectionDepth} levels deep.` });
    }
    for (const selection of set.selections) {
      selections += 1;
      if (selections > limits.selections) {
        throw new Fault('COST_LIMIT', { message: `An operation selects at most ${limits.selections} fields.` });
      }
      if (selection.kind === Kind.FIELD) {
        if (selection.alias && ++aliases > limits.aliases) {
          throw new Fault('COST_LIMIT', { message: `An operation has at most ${limits.aliases} aliases.` });
        }
        if (depth === 1 && CREDENTIAL_FIELDS.has(selection.name.value) && ++credentials > 1) {
          throw new Fault('COST_LIMIT', { message: 'An operation looks at one password at most.' });
        }
        if (selection.selectionSet) visit(selection.selectionSet, depth + 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet, depth);
      } else {
        const name = selection.name.value;
        if (open.includes(name)) throw new Fault('GRAPHQL_VALIDATION_FAILED', { message: 'A fragment contains itself.' });
        const fragment = fragments.get(name);
        if (!fragment) continue;
        open.push(name);
        visit(fragment.selectionSet, depth);
        open.pop();
      }
    }
  };
  visit(operation.selectionSet, 1);
  // Fragments that the operation does not use are validated all the same, so they may not be cyclic either.
  for (const fragment of fragments.values()) {
    open.push(fragment.name.value);
    visit(fragment.selectionSet, 1);
    open.pop();
  }
}
