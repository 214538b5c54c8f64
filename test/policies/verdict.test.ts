import { expect, test } from 'vitest';
import {
  accept,
  defer,
  deferrals,
  hold,
  holds,
  refusals,
  refuse,
  report,
  reports,
  type VerdictCode,
  wordsOf,
} from '../../policies/verdict.ts';

const tables = { refuse: refusals, report: reports, hold: holds, defer: deferrals };
const codes = Object.entries(tables).flatMap(([does, table]) => Object.keys(table).map((code) => [does, code as VerdictCode] as const));

test.each(codes)('%s %s: French words that name no rule and no host, and a step to take', (does, code) => {
  const { status, text, step } = wordsOf(code);
  expect(status).toMatch(does === 'refuse' || does === 'report' ? /^5\.\d\.\d$/ : /^4\.\d\.\d$/);
  expect(text).toMatch(/^[A-ZÀÉ][^"'|]{10,}[^.]$/);
  expect(step).toMatch(/^[A-ZÀÉ][^"'|]{10,}\.$/);
  expect(`${text} ${step}`).not.toMatch(/[a-z]+-[a-z]+-[a-z]+|passerelle|mssante\.fr|http/i);
});

test('a code stands in one table only', () => {
  expect(new Set(codes.map(([, code]) => code)).size).toBe(codes.length);
});

test.each([...Object.values(refusals), ...Object.values(deferrals)])('%o: the reply and the status tell the same story', (words) => {
  expect(String(words.reply)[0]).toBe(words.status[0]);
});

test('a verdict says what is done, why in a code for everyone, and why in a name for the audit', () => {
  expect(accept('a-rule')).toEqual({ do: 'accept', because: 'a-rule' });
  expect(refuse('blocked', 'a-rule')).toEqual({ do: 'refuse', code: 'blocked', because: 'a-rule' });
  expect(report('citizen-unknown', 'a-rule')).toEqual({ do: 'report', code: 'citizen-unknown', because: 'a-rule' });
  expect(hold('document-unreadable', 'a-rule')).toEqual({ do: 'hold', code: 'document-unreadable', because: 'a-rule' });
  expect(defer('try-later', 'a-rule')).toEqual({ do: 'defer', code: 'try-later', because: 'a-rule' });
});
