import type { SeededChance } from './seeded-chance';

const GIVEN = (
  'Alma Bastian Calla Dario Edda Fenn Greta Hanno Ilse Jorin Kaya Leif Maren Nilo Orla Pascal Quill Runa Soren Tilda ' +
  'Ulric Vesna Wim Xenia Yara Zoltan'
).split(' ');
const BEGINNINGS = (
  'Amber Birch Cinder Dapple Elder Fallow Garnet Hazel Indigo Juniper Kestrel Larch Mallow Nettle Ochre Pebble Quarry ' +
  'Russet Sable Tansy Umber Velvet Willow Yarrow'
).split(' ');
const PLACE_ENDINGS = 'berg croft dale feld grove holt lund mere stad wick'.split(' ');
const FAMILY_ENDINGS = 'berg by croft dahl feld gard holt lund man strom wick worth'.split(' ');
const TRADES = (
  'Instruments|Foods|Freight|Textiles|Interiors|Robotics|Optics|Ceramics|Press|Analytics|Shipping|Gardens|Pharmacy|' +
  'Cycles|Acoustics|Timber'
).split('|');
const STREETS = 'Street|Lane|Road|Quay|Court|Avenue'.split('|');

/** A person who does not exist. */
export function inventPerson(chance: SeededChance): { firstName: string; lastName: string } {
  return { firstName: chance.pick(GIVEN), lastName: chance.pick(BEGINNINGS) + chance.pick(FAMILY_ENDINGS) };
}

/** So many different names of companies that do not exist. */
export function inventCompanies(chance: SeededChance, count: number): string[] {
  const compounds = BEGINNINGS.flatMap((beginning) => PLACE_ENDINGS.map((ending) => beginning + ending));
  if (count > compounds.length) throw new RangeError(`there are ${compounds.length} names`);
  return chance
    .shuffled(compounds)
    .slice(0, count)
    .map((name) => `${name} ${chance.pick(TRADES)}`);
}

export function inventStreet(chance: SeededChance): string {
  return `${chance.whole(1, 240)} ${chance.pick(BEGINNINGS)} ${chance.pick(STREETS)}`;
}

export function inventTown(chance: SeededChance): string {
  return chance.pick(BEGINNINGS) + chance.pick(PLACE_ENDINGS);
}

/** Under a domain that nobody can own (RFC 2606, section 3). */
export function inventEmail(firstName: string, lastName: string, mark: string): string {
  return `${firstName}.${lastName}.${mark}@example.com`.toLowerCase();
}

/** From the block of numbers that are kept for fiction. */
export function inventPhone(chance: SeededChance): string {
  return `+1 555 01${chance.digits(2)} ext. ${chance.digits(3)}`;
}
