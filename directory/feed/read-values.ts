// The values of one line of a feed, checked one by one: a citizen is what all of them say together, or nobody. Requirement 35, domain.md §5.
import { type Ins, parseIns, parseInsArc } from '../../src/core/ins.ts';
import type { CitizenState } from '../states.ts';
import type { FeedColumn, FeedLine, RefusedLine } from './feed-line.ts';

/** What a line says, column by column: absent, it says nothing; empty, it empties. */
export type FeedValues = Readonly<Partial<Record<FeedColumn, string>>>;

/** Matricules in one value, with spaces or commas between them; more of them is no family. */
const mostMatricules = 20;
const longestName = 100;

const states: ReadonlyMap<string, CitizenState> = new Map([
  ['cree', 'created'],
  ['created', 'created'],
  ['active', 'activated'],
  ['activated', 'activated'],
  ['oppose', 'opposed'],
  ['opposed', 'opposed'],
  ['ferme', 'closed'],
  ['closed', 'closed'],
  ['rouvert', 'reopened'],
  ['reopened', 'reopened'],
]);

const answers: ReadonlyMap<string, boolean> = new Map([
  ...['oui', 'o', 'vrai', 'true', '1'].map((word) => [word, true] as const),
  ...['non', 'n', 'faux', 'false', '0'].map((word) => [word, false] as const),
]);

/** Reads a line's values. A line that `isWhole` must have the traits of an identity; `today` (ISO) is the last birth date there can be. */
export function readValues(line: number, values: FeedValues, isWhole: boolean, today: string): FeedLine | RefusedLine {
  const reading = new Reading(line, values);
  const ins = reading.needed('matricule', parseIns, true);
  const read = {
    line,
    isWhole,
    arc: reading.optional('oid', parseInsArc) ?? undefined,
    birthName: reading.needed('nom_naissance', parseName, isWhole),
    firstGivenName: reading.needed('premier_prenom', parseName, isWhole),
    givenNames: reading.optional('prenoms', parseName),
    usedName: reading.optional('nom_utilise', parseName),
    usedGivenName: reading.optional('prenom_utilise', parseName),
    birthDate: reading.needed('date_naissance', (text) => parseDate(text, today), isWhole),
    birthPlace: reading.optional('lieu_naissance', parsePlace),
    sex: reading.needed('sexe', parseSex, isWhole),
    qualified: reading.optional('qualifiee', (text) => answers.get(fold(text))) ?? undefined,
    state: reading.optional('etat', (text) => states.get(fold(text))) ?? undefined,
    formers: reading.optional('matricule_precedent', parseMatricules) ?? [],
    guardians: values.representants === undefined ? undefined : (reading.optional('representants', parseMatricules) ?? []),
  };
  return ins && !reading.refused ? { ...read, ins } : (reading.refused ?? { line, column: 'matricule', because: 'value-missing' });
}

/** The values of a line while they are read, and the first of them that cannot be. */
class Reading {
  readonly #line: number;
  readonly #values: FeedValues;
  refused: RefusedLine | undefined;

  constructor(line: number, values: FeedValues) {
    this.#line = line;
    this.#values = values;
  }

  /** What `parse` makes of a value; undefined when the line says nothing, or nothing that can be read; null when it empties. */
  optional<T>(column: FeedColumn, parse: (text: string) => T | undefined): T | null | undefined {
    const said = this.#values[column];
    if (said === undefined) return undefined;
    const text = said.normalize('NFC').trim();
    return text === '' ? null : (parse(text) ?? this.#refuse(column, 'value-invalid'));
  }

  /** The same for what may not be emptied, nor left unsaid when `isNeeded`. */
  needed<T>(column: FeedColumn, parse: (text: string) => T | undefined, isNeeded: boolean): T | undefined {
    const value = this.optional(column, parse);
    if (value === null || (value === undefined && isNeeded)) this.#refuse(column, 'value-missing');
    return value ?? undefined;
  }

  #refuse(column: FeedColumn, because: RefusedLine['because']): undefined {
    this.refused ??= { line: this.#line, column, because };
  }
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

// What cannot be seen must not stand in a name: it would make two people of one, or break a line of a letter.
function parseName(text: string): string | undefined {
  const name = text.includes('  ') ? text.replace(/ {2,}/g, ' ') : text;
  return name.length <= longestName && /\p{L}/u.test(name) && !/[\p{C}\p{Zl}\p{Zp}"<>]/u.test(name) ? name : undefined;
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `1979-03-28` or `28/03/1979`, a day of the calendar. */
function parseDate(text: string, today: string): string | undefined {
  const date = text.includes('/') ? text.replace(/^(\d\d)\/(\d\d)\/(\d{4})$/, '$3-$2-$1') : text;
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || date < '1850-01-01' || date > today) return undefined;
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = isLeap && month === 2 ? 29 : (monthDays[month - 1] ?? 0);
  return day >= 1 && day <= last ? date : undefined;
}

/** A commune or a country in the INSEE code: 5 characters, Corsica with its letter. */
function parsePlace(text: string): string | undefined {
  const place = text.toUpperCase();
  return /^\d[\dAB]\d{3}$/.test(place) ? place : undefined;
}

function parseSex(text: string): 'F' | 'M' | undefined {
  const sex = text.toUpperCase();
  return sex === 'F' || sex === 'M' ? sex : undefined;
}

function parseMatricules(text: string): Ins[] | undefined {
  const all = text.split(/[\s,]+/).map((one) => parseIns(one));
  const valid = all.filter((ins) => ins !== undefined);
  return valid.length === all.length && all.length <= mostMatricules ? [...new Set(valid)] : undefined;
}
