import { parseSync } from '@swc/core';

/** What a file says that the rules ask about. */
export interface Source {
  /** Path from the root of the repository, with forward slashes. */
  readonly file: string;
  readonly lines: number;
  /** Everything it imports or re-exports, types included, in whatever way. */
  readonly imports: readonly string[];
  /** Global values it reaches for: `process.env`, `crypto`. */
  readonly globals: readonly string[];
  /** Calls that leave a test out or run it alone, unless a condition decides. */
  readonly silenced: readonly string[];
  readonly defaultExport: boolean;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const GLOBALS = /^((globalThis\.|global\.)?(process\.env|crypto\.\w+)|(globalThis|global)\.crypto)\b/;
const SILENCED = /^(test|it|describe)(\.\w+)*\.(skip|only|todo|failing)\b/;
const SILENT_NAMES = /^(xit|xtest|xdescribe|fit|fdescribe)(\.\w+)*$/;

/** Reads a file with a real parser: a name in a comment or a text is no import. */
export function readSource(file: string, text: string): Source {
  const tree = parseSync(text, { syntax: 'typescript', decorators: true, target: 'es2022' }) as unknown as Node;
  const imports: string[] = [];
  const globals: string[] = [];
  const silenced: string[] = [];
  let defaultExport = false;
  walk(tree, false, (node, conditional) => {
    const imported = importedBy(node);
    if (imported !== undefined) imports.push(imported);
    if (node.type === 'ExportDefaultDeclaration' || node.type === 'ExportDefaultExpression') defaultExport = true;
    const name = dotted(node);
    if (name && GLOBALS.test(name)) globals.push(name);
    const silent = name && SILENCED.test(name) ? name : silentCall(node);
    if (silent && !conditional) silenced.push(silent);
  });
  return { file, lines: text.split('\n').length - 1, imports, globals, silenced, defaultExport };
}

function walk(value: unknown, conditional: boolean, visit: (node: Node, conditional: boolean) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, conditional, visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  if (typeof node.type === 'string') visit(node, conditional);
  const decides = node.type === 'ConditionalExpression' || node.type === 'IfStatement';
  // The longest chain is named by its outermost node; its inner parts would only repeat a part of the name.
  const inner = node.type === 'MemberExpression' && dotted(node) ? [] : Object.values(node);
  for (const child of inner) walk(child, conditional || decides, visit);
}

function importedBy(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return textOf(node.source);
    case 'TsImportType':
      return textOf(node.argument);
    case 'TsExternalModuleReference':
      return textOf(node.expression);
    case 'CallExpression': {
      const callee = node.callee as Node;
      const required = callee.type === 'Import' || ['require', 'require.resolve'].includes(dotted(callee) ?? '');
      return required ? textOf((node.arguments as { expression: Node }[])[0]?.expression) : undefined;
    }
    default:
      return undefined;
  }
}

/** The short names count only where they title a test: `fit` may be anyone's variable. */
function silentCall(node: Node): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const name = dotted(node.callee as Node);
  const titled = textOf((node.arguments as { expression: Node }[])[0]?.expression) !== undefined;
  return name && titled && SILENT_NAMES.test(name) ? name : undefined;
}

function textOf(node: unknown): string | undefined {
  const literal = node as Node | null | undefined;
  if (literal?.type === 'StringLiteral') return literal.value as string;
  if (literal?.type !== 'TemplateLiteral') return undefined;
  return (literal.quasis as { cooked: string }[]).map(({ cooked }) => cooked).join('');
}

/** `a.b.c` or `a['b'].c` as text, or undefined for anything else. */
function dotted(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.value as string;
  if (node.type !== 'MemberExpression') return undefined;
  const object = dotted(node.object as Node);
  const property = node.property as Node;
  const name = property.type === 'Computed' ? textOf(property.expression) : (property.value as string);
  return object && name ? `${object}.${name}` : undefined;
}
