// STATUS: the counters of a folder without opening it. RFC 3501 §6.3.10.
import { type Folder, findFolder } from '../../../mailboxes/folders.ts';
import { searchMessages } from '../../../mailboxes/search-messages.ts';
import { type Command, loggedIn, no, ok } from '../command.ts';
import type { ImapServices } from '../services.ts';
import type { Cursor } from '../wire/cursor.ts';
import { encodeMailboxName } from '../wire/mailbox-name.ts';

const items = ['MESSAGES', 'RECENT', 'UIDNEXT', 'UIDVALIDITY', 'UNSEEN'] as const;
type StatusItem = (typeof items)[number];

/** RFC 3501 §6.3.10. */
export const status: Command = {
  name: 'STATUS',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session, writer }) {
    cursor.space();
    const name = cursor.mailboxName();
    cursor.space();
    const asked = new Set(cursor.list(() => readItem(cursor)));
    if (asked.size === 0) throw cursor.error('a STATUS item');
    cursor.end();
    const folder = await findFolder(services.db, session.account.mailboxId, name);
    if (!folder) return no('Ce dossier n’existe pas', 'NONEXISTENT');
    const values: string[] = [];
    for (const item of asked) values.push(`${item} ${await countOf(item, folder, services)}`);
    writer.untagged(`STATUS ${encodeMailboxName(folder.name)} (${values.join(' ')})`);
    return ok('Status completed');
  },
};

function readItem(cursor: Cursor): StatusItem {
  const word = cursor.keyword();
  const item = items.find((known) => known === word);
  if (!item) throw cursor.error('a STATUS item');
  return item;
}

async function countOf(item: StatusItem, folder: Folder, services: ImapServices): Promise<number> {
  if (item === 'MESSAGES') return folder.messages;
  if (item === 'UIDNEXT') return folder.uidNext;
  if (item === 'UIDVALIDITY') return folder.uidValidity;
  if (item === 'UNSEEN') return folder.unseen;
  return countRecent(folder, services);
}

/** Messages no session has been told of. Telling their number does not make them less recent. RFC 3501 §6.3.10. */
async function countRecent(folder: Folder, services: ImapServices): Promise<number> {
  const first = services.recentMarks.peek(folder.folderId);
  if (first <= 1) return folder.messages;
  if (first >= folder.uidNext) return 0;
  const recent = { test: 'uids', ranges: [[first, folder.uidNext]] } as const;
  return (await searchMessages(services.db, folder.mailboxId, folder.folderId, recent)).length;
}
