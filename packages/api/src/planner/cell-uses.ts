import type { Condition } from '@countersign/policy';
import type { CatalogueField } from '@countersign/schema';
import type { Authority } from '../path/rooms';
import type { Decided, WithheldSelection } from './read-plan';

/** The cell rules that a plan runs into while it is decided, and where. */
export class CellUses {
  private readonly cells = new Map<string, Map<string, Condition>>();
  private readonly withheld = new Map<string, WithheldSelection>();

  constructor(private readonly authority: Pick<Authority, 'cellRules'>) {}

  outcome(): Pick<Decided, 'cells' | 'withheld'> {
    return { cells: this.cells, withheld: [...this.withheld.values()] };
  }

  /** A stored member is about to be used. Where it has a rule, that has to be printed, and the caller told. */
  note(object: string, member: string, where: WithheldSelection): void {
    const condition = this.authority.cellRules(object).get(member);
    if (!condition) return;
    const ofObject = this.cells.get(object) ?? new Map<string, Condition>();
    this.cells.set(object, ofObject.set(member, condition));
    this.withheld.set(JSON.stringify([where.selection, where.coordinate, where.use]), where);
  }

  /** A field as the statement meets it: what may be withheld may be NULL, whatever its column promises. */
  fieldAs(object: string, field: CatalogueField): CatalogueField {
    return this.authority.cellRules(object).has(field.name) ? { ...field, nullable: true } : field;
  }
}
