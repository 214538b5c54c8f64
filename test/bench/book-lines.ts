// People of a national extraction whose names are shared as names are: a few by very many, most by hardly anyone. Nobody in them exists.
import type { PersonName } from '../support/extraction-lines.ts';

const familyNames = ['MARTIN', 'BERNARD', 'THOMAS', 'PETIT', 'ROBERT', 'RICHARD', 'DURAND', 'DUBOIS', 'MOREAU', 'LAURENT'];
const givenNames = ['MARIE', 'JEAN', 'PIERRE', 'ANNE', 'FRANÇOIS', 'CATHERINE', 'NICOLAS', 'HÉLÈNE', 'PHILIPPE', 'NATHALIE'];
const onsets = ['b', 'br', 'ch', 'd', 'f', 'g', 'gr', 'j', 'l', 'm', 'n', 'p', 'r', 's', 't', 'tr', 'v'];
const rhymes = ['a', 'an', 'ard', 'e', 'eau', 'el', 'er', 'i', 'in', 'o', 'on', 'ou', 'u', 'ier', 'ois'];

/** The family name of so many people that only `rank` others are shared by more. */
export const familyNameOf = (rank: number): string => familyNames[rank] ?? madeUp(rank, 3);
/** The same of given names. */
export const givenNameOf = (rank: number): string => givenNames[rank] ?? madeUp(rank, 2);

/** The names of person `number`: one in two hundred and fifty is a MARTIN, one in sixty-five a MARIE. */
export function nameOf(number: number): PersonName {
  return { family: familyNameOf(rankOf(number * 2 + 1, 100_000, 30)), given: givenNameOf(rankOf(number * 2 + 2, 5000, 10)) };
}

/** A rank below `count` as Zipf and Mandelbrot have it: the share of rank r falls as 1 / (r + flatness). */
function rankOf(seed: number, count: number, flatness: number): number {
  return Math.floor(flatness * (((count + flatness) / flatness) ** spread(seed) - 1));
}

/** A number in [0, 1) for each seed, without any order. */
function spread(seed: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

/** A name of so many syllables or more, another one for each rank. */
function madeUp(rank: number, least: number): string {
  const syllables: string[] = [];
  for (let left = rank; left > 0 || syllables.length < least; left = Math.floor(left / (onsets.length * rhymes.length))) {
    const rest = left % (onsets.length * rhymes.length);
    syllables.push(`${onsets[rest % onsets.length]}${rhymes[Math.floor(rest / onsets.length)]}`);
  }
  return syllables.join('').toUpperCase();
}
