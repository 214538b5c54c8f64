// How a citation of requirements is read, since docs/conformance.md and the reference check both rest on it.
import { expect, test } from 'vitest';
import { citedRequirements, readRequirements } from '../../scripts/checks/requirements.ts';

test.each([
  ['requirement 35: a wrong key answers 5.1.3', [35]],
  ['Requirements 25, 26 and 31: who may write first', [25, 26, 31]],
  ['requirements 25-27, 31', [25, 26, 27, 31]],
  ['requirements 2 to 4 hold', [2, 3, 4]],
  ['the requirement that 20 MiB pass', []],
  ['RFC 9051 §6.4.7 answers COPYUID', []],
  ['requirement 16: 20 MB pass, and requirement 17: reports too', [16, 17]],
])('%j cites %j', (title, numbers) => {
  expect(citedRequirements(title)).toEqual(numbers);
});

test('docs/requirements.md numbers sixty requirements without a gap, each with its certainty', async () => {
  const requirements = await readRequirements();
  expect(requirements.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  expect(requirements.filter(({ certainty }) => !/^(\[[CSRD]\] ?)+$/.test(certainty))).toEqual([]);
});
