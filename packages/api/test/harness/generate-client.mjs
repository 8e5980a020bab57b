/*
 * Writes what a front-end developer's code generator makes of a schema and its documents, with the client preset and its
 * defaults: `node generate-client.mjs <schema> <documents> <folder/>`. A process of its own, because it is ES modules and
 * jest runs CommonJS.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildASTSchema, parse } from 'graphql';

const [schemaFile, documentsFile, baseOutputDir] = process.argv.slice(2);
const schema = parse(readFileSync(schemaFile, 'utf8'));
const rawSDL = readFileSync(documentsFile, 'utf8');
const sections = await preset.buildGeneratesSection({
  baseOutputDir,
  schema,
  schemaAst: buildASTSchema(schema),
  documents: [{ location: documentsFile, document: parse(rawSDL), rawSDL }],
  documentTransforms: [],
  plugins: [],
  pluginMap: {},
  presetConfig: {},
  config: {
    strictScalars: true,
    scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', JSON: 'unknown' },
    importExtension: '.js',
  },
});
mkdirSync(baseOutputDir, { recursive: true });
for (const section of sections) writeFileSync(section.filename, await codegen(section));
