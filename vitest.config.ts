import { configDefaults, defineConfig } from 'vitest/config';

// Postfix can be started by root alone: anybody else is told that this one test is not run.
const isRoot = process.getuid?.() === 0;
const rootOnly = ['test/e2e/loop.test.ts'];
if (!isRoot) process.stderr.write(`passerelle: not run without root: ${rootOnly.join(', ')}\n`);

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(isRoot ? [] : rootOnly)],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/start-database.ts'],
  },
});
