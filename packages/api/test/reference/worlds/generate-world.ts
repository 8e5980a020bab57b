import { Chance } from './chance';
import { generateObjects } from './generate-objects';
import { generatePolicy } from './generate-policy';
import { generateRows } from './generate-rows';
import { catalogueOf, type World } from './world';

/** The world of a seed: equal seeds give equal worlds as long as these generators stay as they are. */
export function generateWorld(seed: number): World {
  const chance = new Chance(seed);
  const objects = generateObjects(chance);
  const catalogue = catalogueOf({ objects });
  const rows = generateRows(chance, catalogue);
  return { origin: `seed ${seed}`, objects, rows, ...generatePolicy(chance, catalogue, rows) };
}
