// Joins the wake-ups of several processes and machines: NOTIFY after the commit, on connections that do nothing else.
// While one NOTIFY is under way the next gathers what comes, so a busy gateway sends few. A lost connection is made again, and
// everyone is woken then, because nobody knows what was missed.
import { randomUUID } from 'node:crypto';
import { type ConnectionOptions, connectPool } from '../src/database/connect.ts';
import type { Wakeups } from './wakeups.ts';

const channel = 'passerelle_wakeups';
/** PostgreSQL takes payloads under 8000 bytes; an id has at most 17 characters with its comma. */
const mostFoldersInOne = 400;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Connects this process's wake-ups to those of the others. Resolves once it hears them. `onError` hears of lost connections. */
export async function connectWakeups(
  wakeups: Wakeups,
  connection: ConnectionOptions,
  onError: (error: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const link = new WakeupLink(wakeups, connection, onError);
  try {
    await link.open();
  } catch (error) {
    await link.close();
    throw error;
  }
  const stop = wakeups.forward((folderIds) => link.tell(folderIds));
  return {
    close: async () => {
      stop();
      await link.close();
    },
  };
}

type Pool = ReturnType<typeof connectPool>;
const takeConnection = (pool: Pool) => pool.connect();
type Client = Awaited<ReturnType<typeof takeConnection>>;

class WakeupLink {
  readonly #wakeups: Wakeups;
  /** Of one connection, taken from it for good. */
  readonly #pool: Pool;
  readonly #onError: (error: unknown) => void;
  /** Our own notifications come back to us too, and are passed over. */
  readonly #self = randomUUID();
  readonly #untold = new Set<number>();
  #client: Client | undefined;
  #telling: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;

  constructor(wakeups: Wakeups, connection: ConnectionOptions, onError: (error: unknown) => void) {
    this.#wakeups = wakeups;
    this.#pool = connectPool({ ...connection, poolSize: 1 }, onError);
    this.#onError = onError;
  }

  async open(): Promise<void> {
    const client = await takeConnection(this.#pool);
    // Until it listens, a failure is the failure of this call alone.
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('The connection of the wake-ups ended')));
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    try {
      await client.query(`listen ${channel}`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (this.#closed) return client.release(true);
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
    this.#client?.release(true);
    this.#client = undefined;
    await this.#pool.end();
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

  #lost(client: Client, error: unknown): void {
    if (this.#closed || client !== this.#client) return;
    this.#client = undefined;
    this.#onError(error);
    client.release(true);
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
