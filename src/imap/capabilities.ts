// What this server can do, said in CAPABILITY, in the greeting and after log-in: only what works completely. RFC 3501 §6.1.1.
import type { Session } from './session.ts';

/** The capability list for the present state of a session, without the word CAPABILITY. */
export function capabilities(session: Session): string {
  if (session.state !== 'not-authenticated') return 'IMAP4rev1 SASL-IR IDLE UIDPLUS MOVE SPECIAL-USE NAMESPACE ID UNSELECT CHILDREN';
  // Before TLS there is no way in at all. RFC 3501 §6.2.3, §11.1.
  return session.isSecure ? 'IMAP4rev1 SASL-IR AUTH=PLAIN ID' : 'IMAP4rev1 SASL-IR STARTTLS LOGINDISABLED ID';
}
