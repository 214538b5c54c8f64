// The IMAP door: a port with STARTTLS and a port with TLS from the first byte. RFC 3501, RFC 8314. Requirement: ECO.1.0.2.
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ClientPorts } from '../../certs/client-ports.ts';
import { Connection } from './connection.ts';
import { RecentMarks } from './recent-marks.ts';
import { type ImapLimits, type ImapServices, imapLimits } from './services.ts';

/** What the server is made of. `tls` holds `key` and `cert`; TLS 1.2 is the least accepted. */
export type ImapServerOptions = Pick<
  ImapServices,
  'db' | 'blobs' | 'wakeups' | 'authenticate' | 'watchAccount' | 'events' | 'hostname' | 'idleKeepAliveMs' | 'appendLimitBytes'
> & {
  readonly tls: SecureContextOptions;
  readonly limits?: Partial<ImapLimits>;
};

/** Serves IMAP until it is closed; those present are told BYE. */
export class ImapServer extends ClientPorts {
  constructor(options: ImapServerOptions) {
    const { tls, limits, ...rest } = options;
    const services: ImapServices = {
      ...rest,
      limits: { ...imapLimits, ...limits },
      secureContext: createSecureContext({ minVersion: 'TLSv1.2', ...tls }),
      recentMarks: new RecentMarks(),
      loggedIn: new Map(),
    };
    const { events } = services;
    super({
      secureContext: services.secureContext,
      limits: { ...services.limits, handshakeTimeoutMs: services.limits.loginTimeoutMs },
      // A client may send its last commands, close its side, and still read the answers.
      allowHalfOpen: true,
      noRoom: '* BYE [UNAVAILABLE] Trop de connexions, reessayez dans un instant\r\n',
      client: (socket, isSecure) => new Connection(services, socket, isSecure),
      events: {
        connectionOpened: () => events.connectionOpened(),
        connectionClosed: () => events.connectionClosed(),
        failed: (what, error) => events.commandFailed(what, error),
      },
    });
  }
}
