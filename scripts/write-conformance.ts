// Writes docs/conformance.md anew: npm run conformance.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './checks/check.ts';
import { conformancePath, renderConformance } from './checks/conformance.ts';

await writeFile(join(root, conformancePath), await renderConformance());
