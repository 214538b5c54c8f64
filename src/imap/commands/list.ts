// LIST: the folders whose names match, with what they are for. RFC 3501 §6.3.8, RFC 6154 (special use), RFC 3348 (children).
import { type Folder, listFolders } from '../../../mailboxes/folders.ts';
import { type Command, loggedIn, ok } from '../command.ts';
import { matchesListPattern } from '../wire/list-pattern.ts';
import { encodeMailboxName, hierarchyDelimiter } from '../wire/mailbox-name.ts';

/** RFC 3501 §6.3.8; special use and children are told without being asked. */
export const list: Command = {
  name: 'LIST',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, services, session, writer }) {
    cursor.space();
    const reference = cursor.mailboxName();
    cursor.space();
    const pattern = cursor.listPattern();
    cursor.end();
    if (pattern === '') {
      // Asked for the delimiter alone.
      writer.untagged(`LIST (\\Noselect) "${hierarchyDelimiter}" ""`);
      return ok('List completed');
    }
    const folders = await listFolders(services.db, session.account.mailboxId);
    const parents = new Set(folders.flatMap(({ name }) => parentOf(name) ?? []));
    for (const folder of folders) {
      if (!matchesListPattern(reference + pattern, folder.name)) continue;
      writer.untagged(`LIST (${attributes(folder, parents)}) "${hierarchyDelimiter}" ${encodeMailboxName(folder.name)}`);
      await writer.room();
    }
    return ok('List completed');
  },
};

function attributes(folder: Folder, parents: ReadonlySet<string>): string {
  const children = parents.has(folder.name) ? '\\HasChildren' : '\\HasNoChildren';
  return folder.specialUse === null ? children : `${children} \\${folder.specialUse}`;
}

function parentOf(name: string): string | undefined {
  const end = name.lastIndexOf(hierarchyDelimiter);
  return end < 0 ? undefined : name.slice(0, end);
}
