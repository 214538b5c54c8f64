// One server of another directory: a few connections kept open, questions spread over them, and a rest after it failed, so that a server
// that is down costs one wait and not one a question.
import { EqualityFilter } from 'ldapts';
import type { Clock } from '../../src/core/clock.ts';
import { UnavailableError } from '../../src/core/errors.ts';
import { type ConnectionSettings, LdapConnection } from './ldap-connection.ts';
import type { FoundAttributes } from './read-answer.ts';

/** How a server is asked. */
export type ServerSettings = ConnectionSettings & {
  readonly baseDn: string;
  /** Connections kept to it. */
  readonly connections: number;
  /** Longest wait for an answer, a new connection included. */
  readonly timeoutMs: number;
};

/** A question: the entries whose attribute has the value. */
export type EqualitySearch = {
  readonly attribute: string;
  readonly value: string;
  readonly attributes: readonly string[];
  readonly mostEntries: number;
};

/** A failed server is left alone for this long. */
const restMs = 10_000;
/** A connection nobody used for this long is ended: firewalls forget it without a word, and the next question would wait in vain. */
const idleMs = 60_000;

/** A connection, open or being opened. Numbers grow: what was opened later has a higher one. */
type Slot = {
  readonly number: number;
  readonly opening: Promise<LdapConnection>;
  isOpen: boolean;
  underWay: number;
  idle?: NodeJS.Timeout;
};

/** A server that can be asked. */
export class UpstreamServer {
  readonly #settings: ServerSettings;
  readonly #clock: Clock;
  /** Those that take questions; one that failed leaves at once, and ends with its last question. */
  readonly #slots = new Set<Slot>();
  #opened = 0;
  #restsUntil = 0;
  #isClosed = false;

  constructor(settings: ServerSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** True while it is left alone. */
  isResting(): boolean {
    return this.#isClosed || this.#clock().getTime() < this.#restsUntil;
  }

  /** The entries found. Throws UnavailableError, whose `because` is a code, when the server does not answer as it should. */
  async search(search: EqualitySearch): Promise<readonly FoundAttributes[]> {
    // The first who asks after a rest tries for all: until that is answered, the others go elsewhere.
    if (this.#restsUntil > 0) this.#rest();
    try {
      const entries = await this.#searchInTime(search);
      this.#restsUntil = 0;
      return entries;
    } catch (error) {
      // One that refuses a question is well, and may take the next.
      if (error instanceof UnavailableError && error.because === 'question-refused') this.#restsUntil = 0;
      else this.#rest();
      throw error;
    }
  }

  /** Ends its connections. */
  close(): void {
    this.#isClosed = true;
    for (const slot of this.#slots) end(slot);
    this.#slots.clear();
  }

  #rest(): void {
    this.#restsUntil = this.#clock().getTime() + restMs;
  }

  async #searchInTime(search: EqualitySearch): Promise<readonly FoundAttributes[]> {
    const last = this.#opened;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new UnavailableError('timeout')), this.#settings.timeoutMs);
    });
    try {
      const slot = this.#pick();
      const wasOpen = slot.isOpen;
      return await this.#searchOn(slot, search, expired).catch((error) => {
        // A server may end a connection that was kept for long just when it is used: once more, over one that is newer.
        if (!wasOpen || !(error instanceof UnavailableError) || error.because !== 'unreachable' || this.#isClosed) throw error;
        return this.#searchOn(this.#pick(last), search, expired);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #searchOn(
    slot: Slot,
    { attribute, value, attributes, mostEntries }: EqualitySearch,
    expired: Promise<never>,
  ): Promise<readonly FoundAttributes[]> {
    slot.underWay += 1;
    clearTimeout(slot.idle);
    const { baseDn, timeoutMs } = this.#settings;
    const search = {
      baseDn,
      // Written as a value of its own, never into a text: nothing in it is read as a filter. RFC 4515 §3.
      filter: new EqualityFilter({ attribute, value }),
      attributes,
      mostEntries,
      timeLimitSeconds: Math.ceil(timeoutMs / 1000),
    };
    try {
      return await Promise.race([slot.opening.then((connection) => connection.search(search)), expired]);
    } catch (error) {
      if (!(error instanceof UnavailableError) || error.because !== 'question-refused') this.#slots.delete(slot);
      throw error;
    } finally {
      slot.underWay -= 1;
      if (slot.underWay === 0) this.#leave(slot);
    }
  }

  #leave(slot: Slot): void {
    if (!this.#slots.has(slot)) {
      end(slot);
      return;
    }
    slot.idle = setTimeout(() => {
      this.#slots.delete(slot);
      end(slot);
    }, idleMs).unref();
  }

  /** A free connection, or a new one, or the least busy; opened after number `after`. */
  #pick(after = 0): Slot {
    const slots = [...this.#slots].filter(({ number }) => number > after);
    const free = slots.find(({ underWay }) => underWay === 0);
    if (free) return free;
    const [first, ...others] = slots;
    if (!first || slots.length < this.#settings.connections) return this.#open();
    return others.reduce((least, slot) => (slot.underWay < least.underWay ? slot : least), first);
  }

  #open(): Slot {
    const opening = this.#isClosed
      ? Promise.reject<LdapConnection>(new UnavailableError('unreachable'))
      : LdapConnection.open(this.#settings, this.#settings.timeoutMs);
    const slot: Slot = { number: ++this.#opened, opening, isOpen: false, underWay: 0 };
    this.#slots.add(slot);
    opening
      .then((connection) => {
        slot.isOpen = true;
        return connection.closed;
      })
      .catch(() => undefined)
      .finally(() => {
        slot.isOpen = false;
        this.#slots.delete(slot);
        clearTimeout(slot.idle);
      });
    return slot;
  }
}

function end(slot: Slot): void {
  clearTimeout(slot.idle);
  slot.opening.then(
    (connection) => connection.close(),
    () => undefined,
  );
}
