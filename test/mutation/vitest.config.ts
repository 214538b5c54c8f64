// The tests that stand between a changed rule and a citizen: those of the policies and of the health documents.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/policies/**/*.test.ts', 'test/mail/documents/**/*.test.ts'],
    // Measures a process of its own, which runs the code as it stands.
    exclude: ['test/mail/documents/hostile/measured-set.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/start-database.ts'],
  },
});
