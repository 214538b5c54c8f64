// Dates as an operator types them.
import { expect, test } from 'vitest';
import { parisInstant } from '../../src/cli/paris-time.ts';

test.each([
  ['2026-11-22', false, '2026-11-21T23:00:00Z'],
  ['22/11/2026', false, '2026-11-21T23:00:00Z'],
  ['2026-08-01T08:30', false, '2026-08-01T06:30:00Z'],
  [' 01/08/2026 08:30 ', false, '2026-08-01T06:30:00Z'],
  ['2026-08-01', true, '2026-08-01T22:00:00Z'],
  // A last day with its hour is that hour.
  ['2026-08-01T18:00', true, '2026-08-01T16:00:00Z'],
  ['2026-12-31', true, '2026-12-31T23:00:00Z'],
  // The days the clocks change: 29 March and 25 October 2026.
  ['2026-03-29', false, '2026-03-28T23:00:00Z'],
  ['2026-03-29', true, '2026-03-29T22:00:00Z'],
  ['2026-10-25', false, '2026-10-24T22:00:00Z'],
  ['2026-10-25', true, '2026-10-25T23:00:00Z'],
  ['2026-03-29T03:30', false, '2026-03-29T01:30:00Z'],
])('%j (whole day: %j) is %s', (typed, wholeDay, expected) => {
  expect(parisInstant(typed, { wholeDay })?.toISOString()).toBe(expected.replace('Z', '.000Z'));
});

test.each([
  '',
  'demain',
  '2026-02-30',
  '2026-13-01',
  '31/04/2026',
  '2026-01-01T24:00',
  '2026-01-01T10:60',
  '2026-1-1',
  '2026-01-01T10:00Z',
])('%j is no date', (typed) => {
  expect(parisInstant(typed)).toBeUndefined();
});
