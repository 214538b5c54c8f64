// The tests that stand between a changed rule and a citizen: those of the policies and of the health documents.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/policies/**/*.test.ts', 'test/mail/documents/**/*.test.ts'],
    exclude: [
      // Measures a process of its own, which runs the code as it stands.
      'test/mail/documents/hostile/measured-set.test.ts',
      // Looks at PostgreSQL's plan among many rows, which take longer to write than everything else together.
      'test/policies/scale.test.ts',
    ],
    // The same few sequences, and smaller letters, for each of many hundred changes: a change is noticed or not, whenever it is asked.
    env: { POLICIES_RUNS: '10', POLICIES_SEED: '1', DOCUMENTS_RUNS: '40', DOCUMENTS_SEED: '1', HOSTILE_BYTES: '1000000' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/start-database.ts'],
  },
});
