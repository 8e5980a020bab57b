/*
 * Writes what a front-end developer's code generator makes of a schema and its documents: `node generate-client.mjs
 * <schema> <documents> <types> <client>`. The plugins are those of the client preset. A process of its own, because they are ES
 * modules and jest runs CommonJS.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const [schemaFile, documentsFile, typesFile, clientFile] = process.argv.slice(2);
const schema = parse(readFileSync(schemaFile, 'utf8'));
const documents = [{ location: documentsFile, document: parse(readFileSync(documentsFile, 'utf8')) }];
const config = {
  strictScalars: true,
  scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', JSON: 'unknown' },
};
const pluginMap = { typescript, typescriptOperations, typedDocumentNode };
const write = async (filename, plugins) =>
  writeFileSync(filename, await codegen({ filename, schema, documents, config, plugins, pluginMap }));
await write(typesFile, [{ typescript: {} }]);
await write(clientFile, [{ typescriptOperations: {} }, { typedDocumentNode: {} }]);
