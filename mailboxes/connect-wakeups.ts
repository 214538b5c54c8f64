// Joins the wake-ups of several processes and machines: NOTIFY after the commit, on connections that do nothing else.
// While one NOTIFY is under way the next gathers what comes, so a busy gateway sends few. A lost connection is made again, and
// everyone is woken then, because nobody knows what was missed.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ConnectionOptions } from '../src/database/connect.ts';
import type { Wakeups } from './wakeups.ts';

const channel = 'passerelle_wakeups';
/** PostgreSQL takes payloads under 8000 bytes; an id has at most 17 characters with its comma. */
const mostFoldersInOne = 400;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Connects this process's wake-ups to those of the others. Resolves once it hears them. `onError` hears of lost connections. */
export async function connectWakeups(wakeups: Wakeups, connection: ConnectionOptions, onError: (error: unknown) => void): Promise<{ close(): Promise<void> }> {
  const link = new WakeupLink(wakeups, connection, onError);
  await link.open();
  const stop = wakeups.forward((folderIds) => link.tell(folderIds));
  return {
    close: async () => {
      stop();
      await link.close();
    },
  };
}

class WakeupLink {
  readonly #wakeups: Wakeups;
  readonly #connection: ConnectionOptions;
  readonly #onError: (error: unknown) => void;
  /** Our own notifications come back to us too, and are passed over. */
  readonly #self = randomUUID();
  readonly #untold = new Set<number>();
  #client: pg.Client | undefined;
  #telling: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;

  constructor(wakeups: Wakeups, connection: ConnectionOptions, onError: (error: unknown) => void) {
    this.#wakeups = wakeups;
    this.#connection = connection;
    this.#onError = onError;
  }

  async open(): Promise<void> {
    const client = new pg.Client({ ...this.#connection, application_name: 'passerelle-wakeups', keepAlive: true });
    // Attached before connecting: an error without a listener would end the process.
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('The connection of the wake-ups ended')));
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    await client.connect();
    await client.query(`listen ${channel}`);
    if (this.#closed) return await client.end();
    this.#client = client;
    this.#pauseMs = firstPauseMs;
  }

  tell(folderIds: readonly number[]): void {
    for (const folderId of folderIds) this.#untold.add(folderId);
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
  }

  async close(): Promise<void> {
    await this.#telling;
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #tellAll(): Promise<void> {
    // Without a connection the ids wait here: they are bounded by the folders there are, and told when it is back.
    while (this.#client && this.#untold.size > 0) {
      const client = this.#client;
      const batch = [...this.#untold].slice(0, mostFoldersInOne);
      for (const folderId of batch) this.#untold.delete(folderId);
      try {
        await client.query('select pg_notify($1, $2)', [channel, `${this.#self} ${batch.join(',')}`]);
      } catch (error) {
        for (const folderId of batch) this.#untold.add(folderId);
        this.#lost(client, error);
      }
    }
  }

  #hear(payload: string): void {
    const [sender, list = ''] = payload.split(' ');
    if (sender === this.#self) return;
    this.#wakeups.wake(list.split(',').map(Number).filter(Number.isSafeInteger));
  }

  #lost(client: pg.Client, error: unknown): void {
    if (this.#closed || client !== this.#client) return;
    this.#client = undefined;
    this.#onError(error);
    client.end().catch(() => undefined);
    this.#openLater();
  }

  #openLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.open().then(
        () => {
          this.#wakeups.wakeAll();
          this.tell([]);
        },
        (error: unknown) => {
          this.#onError(error);
          this.#openLater();
        },
      );
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
