/**
 * Stands for TypeORM in a mutation run. The catalogue and the policy read nothing of what its decorators leave behind, and
 * loading it takes longer than most of these tests.
 */
module.exports = new Proxy({}, { get: () => () => () => undefined });
