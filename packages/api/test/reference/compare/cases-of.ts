import { compilePolicy } from '@countersign/policy';
import { type DocumentGround, type GeneratedDocument, generateDocument } from '../documents/generate-document';
import { harvestCursors } from '../documents/harvest-cursors';
import type { Chance } from '../worlds/chance';
import type { Both, Case } from './both';

/** What was answered to a case, for those that follow from it. */
export type Asking = (asked: Case) => Promise<{ readonly text: string }>;

/**
 * Random cases over a world: documents, each asked once as made, then perhaps with other values in its variables, with
 * cursors of its own answers, and by somebody else.
 */
export class CaseMaker {
  private constructor(
    private readonly chance: Chance,
    private readonly grounds: readonly DocumentGround[],
  ) {}

  static async over({ open, twin: { schema } }: Both, chance: Chance): Promise<CaseMaker> {
    const { world, catalogue, body } = open;
    const policy = await compilePolicy(catalogue, body.catalogueRevision, body);
    const grounds = world.people.map(async ({ roles, audience }): Promise<DocumentGround> => {
      const table = await policy.tableFor({ roles, scopes: null });
      return { catalogue, schema, rows: world.rows, table, audience };
    });
    return new CaseMaker(chance, await Promise.all(grounds));
  }

  /** Makes one document and asks everything about it that chance wants to know. */
  async ask(asking: Asking): Promise<void> {
    const { chance } = this;
    const person = chance.int(this.grounds.length);
    const made = generateDocument(chance, this.grounds[person]!);
    const first = { person, document: made.text, variables: made.variables };
    const answer = await asking(first);
    if (made.slots.length > 0) await this.pageOn(asking, first, made, answer.text);
    if (Object.keys(made.variables).length > 0 && chance.percent(60)) {
      await asking({ ...first, variables: made.again() });
      if (chance.percent(40)) await asking({ ...first, variables: made.again() });
    }
    if (chance.percent(12)) await asking({ ...first, person: chance.int(this.grounds.length) });
  }

  /** Goes on from cursors of the last answer, up to three times. */
  private async pageOn(asking: Asking, first: Case, { slots }: GeneratedDocument, text: string): Promise<void> {
    const { chance } = this;
    let last = text;
    let variables = first.variables;
    for (let step = 0; step < 3; step += 1) {
      const slot = chance.pick(slots);
      const cursors = harvestCursors(last, chance.percent(95) ? slot.key : null);
      if (cursors.length === 0) return;
      const given = [slot.after, slot.before].flatMap((name) =>
        name === undefined ? [] : [[name, chance.pick(cursors)]],
      );
      variables = { ...variables, ...Object.fromEntries(given) };
      last = (await asking({ ...first, variables })).text;
    }
  }
}
