// SEARCH and UID SEARCH: which messages match. RFC 3501 §6.4.4, §6.4.8.
import { searchMessages } from '../../../mailboxes/search-messages.ts';
import type { Counting } from '../asked-messages.ts';
import { type Command, type CommandContext, no, ok, type Reply } from '../command.ts';
import { contentReader } from '../search-content.ts';
import { toSearchQuery } from '../search-query.ts';
import { parseSearch } from '../wire/search-keys.ts';

/** RFC 3501 §6.4.4. */
export const search: Command = {
  name: 'SEARCH',
  allowedIn: ['selected'],
  publishes: 'without-expunge',
  run: (context) => run(context, 'by-number'),
};

/** RFC 3501 §6.4.8. */
export const uidSearch: Command = {
  name: 'UID SEARCH',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-uid'),
};

async function run(context: CommandContext, counting: Counting): Promise<Reply> {
  const { arguments: cursor, services, session, writer } = context;
  const { folder } = session;
  cursor.space();
  const asked = parseSearch(cursor);
  if (asked === 'bad-charset') return no('Jeu de caractères inconnu', 'BADCHARSET (US-ASCII UTF-8)');
  const query = toSearchQuery(asked.key, folder, contentReader(context));
  const uids = await searchMessages(services.db, folder.mailboxId, folder.folderId, query);
  writer.write('* SEARCH');
  for (const uid of uids) {
    // A message that came during the search has not been announced yet: the client could not place it.
    const sequence = folder.numbers.sequenceOf(uid);
    if (sequence > 0) writer.write(` ${counting === 'by-uid' ? uid : sequence}`);
  }
  writer.write('\r\n');
  return ok('Search completed');
}
