/*
 * Imported first. Outside production graphql-js looks for doubles of itself whenever it asks what kind of type something
 * is, which is a seventh of what a run takes; gateways do not serve like that either (docs/operating.md).
 */
const before = process.env.NODE_ENV;
process.env.NODE_ENV = 'production';
require('graphql/jsutils/instanceOf');
process.env.NODE_ENV = before;
