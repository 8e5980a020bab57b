/** One demand on one pending change, with the people who can meet it today. */
export interface Requirement {
  /** Tells demands apart: the id of the rule's level and, for a path, the person that it leads to. */
  readonly key: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly level: number;
  readonly quorum: number | 'all';
  /** Persons who may sign for it at present. The maker is never among them. */
  readonly eligible: ReadonlySet<string>;
}

/** An agreement that still counts: given on what is asked today, by somebody whose right was looked at again. */
export interface Signature {
  readonly level: number;
  readonly person: string;
  /** The absent person for whom they signed; their eligibility is what counts then. */
  readonly onBehalfOf: string | null;
}
