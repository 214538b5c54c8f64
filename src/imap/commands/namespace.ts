// NAMESPACE: one's own folders, nobody else's. RFC 2342 §5.
import { type Command, loggedIn, ok } from '../command.ts';
import { hierarchyDelimiter } from '../wire/mailbox-name.ts';

/** RFC 2342. */
export const namespace: Command = {
  name: 'NAMESPACE',
  allowedIn: loggedIn,
  publishes: 'all',
  async run({ arguments: cursor, writer }) {
    cursor.end();
    writer.untagged(`NAMESPACE (("" "${hierarchyDelimiter}")) NIL NIL`);
    return ok('Namespace completed');
  },
};
