// Adds up vitest's JSON reports and prints the line CI reads: `tests: N passed, N failed`. A report that was never written adds nothing;
// a test file that could not be loaded counts as one failure.
import { existsSync, readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) continue;
  const report = JSON.parse(readFileSync(path, 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  failed += report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
}
process.stdout.write(`tests: ${passed} passed, ${failed} failed\n`);
