// EXPUNGE and UID EXPUNGE: remove for good what is marked \Deleted. RFC 3501 §6.4.3, RFC 4315 §2.1.
import { expungeMessages } from '../../../mailboxes/expunge.ts';
import { readAskedUids } from '../asked-messages.ts';
import { type Command, type CommandContext, no, ok, type Reply } from '../command.ts';

/** RFC 3501 §6.4.3. */
export const expunge: Command = {
  name: 'EXPUNGE',
  allowedIn: ['selected'],
  publishes: 'all',
  async run(context) {
    context.arguments.end();
    return run(context, 'all-deleted');
  },
};

/** RFC 4315 §2.1. */
export const uidExpunge: Command = {
  name: 'UID EXPUNGE',
  allowedIn: ['selected'],
  publishes: 'all',
  async run(context) {
    const { arguments: cursor, session } = context;
    cursor.space();
    const uids = readAskedUids(cursor, session.folder, 'by-uid');
    cursor.end();
    return run(context, uids);
  },
};

async function run({ services, session, writer }: CommandContext, uids: readonly number[] | 'all-deleted'): Promise<Reply> {
  const { folder } = session;
  if (folder.isReadOnly) return no('Ce dossier est ouvert en lecture seule', 'READ-ONLY');
  const gone = await expungeMessages(services.db, services.wakeups, folder.mailboxId, folder.folderId, uids);
  for (const number of folder.removeNow(gone.map(({ uid }) => uid))) writer.untagged(`${number} EXPUNGE`);
  return ok('Expunge completed');
}
