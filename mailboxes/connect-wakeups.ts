// Joins the wake-ups of several processes and machines: NOTIFY after the commit, on the connection of the process that does nothing else.
// While one NOTIFY is under way the next gathers what comes, so a busy gateway sends few. After a lost connection everyone is woken,
// because nobody knows what was missed.
import { randomUUID } from 'node:crypto';
import type { NotificationLink } from '../src/database/notification-link.ts';
import type { Wakeups } from './wakeups.ts';

const channel = 'passerelle_wakeups';
/** PostgreSQL takes payloads under 8000 bytes; an id has at most 17 characters with its comma. */
const mostFoldersInOne = 400;

/** Connects this process's wake-ups to those of the others. Resolves once it hears them, with the way to stop: what is told by then is said. */
export async function connectWakeups(wakeups: Wakeups, link: NotificationLink): Promise<{ close(): Promise<void> }> {
  const joined = new JoinedWakeups(wakeups, link);
  await link.listen(channel, joined);
  const stop = wakeups.forward((folderIds) => joined.tell(folderIds));
  return {
    close: async () => {
      stop();
      await joined.told();
    },
  };
}

class JoinedWakeups {
  readonly #wakeups: Wakeups;
  readonly #link: NotificationLink;
  /** Our own notifications come back to us too, and are passed over. */
  readonly #self = randomUUID();
  readonly #untold = new Set<number>();
  #telling: Promise<void> | undefined;

  constructor(wakeups: Wakeups, link: NotificationLink) {
    this.#wakeups = wakeups;
    this.#link = link;
  }

  heard(payload: string): void {
    const [sender, list = ''] = payload.split(' ');
    if (sender === this.#self) return;
    this.#wakeups.wake(list.split(',').map(Number).filter(Number.isSafeInteger));
  }

  listening(): void {
    this.#wakeups.wakeAll();
    this.tell([]);
  }

  tell(folderIds: readonly number[]): void {
    for (const folderId of folderIds) this.#untold.add(folderId);
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
  }

  async told(): Promise<void> {
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    while (this.#untold.size > 0) {
      const batch = [...this.#untold].slice(0, mostFoldersInOne);
      for (const folderId of batch) this.#untold.delete(folderId);
      if (await this.#link.notify(channel, `${this.#self} ${batch.join(',')}`)) continue;
      // Without a connection they wait here: they are bounded by the folders there are, and told when it is back.
      for (const folderId of batch) this.#untold.add(folderId);
      return;
    }
  }
}
