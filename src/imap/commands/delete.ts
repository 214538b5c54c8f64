// DELETE: a folder and what it holds, for good. RFC 3501 §6.3.4.
import { deleteFolder, findFolder } from '../../../mailboxes/folders.ts';
import { type Command, loggedIn, no, ok } from '../command.ts';

/** RFC 3501 §6.3.4. */
export const deleteCommand: Command = {
  name: 'DELETE',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session }) {
    cursor.space();
    const name = cursor.mailboxName();
    cursor.end();
    const { mailboxId } = session.account;
    const isOpenHere =
      session.selected !== undefined && (await findFolder(services.db, mailboxId, name))?.folderId === session.selected.folderId;
    const outcome = await deleteFolder(services.db, services.wakeups, mailboxId, name);
    if (outcome === 'absent') return no('Ce dossier n’existe pas', 'NONEXISTENT');
    if (outcome === 'has-children') return no('Ce dossier contient d’autres dossiers', 'HASCHILDREN');
    if (outcome === 'protected') return no('Ce dossier ne peut être supprimé', 'CANNOT');
    // The client knows what it has deleted: no need to show it the door as to other sessions. RFC 2180 §3.3.
    if (isOpenHere) session.deselect();
    return ok('Delete completed');
  },
};
