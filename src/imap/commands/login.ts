// LOGIN: name and password as arguments, never before TLS. RFC 3501 §6.2.3.
import type { Command } from '../command.ts';
import { logIn, privacyRequired } from '../log-in.ts';

/** RFC 3501 §6.2.3. */
export const login: Command = {
  name: 'LOGIN',
  allowedIn: ['not-authenticated'],
  publishes: 'nothing',
  async run(context) {
    const cursor = context.arguments;
    cursor.space();
    const name = cursor.astring();
    cursor.space();
    const password = cursor.astring();
    cursor.end();
    return context.session.isSecure ? logIn(context, name, password) : privacyRequired;
  },
};
