// docs/conformance.md: each requirement with the tests that name it. Generated, and checked to be fresh.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Check, root } from './check.ts';
import { type CitingTest, listCitingTests } from './cited-tests.ts';
import { type Requirement, readRequirements } from './requirements.ts';

/** Where the table lives, from the top of the clone. */
export const conformancePath = join('docs', 'conformance.md');

/** The whole text of docs/conformance.md, the same for the same tests. */
export async function renderConformance(): Promise<string> {
  const [requirements, tests] = await Promise.all([readRequirements(), listCitingTests()]);
  const shown = requirements.filter(({ number }) => citing(tests, number).length > 0).length;
  const lines = [
    '# Requirements and the tests that show them',
    '',
    'Written by `npm run conformance` from the titles of the tests; do not edit. The requirements are in [requirements.md](requirements.md),',
    'the convention in [CONTRIBUTING.md](../CONTRIBUTING.md#requirements-in-test-titles).',
    'A test that names a requirement shows a part of it, not always the whole.',
    '',
    `${shown} of ${requirements.length} requirements are named by at least one test.`,
  ];
  let section = '';
  for (const requirement of requirements) {
    if (requirement.section !== section) {
      section = requirement.section;
      lines.push('', `## ${section}`, '', '| # | Requirement | Shown by |', '| --- | --- | --- |');
    }
    lines.push(renderRow(requirement, citing(tests, requirement.number)));
  }
  return `${lines.join('\n')}\n`;
}

export const conformance: Check = {
  name: 'conformance table',
  run: async () => {
    const [wanted, held] = await Promise.all([renderConformance(), readFile(join(root, conformancePath), 'utf8').catch(() => '')]);
    return { problems: wanted === held ? [] : [`${conformancePath} is out of date: npm run conformance`] };
  },
};

function citing(tests: readonly CitingTest[], number: number): CitingTest[] {
  return tests.filter(({ requirements }) => requirements.includes(number));
}

function renderRow({ number, title, certainty }: Requirement, tests: readonly CitingTest[]): string {
  const files = [...new Set(tests.map(({ path }) => path))];
  const shownBy = files.map((path) => {
    const titles = tests.filter((test) => test.path === path).map((test) => escapeCell(test.title));
    return `[${path.replace(/^test\//, '')}](../${path}): ${titles.join('; ')}`;
  });
  return `| ${number} | ${escapeCell(title)} ${certainty} | ${shownBy.join('<br>') || 'not yet'} |`;
}

function escapeCell(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, '\\$&').replace(/\s+/g, ' ');
}
