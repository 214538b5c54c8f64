// CREATE: a folder, with the levels above it when they are missing. RFC 3501 §6.3.3.
import { createFolder } from '../../../mailboxes/folders.ts';
import { type Command, loggedIn, no, ok } from '../command.ts';

/** RFC 3501 §6.3.3. */
export const create: Command = {
  name: 'CREATE',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session }) {
    cursor.space();
    const name = cursor.mailboxName();
    cursor.end();
    const outcome = await createFolder(services.db, session.account.mailboxId, name);
    if (outcome === 'exists') return no('Ce dossier existe déjà', 'ALREADYEXISTS');
    if (outcome === 'invalid') return no('Ce nom de dossier n’est pas permis', 'CANNOT');
    if (outcome === 'limit') return no('Cette boîte a trop de dossiers', 'LIMIT');
    return ok('Create completed');
  },
};
