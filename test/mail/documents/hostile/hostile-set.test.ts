// The hostile set: each letter gets its verdict. How long that takes and how much memory is measured in measured-set.test.ts.
import { expect, test } from 'vitest';
import { readLetter } from '../documents.ts';
import { hostileSet } from './all-cases.ts';

test('requirement 47: the hostile set has its fifty cases, each once', () => {
  expect(new Set(hostileSet.map(({ title }) => title)).size).toBe(hostileSet.length);
  expect(hostileSet.length).toBeGreaterThanOrEqual(50);
});

test.each(hostileSet)('requirements 41, 47, 50: $title → $verdict', async ({ letter, verdict, about, hidden }) => {
  const { documents, problem, because } = await readLetter(letter());
  expect(problem ? `${problem}: ${because}` : 'fine').toBe(verdict);
  if (problem === 'hostile') expect(documents).toEqual([]);
  if (about) expect(documents.map(({ patients }) => patients.map(({ matricule }) => matricule))).toEqual(about);
  if (hidden !== undefined) expect(documents.some(({ isHiddenFromPatient }) => isHiddenFromPatient)).toBe(hidden);
});
