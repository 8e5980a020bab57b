export * from './catalogue/catalogue';
export { createCatalogue } from './catalogue/create-catalogue';
export * from './catalogue/decorators';
export { type AssembleOptions, assembleSchema, type RecordResolvers } from './graphql/assemble-schema';
export { type FilterOperator, operatorsFor } from './graphql/operators';
export { record, recordOf } from './graphql/placeholders';
export { type SchemaView, wholeView } from './graphql/schema-view';
export * from './scalars/scalars';
