// SUBSCRIBE and UNSUBSCRIBE: which folders a mail program shows. RFC 3501 §6.3.6, §6.3.7.
import { findFolder, setSubscribed } from '../../../mailboxes/folders.ts';
import { type Command, loggedIn, no, ok } from '../command.ts';

/** RFC 3501 §6.3.6. */
export const subscribe: Command = {
  name: 'SUBSCRIBE',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session }) {
    cursor.space();
    const name = cursor.mailboxName();
    cursor.end();
    const { mailboxId } = session.account;
    // The server may check that the name exists; without it anyone could store any number of names.
    const folder = await findFolder(services.db, mailboxId, name);
    if (!folder) return no('Ce dossier n’existe pas', 'NONEXISTENT');
    const isSubscribed = await setSubscribed(services.db, mailboxId, folder.name, true);
    if (!isSubscribed) return no('Trop d’abonnements', 'LIMIT');
    return ok('Subscribe completed');
  },
};

/** RFC 3501 §6.3.7. */
export const unsubscribe: Command = {
  name: 'UNSUBSCRIBE',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session }) {
    cursor.space();
    const name = cursor.mailboxName();
    cursor.end();
    await setSubscribed(services.db, session.account.mailboxId, name, false);
    return ok('Unsubscribe completed');
  },
};
