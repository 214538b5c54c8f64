// Fictional citizens by number, the same at each run: matricules with valid keys, all different, in no order; names of French lengths.
// Nobody is kept: the n-th citizen is computed, so that ten million of them can be asked for at random.
import { type Ins, insKey } from '../../src/core/ins.ts';

/** What the feed says of one. */
export type FictionalCitizen = {
  readonly ins: Ins;
  readonly birthName: string;
  readonly firstGivenName: string;
  readonly givenNames: string;
  readonly usedName: string;
  readonly birthDate: string;
  readonly birthPlace: string;
  readonly sex: 'F' | 'M';
};

/** A prime above 65 million, and a stride whose products stay exact: whole numbers below the prime are met once each. */
const people = 99_999_989;
const stride = 61_803_399;

/** How many there can be: any number beyond is somebody whom nobody registered. */
export const mostCitizens = people;

const onsets = ['B', 'BL', 'BR', 'C', 'CH', 'D', 'F', 'FR', 'G', 'GR', 'H', 'J', 'L', 'M', 'N', 'P', 'PR', 'R', 'S', 'T', 'TR', 'V'];
const vowels = ['A', 'AI', 'AU', 'E', 'EAU', 'I', 'O', 'OU', 'U'];
const ends = ['', '', 'LT', 'N', 'R', 'RD', 'S', 'T', 'UX', 'Y', 'LLE', 'NDE'];
const women = ['MARIE', 'JEANNE', 'LÉA', 'CAMILLE', 'ANNE-SOPHIE', 'CHLOÉ', 'FRANÇOISE', 'INÈS', 'ZOÉ', 'MARGUERITE', 'LOUISE', 'NATHALIE'];
const men = ['JEAN', 'PIERRE', 'LOUIS', 'HUGO', 'JEAN-BAPTISTE', 'RENÉ', 'JÉRÔME', 'NOËL', 'THÉO', 'EMMANUEL', 'GABRIEL', 'PHILIPPE'];

const pick = (list: readonly string[], from: number) => list[from % list.length] ?? '';
const digits = (value: number, width: number) => String(value).padStart(width, '0');

/** The citizen of this number, from 0 to `mostCitizens` excluded. */
export function fictionalCitizen(number: number): FictionalCitizen {
  let rest = (number * stride) % people;
  const take = (choices: number) => {
    const choice = rest % choices;
    rest = (rest - choice) / choices;
    return choice;
  };
  const sex = take(2) + 1;
  const year = take(100);
  const month = take(12) + 1;
  const area = take(95) + 1;
  // A mixed copy of the number for what need not be unique.
  const mixed = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  const department = area === 20 ? (mixed & 1 ? '2A' : '2B') : digits(area, 2);
  const commune = digits(take(439) + 1, 3);
  const body = `${sex}${digits(year, 2)}${digits(month, 2)}${department}${commune}${digits((mixed % 998) + 1, 3)}`;
  const names = sex === 2 ? women : men;
  const first = pick(names, mixed >>> 3);
  const century = year <= 25 ? 20 : 19;
  return {
    ins: `${body}${insKey(body)}` as Ins,
    birthName: surname(mixed),
    firstGivenName: first,
    givenNames: [first, pick(names, mixed >>> 9), pick(names, mixed >>> 15)].join(' '),
    usedName: sex === 2 && mixed % 3 === 0 ? surname(mixed ^ 0x5bd1e995) : '',
    birthDate: `${century}${digits(year, 2)}-${digits(month, 2)}-${digits((mixed % 28) + 1, 2)}`,
    birthPlace: `${department}${commune}`,
    sex: sex === 2 ? 'F' : 'M',
  };
}

function surname(mixed: number): string {
  const syllables = 1 + ((mixed >>> 5) % 3);
  let name = '';
  for (let at = 0; at < syllables; at += 1) name += pick(onsets, mixed >>> (at * 7)) + pick(vowels, mixed >>> (at * 5 + 2));
  return name + pick(ends, mixed >>> 11);
}
