// One folder as one session sees it: message numbers, what is \Recent, how far the change log has been told. RFC 3501 §2.3.1.2, §7.4.1.
// The view moves only when something is written to the client, so numbers always mean what the client thinks they mean.
import type { Folder } from '../../mailboxes/folders.ts';
import { SequenceNumbers } from './sequence-numbers.ts';

/** What the storage says of one message. */
export type MessageFlags = { readonly uid: number; readonly flags: number; readonly keywords: readonly string[]; readonly modseq: number };

/** UIDs from `first` up to and without `end`. */
type RecentRange = { readonly first: number; readonly end: number };

/** Changes made ready for writing, numbers already as they must be announced. */
export type ViewUpdate = {
  /** In the order to announce: highest first. */
  readonly expunged: readonly number[];
  readonly hasNew: boolean;
  readonly flagChanges: readonly { readonly sequence: number; readonly message: MessageFlags }[];
  readonly hasNewKeyword: boolean;
};

/** Names of keywords listed in FLAGS; a folder may hold more, they still work. */
const maxKeywordsTold = 500;

/** The selected state of a session. */
export class SelectedFolder {
  readonly mailboxId: number;
  readonly folderId: number;
  readonly uidValidity: number;
  readonly isReadOnly: boolean;
  readonly numbers: SequenceNumbers;
  readonly #keywords = new Set<string>();
  /** Flags the client knows although the change log still holds them: those of its own STORE. By UID, the MODSEQ told. */
  readonly #told = new Map<number, number>();
  /** Gone for everybody, but the client may not be told yet. */
  readonly #unannounced = new Set<number>();
  #recent: RecentRange[] = [];
  #modseq: number;
  #hasWoken = false;
  #unsubscribe: () => void = () => {};

  constructor(folder: Folder, messages: readonly { uid: number; keywords: readonly string[] }[], isReadOnly: boolean) {
    this.mailboxId = folder.mailboxId;
    this.folderId = folder.folderId;
    this.uidValidity = folder.uidValidity;
    this.isReadOnly = isReadOnly;
    this.numbers = new SequenceNumbers(messages.map(({ uid }) => uid));
    this.#modseq = folder.highestModseq;
    for (const { keywords } of messages) this.learnKeywords(keywords);
  }

  /** Every change up to this MODSEQ has been told. */
  get modseq(): number {
    return this.#modseq;
  }

  /** A wake-up came, or removals wait to be announced. */
  get mayHaveChanged(): boolean {
    return this.#hasWoken || this.#unannounced.size > 0;
  }

  /** Keywords in use, as far as this session has seen. */
  get keywords(): readonly string[] {
    return [...this.#keywords];
  }

  /** Number of messages that are \Recent in this session. */
  get recentCount(): number {
    return this.#recent.reduce((count, { first, end }) => count + this.numbers.lowerBound(end) - this.numbers.lowerBound(first), 0);
  }

  /** UIDs that are \Recent here, as inclusive ranges. */
  get recentRanges(): readonly (readonly [number, number])[] {
    return this.#recent.map(({ first, end }) => [first, end - 1]);
  }

  isRecent(uid: number): boolean {
    return this.#recent.some(({ first, end }) => uid >= first && uid < end);
  }

  /** Every message from `first` up to and without `end` is recent here. */
  markRecent(first: number, end: number): void {
    const last = this.#recent.at(-1);
    if (first >= end) return;
    if (last && last.end === first) this.#recent = [...this.#recent.slice(0, -1), { first: last.first, end }];
    else this.#recent = [...this.#recent, { first, end }];
  }

  /** Hands over the end of the subscription to wake-ups; close() calls it. */
  follow(unsubscribe: () => void): void {
    this.#unsubscribe = unsubscribe;
  }

  /** The folder changed somehow: the next publication must ask the storage. */
  wake(): void {
    this.#hasWoken = true;
  }

  /** A question to the change log begins: wake-ups from here on ask for another one. */
  startPull(): void {
    this.#hasWoken = false;
  }

  /** The client has been, or is about to be, told these flags by the answer to its own command. */
  noteTold(uid: number, modseq: number): void {
    if (modseq > this.#modseq) this.#told.set(uid, modseq);
  }

  /** True when the keyword is new to this session, which then knows it. */
  learnKeywords(keywords: readonly string[]): boolean {
    let isNew = false;
    for (const keyword of keywords) {
      if (this.#keywords.has(keyword) || this.#keywords.size >= maxKeywordsTold) continue;
      this.#keywords.add(keyword);
      isNew = true;
    }
    return isNew;
  }

  /** Removes messages the session itself expunged and returns their numbers in the order to announce. */
  removeNow(uids: Iterable<number>): readonly number[] {
    return this.numbers.remove(uids);
  }

  /** Applies a stretch of the change log. Without `mayExpunge`, removals wait and keep their numbers meanwhile. */
  apply(
    changes: { readonly highestModseq: number; readonly changed: readonly MessageFlags[]; readonly expunged: readonly number[] },
    mayExpunge: boolean,
  ): ViewUpdate {
    for (const uid of changes.expunged) if (this.numbers.sequenceOf(uid) > 0) this.#unannounced.add(uid);
    const expunged = mayExpunge ? this.announceExpunged() : [];
    const lastKnown = this.numbers.lastUid;
    const arrived = changes.changed.filter(({ uid }) => uid > lastKnown).sort((a, b) => a.uid - b.uid);
    this.numbers.append(arrived.map(({ uid }) => uid));
    let hasNewKeyword = false;
    for (const { keywords } of changes.changed) hasNewKeyword = this.learnKeywords(keywords) || hasNewKeyword;
    const flagChanges = changes.changed
      .filter(({ uid, modseq }) => uid <= lastKnown && this.#told.get(uid) !== modseq)
      .map((message) => ({ sequence: this.numbers.sequenceOf(message.uid), message }))
      .filter(({ sequence }) => sequence > 0);
    this.#modseq = Math.max(this.#modseq, changes.highestModseq);
    for (const [uid, modseq] of this.#told) if (modseq <= this.#modseq) this.#told.delete(uid);
    return { expunged, hasNew: arrived.length > 0, flagChanges, hasNewKeyword };
  }

  /** Removes what was waiting and returns the numbers to announce. */
  announceExpunged(): readonly number[] {
    const expunged = this.numbers.remove(this.#unannounced);
    this.#unannounced.clear();
    return expunged;
  }

  /** Stops listening; the view may be forgotten. */
  close(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => {};
  }
}
