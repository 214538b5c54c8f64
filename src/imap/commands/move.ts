// MOVE and UID MOVE: in the other folder and gone from this one at the same instant. RFC 6851.

import { moveMessages } from '../../../mailboxes/copy-messages.ts';
import { findFolder } from '../../../mailboxes/folders.ts';
import { type Counting, readAskedUids } from '../asked-messages.ts';
import { type Command, type CommandContext, no, ok, type Reply } from '../command.ts';
import { copyUid, noTarget } from './copy.ts';

/** RFC 6851 §3.1. */
export const move: Command = {
  name: 'MOVE',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-number'),
};

/** RFC 6851 §3.2. */
export const uidMove: Command = {
  name: 'UID MOVE',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-uid'),
};

async function run({ arguments: cursor, services, session, writer }: CommandContext, counting: Counting): Promise<Reply> {
  const { folder } = session;
  cursor.space();
  const uids = readAskedUids(cursor, folder, counting);
  cursor.space();
  const name = cursor.mailboxName();
  cursor.end();
  if (folder.isReadOnly) return no('Ce dossier est ouvert en lecture seule', 'READ-ONLY');
  const target = await findFolder(services.db, folder.mailboxId, name);
  if (!target) return noTarget;
  const moved = await moveMessages(services.db, services.wakeups, folder.mailboxId, folder.folderId, target.folderId, uids);
  if (moved === 'no-folder') return noTarget;
  // The new UIDs first, then the removals: RFC 6851 §4.3.
  const code = copyUid(moved);
  if (code !== undefined) writer.untaggedStatus('OK', code, 'Moved');
  for (const number of folder.removeNow(moved.pairs.map(({ from }) => from))) writer.untagged(`${number} EXPUNGE`);
  if (target.folderId === folder.folderId) session.wake();
  return ok('Move completed');
}
