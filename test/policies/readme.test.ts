import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { rules } from '../../policies/judge.ts';
import { refusals } from '../../policies/verdict.ts';

test('the table a doctor reads in policies/README.md is the code’s own', async () => {
  const rows = rules.map(({ name, sentence, verdict }, at) => {
    const answer = verdict.do === 'refuse' ? `${refusals[verdict.code].reply} ${refusals[verdict.code].status}` : verdict.do;
    return `| ${at + 1} | ${name} | ${sentence} | ${answer} |`;
  });
  const readme = await readFile(new URL('../../policies/README.md', import.meta.url), 'utf8');
  expect(readme.split('\n').filter((line) => /^\| \d+ \|/.test(line))).toEqual(rows);
});
