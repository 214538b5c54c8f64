// Tells a client what others did to its folder: EXPUNGE, EXISTS, RECENT, FETCH FLAGS, at the moments the protocol allows.
// RFC 3501 §5.2 and §7.4.1. Nothing is pushed to a session: it pulls the change log from the last MODSEQ it was told.
import { changesSince } from '../../mailboxes/read-messages.ts';
import { printFlags, settableFlags } from './flag-bits.ts';
import type { SelectedFolder } from './selected-folder.ts';
import type { ImapServices } from './services.ts';
import type { Session } from './session.ts';
import type { ResponseWriter } from './wire/response-writer.ts';

/** Publishes every change since the last call. Does nothing when no folder is open. A folder that is gone ends the session. */
export async function publishChanges(services: ImapServices, session: Session, writer: ResponseWriter, mayExpunge: boolean): Promise<void> {
  const folder = session.selected;
  if (!folder) return;
  folder.startPull();
  const changes = await changesSince(services.db, folder.mailboxId, folder.folderId, folder.modseq).catch((error: unknown) => {
    folder.wake(); // not told: the next moment must ask again
    throw error;
  });
  if (changes === 'folder-gone') {
    // RFC 2180 §3.3: numbers of a folder that no longer exists mean nothing, so the client starts afresh.
    session.deselect();
    session.end('Le dossier ouvert vient d’être supprimé');
    return;
  }
  const update = folder.apply(changes, mayExpunge);
  for (const sequence of update.expunged) writer.untagged(`${sequence} EXPUNGE`);
  if (update.hasNew) {
    if (!folder.isReadOnly) folder.markRecent(services.recentMarks.claim(folder.folderId, changes.uidNext), changes.uidNext);
    writer.untagged(`${folder.numbers.length} EXISTS`);
    writer.untagged(`${folder.recentCount} RECENT`);
  }
  if (update.hasNewKeyword) writeFlagNames(folder, writer);
  for (const { sequence, message } of update.flagChanges) {
    writer.untagged(
      `${sequence} FETCH (UID ${message.uid} FLAGS ${printFlags(message.flags, message.keywords, folder.isRecent(message.uid))})`,
    );
    await writer.room();
  }
}

/** Which flags exist in this folder, and which of them last. RFC 3501 §7.2.6 and §7.1 (PERMANENTFLAGS). */
export function writeFlagNames(folder: SelectedFolder, writer: ResponseWriter): void {
  const names = [...settableFlags, ...folder.keywords].join(' ');
  writer.untagged(`FLAGS (${names})`);
  if (folder.isReadOnly) writer.untaggedStatus('OK', 'PERMANENTFLAGS ()', 'Read-only');
  else writer.untaggedStatus('OK', `PERMANENTFLAGS (${names} \\*)`, 'Flags that last');
}
