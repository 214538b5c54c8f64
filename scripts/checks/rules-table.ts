// The rules a doctor reads in policies/README.md: written from the code's own table and words, and checked to be fresh.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rules } from '../../policies/judge.ts';
import { deferrals, holds, refusals, reports, type Verdict, type VerdictCode, wordsOf } from '../../policies/verdict.ts';
import { type Check, root } from './check.ts';

/** Where the table lives, from the top of the clone. */
export const rulesPath = join('policies', 'README.md');

/** Everything below this line is written by the script. */
const heading = '## The rules';

/** The text of policies/README.md as it should be: its own words as they stand, then the tables anew. */
export async function renderRules(): Promise<string> {
  const held = await readFile(join(root, rulesPath), 'utf8');
  const words = held.split(`\n${heading}\n`)[0] ?? '';
  const codes = Object.keys({ ...refusals, ...reports, ...holds, ...deferrals }) as VerdictCode[];
  const lines = [
    heading,
    '',
    'Written by `scripts/write-rules.ts` from `judge.ts` and `verdict.ts`, down to the end of this page; do not edit.',
    '',
    '| # | rule | in words | verdict | code |',
    '| --- | --- | --- | --- | --- |',
    ...rules.map(({ name, sentence, verdict }, at) => `| ${at + 1} | ${name} | ${sentence} | ${answerOf(verdict)} | ${codeOf(verdict)} |`),
    '',
    '## What a person reads',
    '',
    '| code | status | sentence | what would change it |',
    '| --- | --- | --- | --- |',
    ...codes.map((code) => `| ${code} | ${wordsOf(code).status} | ${wordsOf(code).text}. | ${wordsOf(code).step} |`),
  ];
  return `${words}\n${lines.join('\n')}\n`;
}

export const rulesTable: Check = {
  name: 'rules table',
  run: async () => {
    const [wanted, held] = await Promise.all([renderRules(), readFile(join(root, rulesPath), 'utf8')]);
    return { problems: wanted === held ? [] : [`${rulesPath} is out of date: npm run rules`] };
  },
};

/** What the peer hears: the protocol's answer, or what is done with a letter that was taken. */
function answerOf(verdict: Verdict): string {
  if (verdict.do === 'accept') return 'accept';
  if (verdict.do === 'refuse') return `${refusals[verdict.code].reply} ${refusals[verdict.code].status}`;
  if (verdict.do === 'defer') return `${deferrals[verdict.code].reply} ${deferrals[verdict.code].status}`;
  return `250, ${verdict.do} ${wordsOf(verdict.code).status}`;
}

function codeOf(verdict: Verdict): string {
  return verdict.do === 'accept' ? '' : verdict.code;
}
