export { makeFolder } from './make-folder';
export { createEmptyTestDatabase, createTestDatabase, type TestDatabase } from './test-database';
