// The connection on which a process hears the others, and speaks to them: LISTEN and NOTIFY on a connection that does nothing else.
// A lost one is made again, and whoever listens is told, because nobody knows what was said meanwhile. One that has gone silent is found
// out by asking it now and then: a road that carries nothing any more looks like one on which nothing happens.
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connectPool } from './connect.ts';

/** Whoever listens on a channel. Nothing here may throw. */
export interface ChannelListener {
  /** A notification, ours included. */
  heard(payload: string): void;
  /** From now on everything is heard. Said at the first listening too: what was said before is not known. */
  listening(): void;
  /** From now on, and perhaps since a moment, nothing is heard. */
  lost?(): void;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A link that does not answer within the second time is taken for lost. */
const askEveryMs = 10_000;
const answerWithinMs = 5_000;

type Pool = ReturnType<typeof connectPool>;
const takeConnection = (pool: Pool) => pool.connect();
type Client = Awaited<ReturnType<typeof takeConnection>>;

/** How a link differs from the usual, in tests: the pace at which it is asked whether it lives. */
export type LinkPace = { readonly askEveryMs: number; readonly answerWithinMs: number };

/** The link of one process. */
export class NotificationLink {
  /** Of one connection, taken from it for good. */
  readonly #pool: Pool;
  readonly #onError: (error: unknown) => void;
  readonly #pace: LinkPace;
  readonly #channels = new Map<string, ChannelListener>();
  readonly #asking: NodeJS.Timeout;
  #client: Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;

  private constructor(connection: ConnectionOptions, onError: (error: unknown) => void, pace: LinkPace) {
    this.#pool = connectPool({ ...connection, poolSize: 1 }, onError);
    this.#onError = onError;
    this.#pace = pace;
    this.#asking = setInterval(() => void this.#ask(), pace.askEveryMs);
    this.#asking.unref();
  }

  /** Opens one. `onError` hears of lost connections. */
  static async open(
    connection: ConnectionOptions,
    onError: (error: unknown) => void,
    pace: LinkPace = { askEveryMs, answerWithinMs },
  ): Promise<NotificationLink> {
    const link = new NotificationLink(connection, onError, pace);
    try {
      await link.#connect();
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** Listens on a channel, a plain lower-case name, for as long as the link is open. Resolves once everything is heard. */
  async listen(channel: string, listener: ChannelListener): Promise<void> {
    if (!/^[a-z_]+$/.test(channel)) throw new Error('A channel is lower-case letters and underscores');
    if (this.#channels.has(channel)) throw new Error('A channel has one listener');
    this.#channels.set(channel, listener);
    const client = this.#client;
    // Without a connection: the next one listens on every channel.
    if (!client) return;
    try {
      await client.query(`listen ${channel}`);
      if (client === this.#client) listener.listening();
    } catch (error) {
      this.#lost(client, error);
    }
  }

  /** Notifies everybody who listens on a channel, this process too; false when that could not be done now. A payload has at most 7999 bytes. */
  async notify(channel: string, payload: string): Promise<boolean> {
    const client = this.#client;
    if (!client) return false;
    try {
      await client.query('select pg_notify($1, $2)', [channel, payload]);
      return true;
    } catch (error) {
      this.#lost(client, error);
      return false;
    }
  }

  /** Hears nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#asking);
    this.#client?.release(true);
    this.#client = undefined;
    await this.#pool.end();
  }

  async #connect(): Promise<void> {
    const client = await takeConnection(this.#pool);
    // Until it listens, a failure is the failure of this call alone.
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new Error('The connection that listens has ended')));
    client.on('notification', ({ channel, payload = '' }) => this.#channels.get(channel)?.heard(payload));
    try {
      // Those that are added meanwhile come last in the map, and are met here too.
      for (const channel of this.#channels.keys()) await client.query(`listen ${channel}`);
    } catch (error) {
      client.release(true);
      throw error;
    }
    if (this.#closed) return client.release(true);
    this.#client = client;
    this.#pauseMs = firstPauseMs;
    for (const listener of this.#channels.values()) listener.listening();
  }

  async #ask(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    const impatience = setTimeout(
      () => this.#lost(client, new Error('The connection that listens does not answer')),
      this.#pace.answerWithinMs,
    );
    try {
      await client.query('select');
    } catch (error) {
      this.#lost(client, error);
    } finally {
      clearTimeout(impatience);
    }
  }

  #lost(client: Client, error: unknown): void {
    if (this.#closed || client !== this.#client) return;
    this.#client = undefined;
    for (const listener of this.#channels.values()) listener.lost?.();
    this.#onError(error);
    client.release(true);
    // Whatever was asked on it fails now, and not when a silent road gives up.
    (client as unknown as { connection: { stream: Duplex } }).connection.stream.destroy();
    this.#connectLater();
  }

  #connectLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#connect().catch((error: unknown) => {
        this.#onError(error);
        this.#connectLater();
      });
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
