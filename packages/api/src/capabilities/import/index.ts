/**
 * IMPORT: rows of files become records.
 *
 * It promises that an import is decided, checked, written and traced like any other change, on behalf of somebody who may
 * make it; that it is one transaction, all rows or none; and that every row at fault is named with its line, its column
 * and the reason. It owns no tables and never writes past the write path.
 */
export { type ImportMap, ImportMapInvalid, parseImportMap } from './import-map';
export type { ImportProblem } from './import-problem';
export { type ImportDeps, type ImportOutcome, type ImportRequest, importRecords } from './import-records';
