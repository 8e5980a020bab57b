/**
 * Stands for TypeORM and graphql-js in a mutation run. The catalogue and the policy read nothing of what these make of it, and
 * loading them takes longer than most of these tests.
 */
module.exports = new Proxy(
  {},
  {
    get: () =>
      function decoratorOrType() {
        return () => undefined;
      },
  },
);
