// Times of CDA and of METADATA.XML as the record takes them. IHE ITI TF-3 table 4.2.3.1.7-2.
import { expect, test } from 'vitest';
import { dtmOf } from '../../src/dmp/dtm.ts';

test.each<[string | undefined, string | undefined, string]>([
  ['20261120163000+0100', '20261120153000', 'winter in Paris'],
  ['20260720163000+0200', '20260720143000', 'summer in Paris'],
  ['20261231233000-0100', '20270101003000', 'over the end of a year'],
  ['20261120090000+0000', '20261120090000', 'METADATA.XML'],
  ['20261120090000.1234+0000', '20261120090000', 'fractions are left out'],
  ['202611200900+0530', '202611200330', 'no seconds'],
  ['2026112009+0530', '202611200330', 'no minutes'],
  ['20261120', '20261120', 'a day'],
  ['20261120+0100', '20261120', 'a day with a zone is that day'],
  ['20261120090000', '20261120', 'an hour of nowhere is left out'],
  ['20240229', '20240229', 'a leap day'],
  ['20260229', undefined, 'a day that does not exist'],
  ['20261301', undefined, 'a month that does not exist'],
  ['20261120250000+0100', undefined, 'an hour that does not exist'],
  ['202611', undefined, 'less than a day'],
  ['2026-11-20T09:00:00Z', undefined, 'ISO 8601'],
  ['', undefined, 'nothing'],
  [undefined, undefined, 'nothing at all'],
])('%s → %s: %s', (ts, dtm) => {
  expect(dtmOf(ts)).toBe(dtm);
});
