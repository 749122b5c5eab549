/**
 * Made-up customers. Names are visibly invented, telephone numbers are from the ranges that Ofcom keeps for
 * drama, mail goes to example.com: nothing here can reach a person.
 */
import type { SeededRandom } from './seeded-random.ts';

export type SampleCustomer = {
  readonly id: string;
  readonly name: string;
  /** Absent beyond the numbers that are kept free. */
  readonly phone?: string;
  readonly mail: string;
  readonly group: 'regular' | 'trade' | 'staff';
  readonly creditLimitMinor?: number;
};

const firstNames =
  'Ardal Brindle Calla Dorrit Elowen Fenwick Gilly Hester Ibbot Jory Kerensa Lowdy Merrin Nesta Orla Perran Quill Rowan Senara Tamsin Umber Venn Wilmot Yestin Zennor'.split(
    ' ',
  );
const lastNames =
  'Applesnap Bakewright Candlethorpe Dillwhistle Eggleworth Fiddlemarsh Gooseberton Hatterby Inkpenny Jampotter Kettlewick Lampkinson Marmaduck Nutmegson Oatcroft Picklethwaite Quincebury Ribbonsby Samplewood Testerley Umbrellaby Vellumsworth Waxlington Yarnsbury Zedcote'.split(
    ' ',
  );

/** Ofcom's numbers for use in drama: each prefix takes three more digits. */
const dramaPrefixes = [
  '+44 7700 900',
  '+44 1632 960',
  '+44 20 7946 0',
  '+44 113 496 0',
  '+44 114 496 0',
  '+44 115 496 0',
  '+44 116 496 0',
  '+44 117 496 0',
  '+44 118 496 0',
  '+44 121 496 0',
  '+44 131 496 0',
  '+44 141 496 0',
  '+44 151 496 0',
  '+44 161 496 0',
] as const;

/** `count` customers, `C00001` on, every telephone number different. */
export function generateCustomers(random: SeededRandom, count: number): SampleCustomer[] {
  return Array.from({ length: count }, (_, index) => {
    const first = random.pick(firstNames);
    const last = random.pick(lastNames);
    const trade = random.chance(12);
    const prefix = dramaPrefixes[Math.floor(index / 1_000)];
    return {
      id: `C${String(index + 1).padStart(5, '0')}`,
      name: `${first} ${last}`,
      ...(prefix === undefined ? {} : { phone: prefix + String(index % 1_000).padStart(3, '0') }),
      mail: `${first}.${last}.${index + 1}@example.com`.toLowerCase(),
      group: trade ? 'trade' : random.chance(3) ? 'staff' : 'regular',
      ...(trade ? { creditLimitMinor: random.between(2, 50) * 10_000 } : {}),
    };
  });
}
