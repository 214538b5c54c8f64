// LSUB: the subscribed names that match, whether or not the folder still exists. RFC 3501 §6.3.9.
import { listFolders, listSubscriptions } from '../../../mailboxes/folders.ts';
import { type Command, loggedIn, ok } from '../command.ts';
import { matchesListPattern } from '../wire/list-pattern.ts';
import { encodeMailboxName, hierarchyDelimiter } from '../wire/mailbox-name.ts';

/** RFC 3501 §6.3.9. */
export const lsub: Command = {
  name: 'LSUB',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session, writer }) {
    cursor.space();
    const reference = cursor.mailboxName();
    cursor.space();
    const pattern = reference + cursor.listPattern();
    cursor.end();
    const { mailboxId } = session.account;
    const subscribed = new Set(await listSubscriptions(services.db, mailboxId));
    const existing = new Set((await listFolders(services.db, mailboxId)).map(({ name }) => name));
    for (const name of withHiddenParents(subscribed, pattern)) {
      if (!matchesListPattern(pattern, name)) continue;
      // A name listed for its children's sake, or whose folder is gone, cannot be opened.
      const attribute = subscribed.has(name) && existing.has(name) ? '' : '\\Noselect';
      writer.untagged(`LSUB (${attribute}) "${hierarchyDelimiter}" ${encodeMailboxName(name)}`);
      await writer.room();
    }
    return ok('Lsub completed');
  },
};

/** With `%`, an unsubscribed level is shown when something below it is subscribed and `%` hides that. RFC 3501 §6.3.9. */
function withHiddenParents(subscribed: ReadonlySet<string>, pattern: string): string[] {
  const names = new Set(subscribed);
  if (pattern.endsWith('%')) {
    for (const name of subscribed) {
      for (let end = name.lastIndexOf(hierarchyDelimiter); end > 0; end = name.lastIndexOf(hierarchyDelimiter, end - 1))
        names.add(name.slice(0, end));
    }
  }
  return [...names].sort();
}
