// A peer that does not speak LDAP as RFC 4511 writes it.

/**
 * What was read is not what the protocol asks for. `isFatal`: not even an envelope, so that nobody can tell where the next message
 * begins; the connection ends with a notice. RFC 4511 §4.1.1. The message is for the peer: it names no value.
 */
export class LdapProtocolError extends Error {
  override readonly name = 'LdapProtocolError';
  readonly isFatal: boolean;
  constructor(message: string, isFatal = false) {
    super(message);
    this.isFatal = isFatal;
  }
}
