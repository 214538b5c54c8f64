// A question about one citizen, told apart from a search: a matricule, or the whole birth name, first given name and birth date. Nothing
// else finds a citizen, so that nobody browses them. Requirement 23, domain.md §5.
import { parseAddress } from '../../src/core/address.ts';
import { type Ins, parseIns } from '../../src/core/ins.ts';
import { insOf } from '../citizen-addresses.ts';
import { parseBirthDate } from './birth-date.ts';
import type { BookFilter } from './book-filter.ts';

/** What is asked about a citizen. Dates are ISO 8601. */
export type ExactQuestion =
  | { readonly about: 'matricule'; readonly ins: Ins }
  | { readonly about: 'identity'; readonly birthName: string; readonly firstGivenName: string; readonly birthDate: string }
  /** Birth name and first given name in one field, in either order, with nothing to say where one ends. */
  | { readonly about: 'words'; readonly names: string; readonly birthDate: string };

/** Longer ones are nobody's. In characters, two names and a date. */
const longestWords = 250;

const twoWords = /[\p{L}\p{M}][^\p{L}\p{M}]+[\p{L}\p{M}]/u;

/** The question a filter asks about one citizen, whichever way address books put it; undefined for any other filter. */
export function exactQuestion(filter: BookFilter, citizensDomain: string): ExactQuestion | undefined {
  const asked = essence(filter);
  if (asked === undefined || typeof asked === 'boolean') return undefined;
  return identityIn(asked) ?? questionIn(wordsOf(asked), citizensDomain);
}

/** What remains of a filter when what the door knows is taken out: a tree without negations and constants, or a constant. */
type Essence = { readonly is: 'and' | 'or'; readonly of: readonly Essence[] } | Leaf;
type Leaf = Extract<BookFilter, { readonly is: 'equal' | 'alike' | 'substring' }>;

// Undefined: a filter with a negation, which no exact question has.
function essence(filter: BookFilter): Essence | boolean | undefined {
  switch (filter.is) {
    case 'and':
    case 'or': {
      const isAnd = filter.is === 'and';
      const parts: Essence[] = [];
      for (const one of filter.of) {
        const part = essence(one);
        if (part === undefined) return undefined;
        if (typeof part !== 'boolean') parts.push(part);
        else if (part !== isAnd) return part;
      }
      if (parts.length === 0) return isAnd;
      return parts.length === 1 ? parts[0] : { is: filter.is, of: parts };
    }
    case 'not':
      return undefined;
    // A citizen has whatever an address book may ask for.
    case 'present':
    case 'true':
      return true;
    // What can match nobody.
    case 'undefined':
    case 'false':
      return false;
    default:
      return filter;
  }
}

/** Birth name, first given name and birth date, each by equality, and nothing else. */
function identityIn(asked: Essence): ExactQuestion | undefined {
  const leaves = conjunction(asked);
  if (leaves?.length !== 3) return undefined;
  const valueFor = (attribute: Leaf['attribute']) => leaves.find((leaf) => leaf.attribute === attribute)?.value;
  const [birthName, firstGivenName, date] = [valueFor('familyName'), valueFor('givenName'), valueFor('birthDate')];
  const birthDate = date === undefined ? undefined : parseBirthDate(date);
  if (!birthName || !firstGivenName || !birthDate) return undefined;
  return { about: 'identity', birthName, firstGivenName, birthDate };
}

function conjunction(asked: Essence): Extract<Leaf, { readonly is: 'equal' }>[] | undefined {
  if (!('of' in asked)) return asked.is === 'equal' ? [asked] : undefined;
  if (asked.is === 'or') return undefined;
  const parts = asked.of.map(conjunction);
  return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

/**
 * The words that were typed, when a filter carries one text: an alternative repeats it for each attribute; a conjunction repeats it, or asks
 * the same attributes for a word after the other.
 */
function wordsOf(asked: Essence): string | undefined {
  if (!('of' in asked)) return typed(asked);
  const parts = asked.of.map(wordsOf);
  const [first] = parts;
  if (first === undefined || parts.some((part) => part === undefined)) return undefined;
  if (parts.every((part) => part === first)) return first;
  const isOneField = asked.is === 'and' && new Set(asked.of.map(attributesOf)).size === 1;
  return isOneField ? parts.join(' ') : undefined;
}

function attributesOf(asked: Essence): string {
  return 'of' in asked ? [...new Set(asked.of.map(attributesOf))].sort().join() : asked.attribute;
}

function typed(leaf: Leaf): string {
  const text =
    leaf.is === 'substring' ? [leaf.initial, ...leaf.any, leaf.final].filter((part) => part !== undefined).join(' ') : leaf.value;
  return text.trim().replace(/\s+/g, ' ');
}

function questionIn(words: string | undefined, citizensDomain: string): ExactQuestion | undefined {
  if (words === undefined || words.length > longestWords) return undefined;
  const address = parseAddress(words);
  const ins = parseIns(words) ?? (address && insOf(address, citizensDomain));
  if (ins) return { about: 'matricule', ins };
  const [, names, date] = /^(.*\S) (\S+)$/.exec(words) ?? [];
  const birthDate = date === undefined ? undefined : parseBirthDate(date);
  return names && birthDate && twoWords.test(names) ? { about: 'words', names, birthDate } : undefined;
}
