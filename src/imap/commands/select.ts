// SELECT and EXAMINE: open a folder, and hear all a client must know before it starts. RFC 3501 §6.3.1, §6.3.2.

import { SystemFlag } from '../../../mailboxes/flags.ts';
import { findFolder } from '../../../mailboxes/folders.ts';
import { openFolder } from '../../../mailboxes/read-messages.ts';
import { type Command, type CommandContext, loggedIn, no, ok, type Reply } from '../command.ts';
import { writeFlagNames } from '../publish-changes.ts';
import { SelectedFolder } from '../selected-folder.ts';

/** RFC 3501 §6.3.1: read and write. */
export const select: Command = {
  name: 'SELECT',
  allowedIn: loggedIn,
  publishes: 'nothing',
  run: (context) => open(context, false),
};

/** RFC 3501 §6.3.2: read only. */
export const examine: Command = {
  name: 'EXAMINE',
  allowedIn: loggedIn,
  publishes: 'nothing',
  run: (context) => open(context, true),
};

const absent = no('Ce dossier n’existe pas', 'NONEXISTENT');

async function open({ arguments: cursor, services, session, writer }: CommandContext, isReadOnly: boolean): Promise<Reply> {
  cursor.space();
  const name = cursor.mailboxName();
  cursor.end();
  session.deselect(); // also when the other one cannot be opened. RFC 3501 §6.3.1
  const { mailboxId } = session.account;
  const found = await findFolder(services.db, mailboxId, name);
  if (!found) return absent;
  // Subscribed before the folder is read: a change in between is a wake-up too many, never one too few.
  let hasWoken = false;
  const unsubscribe = services.wakeups.subscribe(found.folderId, () => {
    hasWoken = true;
    session.wake();
  });
  const opened = await openFolder(services.db, mailboxId, found.folderId).catch((error: unknown) => {
    unsubscribe();
    throw error;
  });
  if (!opened || session.endingBecause !== undefined) {
    unsubscribe();
    return absent;
  }
  const folder = new SelectedFolder(opened.folder, opened.messages, isReadOnly);
  folder.follow(unsubscribe);
  session.select(folder);
  if (hasWoken) folder.wake();
  const { uidNext, uidValidity } = opened.folder;
  folder.markRecent(isReadOnly ? services.recentMarks.peek(found.folderId) : services.recentMarks.claim(found.folderId, uidNext), uidNext);

  writeFlagNames(folder, writer);
  writer.untagged(`${folder.numbers.length} EXISTS`);
  writer.untagged(`${folder.recentCount} RECENT`);
  const firstUnseen = opened.messages.findIndex(({ flags }) => (flags & SystemFlag.Seen) === 0) + 1;
  if (firstUnseen > 0) writer.untaggedStatus('OK', `UNSEEN ${firstUnseen}`, 'First unseen message');
  writer.untaggedStatus('OK', `UIDVALIDITY ${uidValidity}`, 'UIDs are valid');
  writer.untaggedStatus('OK', `UIDNEXT ${uidNext}`, 'Next UID');
  return isReadOnly ? ok('Examine completed', 'READ-ONLY') : ok('Select completed', 'READ-WRITE');
}
