// Writes the tables of policies/README.md anew: npx tsx scripts/write-rules.ts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './checks/check.ts';
import { renderRules, rulesPath } from './checks/rules-table.ts';

await writeFile(join(root, rulesPath), await renderRules());
