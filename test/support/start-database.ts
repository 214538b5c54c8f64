// One embedded PostgreSQL for the whole run, in a temporary data folder. vitest calls `setup` before the first test file
// and what it returns after the last. Nothing is synced to disk here, unless TEST_DURABLE=1 asks for the figures of a real server;
// durability has tests with servers of their own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { TestProject } from 'vitest/node';
import { programsFolder } from '../../src/config/default-folders.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import { startEmbeddedServer } from '../../src/database/embedded/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run; test files make databases of their own in it: createTestDatabase(). */
    databaseServer: ConnectionOptions;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'passerelle-test-'));
  const durable = process.env.TEST_DURABLE === '1';
  const server = await startEmbeddedServer(
    { dataDir, programsDir: programsFolder(), sharedBuffersBytes: 64 * 1024 * 1024, maxConnections: 200, durable },
    pino({ level: 'silent' }),
  );
  project.provide('databaseServer', server.connection);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
