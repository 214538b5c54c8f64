// Every static check of the house, a line each with its outcome and time: npm run check. Ends non-zero when any of them fails.
import { availableParallelism } from 'node:os';
import { type Check, type Outcome, toolCheck } from './checks/check.ts';
import { commandsTable } from './checks/commands-table.ts';
import { conformance } from './checks/conformance.ts';
import { environment } from './checks/environment.ts';
import { fileLengths } from './checks/file-lengths.ts';
import { licences } from './checks/licences.ts';
import { references } from './checks/references.ts';
import { rulesTable } from './checks/rules-table.ts';

const floors = ['--config', '.dependency-cruiser.cjs', 'src', 'directory', 'mailboxes', 'policies', 'certs', 'test', 'scripts'];

// The slowest first, so that the last to start is short.
const checks: readonly Check[] = [
  toolCheck('types (tsc)', 'tsc', ['--noEmit', '--pretty', 'false']),
  toolCheck('unused code (knip)', 'knip', ['--no-progress']),
  licences,
  toolCheck('floors (dependency-cruiser)', 'depcruise', floors),
  toolCheck('lint and format (biome)', 'biome', ['check', '--error-on-warnings', '--max-diagnostics=100', '.']),
  conformance,
  rulesTable,
  commandsTable,
  references,
  environment,
  fileLengths,
];

const waiting = [...checks];
let failed = 0;
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
if (failed > 0) process.stderr.write(`${failed} of ${checks.length} checks failed\n`);
process.exitCode = failed > 0 ? 1 : 0;

async function worker(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const startedAt = performance.now();
    const { problems, note } = await check.run().catch((error: unknown): Outcome => ({ problems: [String(error)] }));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const outcome = problems.length === 0 ? 'ok    ' : 'FAILED';
    const lines = [
      `${outcome} ${check.name.padEnd(28)} ${seconds.padStart(5)} s${note ? `  ${note}` : ''}`,
      ...problems.map((line) => `       ${line}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    if (problems.length > 0) failed++;
  }
}
