// RENAME: a folder with all below it; of INBOX, only its messages move. RFC 3501 §6.3.5.
import { renameFolder } from '../../../mailboxes/folders.ts';
import { type Command, loggedIn, no, ok } from '../command.ts';

/** RFC 3501 §6.3.5. */
export const rename: Command = {
  name: 'RENAME',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session }) {
    cursor.space();
    const from = cursor.mailboxName();
    cursor.space();
    const to = cursor.mailboxName();
    cursor.end();
    const outcome = await renameFolder(services.db, services.wakeups, session.account.mailboxId, from, to);
    if (outcome === 'absent') return no('Ce dossier n’existe pas', 'NONEXISTENT');
    if (outcome === 'exists') return no('Un dossier porte déjà ce nom', 'ALREADYEXISTS');
    if (outcome === 'invalid') return no('Ce nom de dossier n’est pas permis', 'CANNOT');
    if (outcome === 'protected') return no('Ce dossier ne peut être renommé', 'CANNOT');
    session.selected?.wake(); // the open folder may be the INBOX just emptied
    return ok('Rename completed');
  },
};
