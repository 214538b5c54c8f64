// CAPABILITY: what this server can do in the present state. RFC 3501 §6.1.1.

import { capabilities } from '../capabilities.ts';
import { anyState, type Command, ok } from '../command.ts';

/** RFC 3501 §6.1.1. */
export const capability: Command = {
  name: 'CAPABILITY',
  allowedIn: anyState,
  publishes: 'all',
  async run({ arguments: cursor, session, writer }) {
    cursor.end();
    writer.untagged(`CAPABILITY ${capabilities(session)}`);
    return ok('Capability completed');
  },
};
