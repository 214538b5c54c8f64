// FETCH and UID FETCH: what messages are and what they hold. RFC 3501 §6.4.5, §6.4.8.
import { answerFetch } from '../answer-fetch.ts';
import { type Counting, readAskedUids } from '../asked-messages.ts';
import { type Command, type CommandContext, no, ok, type Reply } from '../command.ts';
import { type FetchItem, parseFetchItems } from '../wire/fetch-items.ts';

/** RFC 3501 §6.4.5. */
export const fetch: Command = {
  name: 'FETCH',
  allowedIn: ['selected'],
  publishes: 'without-expunge',
  run: (context) => run(context, 'by-number'),
};

/** RFC 3501 §6.4.8. */
export const uidFetch: Command = {
  name: 'UID FETCH',
  allowedIn: ['selected'],
  publishes: 'all',
  run: (context) => run(context, 'by-uid'),
};

async function run(context: CommandContext, counting: Counting): Promise<Reply> {
  const { arguments: cursor, session } = context;
  cursor.space();
  const uids = readAskedUids(cursor, session.folder, counting);
  cursor.space();
  const items = parseFetchItems(cursor);
  cursor.end();
  const { gone, unreadable } = await answerFetch(context, uids, counting === 'by-uid' ? withUid(items) : items);
  if (unreadable > 0 && gone === 0) return no('Certains messages n’ont pu être lus', 'SERVERBUG');
  // RFC 5530 §3: the client learns at its next NOOP which ones have gone.
  return gone > 0 && counting === 'by-number' ? ok('Fetch completed', 'EXPUNGEISSUED') : ok('Fetch completed');
}

/** The UID form tells the UID whether or not it was asked. */
function withUid(items: FetchItem[]): FetchItem[] {
  return items.some(({ kind }) => kind === 'uid') ? items : [{ kind: 'uid', label: 'UID' }, ...items];
}
