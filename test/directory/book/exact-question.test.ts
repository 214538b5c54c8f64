import { describe, expect, test } from 'vitest';
import { parseBirthDate } from '../../../directory/book/birth-date.ts';
import type { BookAttribute, BookFilter } from '../../../directory/book/book-filter.ts';
import { exactQuestion } from '../../../directory/book/exact-question.ts';
import { parseIns } from '../../../src/core/ins.ts';

const domain = 'patient.mssante.fr';
const ins = parseIns('279035121518989') ?? expect.fail('not a matricule');

const equal = (attribute: BookAttribute, value: string): BookFilter => ({ is: 'equal', attribute, value });
const contains = (attribute: BookAttribute, ...any: string[]): BookFilter => ({ is: 'substring', attribute, any });
const begins = (attribute: BookAttribute, initial: string, ...any: string[]): BookFilter => ({ is: 'substring', attribute, initial, any });
const and = (...of: BookFilter[]): BookFilter => ({ is: 'and', of });
const or = (...of: BookFilter[]): BookFilter => ({ is: 'or', of });
const known: BookFilter = { is: 'true' };
const ask = (filter: BookFilter) => exactQuestion(filter, domain);

const identity = { about: 'identity', birthName: 'Pat-Trois', firstGivenName: 'Dominique', birthDate: '1979-03-28' };
const three = [equal('familyName', 'Pat-Trois'), equal('givenName', 'Dominique'), equal('birthDate', '19790328')];

describe('a citizen is asked about exactly', () => {
  test.each<[string, BookFilter, unknown]>([
    ['a matricule', equal('ins', '2 79 03 51 215 189 89'), { about: 'matricule', ins }],
    ['the address it makes', equal('address', `${ins}@PATIENT.mssante.fr`), { about: 'matricule', ins }],
    ['a matricule, among patients', and(known, equal('ins', ins)), { about: 'matricule', ins }],
    ['a whole identity', and(known, ...three), identity],
    [
      'a whole identity, in any order and nested',
      and(and(three[2] as BookFilter, three[0] as BookFilter), three[1] as BookFilter),
      identity,
    ],
    [
      'Outlook: one field, one alternative for each attribute',
      and({ is: 'present', attribute: 'address' }, or(begins('displayName', ins), begins('familyName', ins), { is: 'undefined' })),
      { about: 'matricule', ins },
    ],
    [
      'Thunderbird: a text cut at its first space',
      or(begins('displayName', 'Pat-Trois', 'Dominique 28/03/1979'), contains('address', 'Pat-Trois', 'Dominique 28/03/1979')),
      { about: 'words', names: 'Pat-Trois Dominique', birthDate: '1979-03-28' },
    ],
    [
      'an address book that asks for each word',
      and(
        or(contains('displayName', 'Dominique'), contains('address', 'Dominique')),
        or(contains('displayName', 'PAT'), contains('address', 'PAT')),
        or(contains('displayName', '28031979'), contains('address', '28031979')),
      ),
      { about: 'words', names: 'Dominique PAT', birthDate: '1979-03-28' },
    ],
  ])('%s', (_, filter, question) => {
    expect(ask(filter)).toEqual(question);
  });
});

describe('requirement 23: whatever could be used to browse is no question about a citizen', () => {
  test.each<[string, BookFilter]>([
    ['everybody', known],
    ['nobody', { is: 'false' }],
    ['everybody who has a matricule', { is: 'present', attribute: 'ins' }],
    ['a wrong key', equal('ins', '279035121518988')],
    ['a piece of a matricule', begins('ins', '2790351215189')],
    ['another domain', equal('address', `${ins}@hopital.mssante.fr`)],
    ['a name', equal('familyName', 'Pat-Trois')],
    ['a name and a date', and(three[0] as BookFilter, three[2] as BookFilter)],
    ['a name that begins so, with all the rest', and(begins('familyName', 'P'), three[1] as BookFilter, three[2] as BookFilter)],
    ['one of three traits', or(...three)],
    ['three traits and a state', and(...three, equal('state', 'created'))],
    ['anybody but one', { is: 'not', of: equal('ins', ins) }],
    ['three traits and not a fourth', and(...three, { is: 'not', of: equal('state', 'closed') })],
    ['three traits, or everybody', or(and(...three), known)],
    ['one of two matricules', or(equal('ins', ins), equal('ins', '277076322082910'))],
    ['one name and a date', contains('displayName', 'Pat 28/03/1979')],
    ['an impossible date', contains('displayName', 'Pat-Trois Dominique 28/13/1979')],
    ['an empty trait', and(equal('familyName', ''), equal('givenName', 'Dominique'), equal('birthDate', '1979-03-28'))],
    ['a text without end', contains('displayName', `${'Pat '.repeat(100)} 28/03/1979`)],
    ['nothing', or()],
  ])('%s', (_, filter) => {
    expect(ask(filter)).toBeUndefined();
  });
});

test.each([
  ['1979-03-28', '1979-03-28'],
  ['28/03/1979', '1979-03-28'],
  ['28031979', '1979-03-28'],
  [' 19790328 ', '1979-03-28'],
  ['20122012', '2012-12-20'],
  ['20101935', '1935-10-20'],
  ['00/00/1950', '1950-00-00'],
  ['1979-3-28', undefined],
  ['28/03/79', undefined],
  ['32/03/1979', undefined],
  ['03281979', undefined],
  ['28/03/3979', undefined],
  ['', undefined],
])('the birth date %s is read as %s', (text, date) => {
  expect(parseBirthDate(text)).toBe(date);
});
