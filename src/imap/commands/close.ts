// CLOSE and UNSELECT: leave the folder, with and without removing what is marked \Deleted. RFC 3501 §6.4.2, RFC 3691.
import { expungeMessages } from '../../../mailboxes/expunge.ts';
import { type Command, ok } from '../command.ts';

/** RFC 3501 §6.4.2. */
export const close: Command = {
  name: 'CLOSE',
  allowedIn: ['selected'],
  publishes: 'nothing',
  async run({ arguments: cursor, services, session }) {
    cursor.end();
    const { isReadOnly, mailboxId, folderId } = session.folder;
    if (!isReadOnly) await expungeMessages(services.db, services.wakeups, mailboxId, folderId, 'all-deleted');
    session.deselect();
    return ok('Close completed');
  },
};

/** RFC 3691. */
export const unselect: Command = {
  name: 'UNSELECT',
  allowedIn: ['selected'],
  publishes: 'nothing',
  async run({ arguments: cursor, session }) {
    cursor.end();
    session.deselect();
    return ok('Unselect completed');
  },
};
