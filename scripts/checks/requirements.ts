// Reads docs/requirements.md, and the requirement numbers that a text cites: `requirement 35`, `requirements 25, 26 and 31`,
// `requirements 25-27`. Shared by the reference check and by the conformance table, so that both mean the same thing.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './check.ts';

/** One line of docs/requirements.md. `certainty` is explained there: C confirmed, S second-hand, R recalled, D designed. */
export type Requirement = {
  readonly number: number;
  readonly title: string;
  readonly certainty: string;
  readonly section: string;
};

const requirementLine = /^(\d+)\. \*\*(.+?)\*\* \[[CSRD]\]/;
const citation = /\brequirements?\s+(\d+(?:(?:\s*[-–,]\s*|\s+(?:and|to)\s+)\d+)*)/gi;

/** Every requirement, in the order of the document. */
export async function readRequirements(): Promise<Requirement[]> {
  const text = await readFile(join(root, 'docs', 'requirements.md'), 'utf8');
  let section = '';
  const requirements: Requirement[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3).trim();
    const [, number, title] = requirementLine.exec(line) ?? [];
    const certainty = (line.match(/\[[CSRD]\]/g) ?? []).join(' ');
    if (number && title) requirements.push({ number: Number(number), title, certainty, section });
  }
  return requirements;
}

/** The requirement numbers a text cites, ranges spread out, each once, in ascending order. */
export function citedRequirements(text: string): number[] {
  const numbers = new Set<number>();
  for (const [, list = ''] of text.matchAll(citation)) {
    for (const item of list.split(/\s*,\s*|\s+and\s+/)) {
      const [first = 0, last = first] = item.split(/\s*[-–]\s*|\s+to\s+/).map(Number);
      for (let number = first; number <= last; number++) numbers.add(number);
    }
  }
  return [...numbers].sort((a, b) => a - b);
}
