// Writes the section « Commands » of README.md anew: npx tsx scripts/write-commands.ts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './checks/check.ts';
import { commandsPath, renderCommands } from './checks/commands-table.ts';

await writeFile(join(root, commandsPath), await renderCommands());
