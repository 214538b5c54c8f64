// What people are told of a copy: every code has words, and none of them says more than its reader may know.
import { expect, test } from 'vitest';
import { copyWords, failureWords } from '../../src/dmp/copy-words.ts';

const fedAt = new Date('2026-11-22T08:00:00Z');

test.each([
  [{ state: 'waiting', code: null, fedAt: null }, 'Copie vers le dossier médical partagé (Mon espace santé) en cours.'],
  [{ state: 'fed', code: null, fedAt }, 'Copie déposée dans le dossier médical partagé (Mon espace santé) le 22 novembre 2026 à 09:00.'],
  [
    { state: 'not-fed', code: 'objection', fedAt: null },
    'Pas de copie dans le dossier médical partagé (Mon espace santé) : le patient a demandé qu’il n’y en ait pas.',
  ],
  [
    { state: 'refused', code: 'replaced-unknown', fedAt: null },
    'Pas de copie dans le dossier médical partagé (Mon espace santé) : le document en remplace un autre, que ce dossier ne contient pas.',
  ],
] as const)('%o', (copy, expected) => expect(copyWords(copy)).toBe(expected));

test.each(['XDSSomethingNew', '__proto__', 'constructor', ''])('a code nobody knows (%j) has the general words', (code) => {
  expect(copyWords({ state: 'refused', code, fedAt: null })).toContain('n’a pas accepté le document');
  expect(failureWords(code).text).toBe('Le dossier médical partagé n’a pas accepté le document');
});

test('a sender is never told what the patient chose, nor whether they have a record', () => {
  for (const code of ['objection', 'record-none', 'record-closed'])
    expect(failureWords(code).text).toBe('Le dossier médical partagé n’a pas accepté le document');
});
