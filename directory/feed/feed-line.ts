// What one line of a citizens' feed says, whatever its form (CSV or LDIF): read, checked, not yet compared with the registry.
import type { Ins, InsArc } from '../../src/core/ins.ts';
import type { TextLine, TextPlace } from '../imports/text-lines.ts';
import type { CitizenState } from '../states.ts';

/** The columns of a feed, as CSV names them. */
export const feedColumnNames = [
  'matricule',
  'oid',
  'nom_naissance',
  'premier_prenom',
  'prenoms',
  'nom_utilise',
  'prenom_utilise',
  'date_naissance',
  'lieu_naissance',
  'sexe',
  'qualifiee',
  'etat',
  'matricule_precedent',
  'representants',
] as const;

/** One of them. */
export type FeedColumn = (typeof feedColumnNames)[number];

/**
 * A citizen, as the feed has them. What is undefined is left as the registry has it, what is null is emptied. A line that `isWhole` has
 * all the traits that make an identity, and may make somebody known; another only changes those who are.
 */
export type FeedLine = {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly ins: Ins;
  readonly isWhole: boolean;
  readonly arc: InsArc | undefined;
  readonly birthName: string | undefined;
  readonly firstGivenName: string | undefined;
  readonly givenNames: string | null | undefined;
  readonly usedName: string | null | undefined;
  readonly usedGivenName: string | null | undefined;
  /** ISO 8601: `1979-03-28`. */
  readonly birthDate: string | undefined;
  /** INSEE code of 5 characters. */
  readonly birthPlace: string | null | undefined;
  readonly sex: 'F' | 'M' | undefined;
  readonly qualified: boolean | undefined;
  /** What the feed says of the mailbox. `created` is also said of one that stands: it opens nothing. */
  readonly state: CitizenState | undefined;
  /** Matricules they had before this one. */
  readonly formers: readonly Ins[];
  /** All who act for them; an empty list leaves nobody. */
  readonly guardians: readonly Ins[] | undefined;
};

/** Why a line is not taken. `refusal-words.ts` says each in French. */
export type FeedRefusal =
  // Its form.
  | 'too-long'
  | 'not-utf8'
  | 'quotes'
  | 'cell-count'
  | 'ldif-syntax'
  | 'ldif-change'
  // Its values.
  | 'value-missing'
  | 'value-invalid'
  | 'several-values'
  // What the registry has.
  | 'citizen-unknown'
  | 'state-impossible'
  | 'matricule-of-another'
  | 'guardian-circle';

/** A line that is not taken; for `guardian-circle`, taken without the guardians. Its content is nowhere: it names somebody. */
export type RefusedLine = { readonly line: number; readonly column?: FeedColumn; readonly because: FeedRefusal };

/** One line of a feed as its reader understood it, and where the next one begins. */
export type FeedItem = { readonly says: FeedLine | RefusedLine; readonly next: TextPlace };

/** Reads lines of text one after another into lines of the feed. */
export interface FeedReader {
  /** What the feed says up to this line; nothing while a quoted cell or a record goes on. */
  take(line: TextLine): readonly FeedItem[];
  /** What is left when the file ends. */
  end(): readonly FeedItem[];
}
