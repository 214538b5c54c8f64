// \Recent: a message is recent for the first read-write session that is told of it. RFC 3501 §2.3.2.
// Kept in memory only: after a restart nobody knows who was told, and the RFC then wants the messages to count as recent again.
// (IMAP4rev2 has no \Recent, so it is worth no column and no write.)

/** Folders remembered at once. Beyond it the least lately opened is forgotten, which only makes its messages recent once more. */
const rememberedFolders = 10_000;

/** For each folder, the first UID no session has been told of yet. One instance for all sessions of a server. */
export class RecentMarks {
  readonly #marks = new Map<number, number>();

  /** The first UID that would be recent now; 1 when nobody has been told of anything. */
  peek(folderId: number): number {
    return this.#marks.get(folderId) ?? 1;
  }

  /** Takes every message below `uidNext` that nobody had been told of, and returns the first UID taken. */
  claim(folderId: number, uidNext: number): number {
    const first = this.peek(folderId);
    this.#marks.delete(folderId);
    this.#marks.set(folderId, Math.max(first, uidNext));
    if (this.#marks.size > rememberedFolders) {
      for (const oldest of this.#marks.keys()) {
        this.#marks.delete(oldest);
        break;
      }
    }
    return first;
  }
}
