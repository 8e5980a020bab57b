import '../reference/compare/as-in-production';
import { describeManyWorlds } from '../reference/compare/many-worlds';

/** The longer run of packages/api/test/reference; TWIN_CASES=100000 makes it the longest. */
describe('the gateway and its slow twin, at length', () => {
  describeManyWorlds(10_000);
});
