// The LDAP door: a port with StartTLS and a port with TLS from the first byte. RFC 4511, RFC 4513. Requirement 23.
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ClientPorts } from '../../certs/client-ports.ts';
import { atMost } from '../core/at-most.ts';
import { Connection } from './connection.ts';
import { type LdapLimits, type LdapServices, ldapLimits } from './services.ts';
import { Tree } from './tree.ts';
import { resultCode } from './wire/protocol.ts';
import { writeNoticeOfDisconnection } from './wire/write-answer.ts';

/** What the server is made of. `tls` holds `key` and `cert`; TLS 1.2 is the least accepted. `baseDn` is the root of the tree. */
export type LdapServerOptions = Pick<
  LdapServices,
  'db' | 'authenticate' | 'watchAccount' | 'lookUp' | 'citizensDomain' | 'events' | 'clock'
> & {
  readonly baseDn: string;
  readonly tls: SecureContextOptions;
  readonly limits?: Partial<LdapLimits>;
};

/** Serves LDAP until it is closed; those present are given notice of disconnection. RFC 4511 §4.4.1. */
export class LdapServer extends ClientPorts {
  /** Throws when `baseDn` is not a distinguished name. */
  constructor(options: LdapServerOptions) {
    const { tls, limits, baseDn, ...rest } = options;
    const allLimits = { ...ldapLimits, ...limits };
    const services: LdapServices = {
      ...rest,
      limits: allLimits,
      tree: new Tree(baseDn, options.citizensDomain),
      secureContext: createSecureContext({ minVersion: 'TLSv1.2', ...tls }),
      searchGate: atMost(allLimits.maxSearches),
      bound: new Map(),
    };
    const { events } = services;
    super({
      secureContext: services.secureContext,
      limits: { ...allLimits, handshakeTimeoutMs: allLimits.bindTimeoutMs },
      // A client that has closed its side has left (RFC 4511 §3.1): what it still asked for is not looked for.
      allowHalfOpen: false,
      noRoom: writeNoticeOfDisconnection({ code: resultCode.unavailable, text: 'Trop de connexions, réessayez dans un instant' }),
      client: (socket, isSecure) => new Connection(services, socket, isSecure),
      events: {
        connectionOpened: () => events.connectionOpened(),
        connectionClosed: () => events.connectionClosed(),
        failed: (what, error) => events.operationFailed(what, error),
      },
    });
  }
}
