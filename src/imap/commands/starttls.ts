// STARTTLS: from here on in private. Only once, and only before log-in. RFC 3501 §6.2.1.
import { bad, type Command } from '../command.ts';

/** RFC 3501 §6.2.1. */
export const starttls: Command = {
  name: 'STARTTLS',
  allowedIn: ['not-authenticated'],
  publishes: 'nothing',
  async run({ arguments: cursor, session, startTls, tag, writer }) {
    cursor.end();
    if (session.isSecure) return bad('TLS is in use already');
    await startTls(async () => {
      writer.tagged(tag, 'OK', undefined, 'Begin TLS negotiation now');
      await writer.flush();
    });
    return undefined;
  },
};
