// A PostgreSQL that the gateway is given (DATABASE_URL), durable, that can be killed and started again under the gateway's feet.
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { programsFolder } from '../../../src/config/default-folders.ts';
import type { ConnectionOptions } from '../../../src/database/connect.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/database/embedded/server.ts';
import { postgresProcessesIn, signal } from '../../../src/database/processes.ts';

/** The server and its folder. */
export class OwnPostgres {
  readonly #folder: string;
  #server: EmbeddedServer;

  private constructor(folder: string, server: EmbeddedServer) {
    this.#folder = folder;
    this.#server = server;
  }

  /** Starts one in a folder of its own. */
  static async start(): Promise<OwnPostgres> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'passerelle-given-')));
    await chmod(folder, 0o755);
    return new OwnPostgres(folder, await startServer(folder));
  }

  /** The same after each restart. */
  get connection(): ConnectionOptions {
    return this.#server.connection;
  }

  /** As DATABASE_URL. */
  get url(): string {
    const { connection } = this.#server;
    if ('connectionString' in connection) return connection.connectionString;
    const { host, port, user, password, database } = connection;
    return `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${database}`;
  }

  /** Ends it, by SIGKILL to all its processes or in order, and starts it again. */
  async restart(how: 'kill' | 'in-order'): Promise<void> {
    if (how === 'kill') for (const { pid } of await postgresProcessesIn(join(this.#folder, 'postgres'))) signal(pid, 'SIGKILL');
    await this.#server.stop();
    this.#server = await startServer(this.#folder);
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20 });
  }
}

function startServer(dataDir: string): Promise<EmbeddedServer> {
  const settings = { dataDir, programsDir: programsFolder(), sharedBuffersBytes: 128 * 1024 * 1024, maxConnections: 200, durable: true };
  return startEmbeddedServer(settings, pino({ level: 'silent' }));
}
