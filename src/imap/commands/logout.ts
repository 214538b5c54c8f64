// LOGOUT: BYE, then OK, then the end. RFC 3501 §6.1.3.
import { anyState, type Command } from '../command.ts';

/** RFC 3501 §6.1.3. */
export const logout: Command = {
  name: 'LOGOUT',
  allowedIn: anyState,
  publishes: 'nothing',
  async run({ arguments: cursor, session, tag, writer }) {
    cursor.end();
    writer.untaggedStatus('BYE', undefined, 'À bientôt');
    writer.tagged(tag, 'OK', undefined, 'Logout completed');
    session.leave();
    return undefined;
  },
};
