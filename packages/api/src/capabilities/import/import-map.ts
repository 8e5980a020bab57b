import { z } from 'zod';
import { printable } from './printable';

/** Where the value of a field comes from. An empty value leaves the field out, unless `otherwise` says what then. */
export type Source =
  | ColumnSource
  | ConstantSource
  | TemplateSource
  | ReferenceSource
  | LookupSource
  | ProductSource
  | PositionSource;

interface Otherwise {
  readonly otherwise?: Source;
}

/** The text of one column. */
export interface ColumnSource extends Otherwise {
  readonly column: string;
  readonly read?: 'date-of-timestamp' | 'timestamp-utc' | 'decimal-comma';
  /** Text of the column to the value it stands for; a text that is not listed is a problem. */
  readonly map?: Readonly<Record<string, string | number | boolean>>;
}

export interface ConstantSource {
  readonly constant: unknown;
}

/** Texts of columns within a text: `{first_name} {last_name}`. Empty when all its columns are. */
export interface TemplateSource extends Otherwise {
  readonly template: string;
}

/** Another record: by the key that these files or the database know it by, or by what one of its fields holds. */
export interface ReferenceSource {
  readonly reference: string;
  readonly key?: string;
  readonly match?: { readonly field: string; readonly value: string };
}

/** A column of that row of another file in which `where` holds `equals`. */
export interface LookupSource extends Otherwise {
  readonly lookup: string;
  readonly where: string;
  readonly equals: string;
  readonly take: string;
}

/** The exact product of decimal columns, rounded half away from zero to the scale of the field. */
export interface ProductSource {
  readonly multiply: readonly string[];
}

/** Counts the rows that have the same text here, from 0. */
export interface PositionSource {
  readonly positionWithin: string;
}

export interface RecordMap {
  readonly object: string;
  /** Names the record within the import; it becomes the `externalId` of an object that has one. */
  readonly key?: string;
  /** Only rows whose column holds one of these texts. */
  readonly when?: { readonly column: string; readonly in: readonly string[] };
  readonly fields: Readonly<Record<string, Source>>;
}

/** How data files become records; one row may become several. */
export interface ImportMap {
  readonly files: Readonly<Record<string, { readonly records: readonly RecordMap[] }>>;
}

/** A mapping file that cannot be used. `problems` names every defect with its place. */
export class ImportMapInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The mapping cannot be used:\n${problems.map((line) => `- ${printable(line)}`).join('\n')}`);
    this.name = 'ImportMapInvalid';
  }
}

const text = z.string().min(1);
const otherwise = { otherwise: z.lazy(() => source).optional() };

/** The key by which a source is told from the others, with what else it may hold. */
const KINDS = {
  column: z.strictObject({
    column: text,
    read: z.enum(['date-of-timestamp', 'timestamp-utc', 'decimal-comma']).optional(),
    map: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    ...otherwise,
  }),
  constant: z.strictObject({ constant: z.json() }),
  template: z.strictObject({ template: text, ...otherwise }),
  reference: z
    .strictObject({
      reference: text,
      key: text.optional(),
      match: z.strictObject({ field: text, value: text }).optional(),
    })
    .refine(({ key, match }) => (key === undefined) !== (match === undefined), 'takes either key or match'),
  lookup: z.strictObject({ lookup: text, where: text, equals: text, take: text, ...otherwise }),
  multiply: z.strictObject({ multiply: z.array(text).min(1) }),
  positionWithin: z.strictObject({ positionWithin: text }),
} as const;

/** A text alone is a column. */
const source: z.ZodType<Source> = z.unknown().transform((raw, context): Source => {
  if (typeof raw === 'string' && raw !== '') return { column: raw };
  const given = typeof raw === 'object' && raw !== null ? Object.keys(raw) : [];
  const kinds = Object.keys(KINDS).filter((kind) => given.includes(kind)) as (keyof typeof KINDS)[];
  if (kinds.length !== 1) {
    const message = `is the name of a column, or has one of ${Object.keys(KINDS).join(', ')}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const parsed = KINDS[kinds[0]!].safeParse(raw);
  if (parsed.success) return parsed.data as Source;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

const importMap: z.ZodType<ImportMap> = z.strictObject({
  files: z.record(
    z.string(),
    z.strictObject({
      records: z
        .array(
          z.strictObject({
            object: text,
            key: text.optional(),
            when: z.strictObject({ column: text, in: z.array(z.string()).min(1) }).optional(),
            fields: z.record(z.string(), source),
          }),
        )
        .min(1),
    }),
  ),
});

/** Reads a mapping file. Unknown keys are refused: a misspelt one would be a rule without effect. */
export function parseImportMap(json: string): ImportMap {
  let raw: unknown;
  try {
    raw = JSON.parse(json, (name, value) => {
      // It would be left out of every object without a word, and a rule with it.
      if (name === '__proto__') throw new Error('__proto__ cannot be used as a name');
      return value;
    });
  } catch (error) {
    throw new ImportMapInvalid([`it is not JSON: ${(error as Error).message}`]);
  }
  const parsed = importMap.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new ImportMapInvalid(
    parsed.error.issues.map(({ path, message }) => `${path.map(String).join(' > ') || 'the mapping'}: ${message}`),
  );
}
