// The LDAP door: a port with StartTLS and a port with TLS from the first byte. RFC 4511, RFC 4513. Requirement 23.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { upgradeToTls } from '../../certs/upgrade-to-tls.ts';
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

/** Where to listen; port 0 lets the system choose. */
export type LdapListen = { readonly host: string; readonly startTlsPort: number; readonly tlsPort: number };

/** The ports in use. */
export type LdapPorts = { readonly startTlsPort: number; readonly tlsPort: number };

/** Serves LDAP until it is closed. */
export class LdapServer {
  readonly #services: LdapServices;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<Connection>();
  #isClosing = false;

  /** Throws when `baseDn` is not a distinguished name. */
  constructor(options: LdapServerOptions) {
    const { tls, limits, baseDn, ...rest } = options;
    const allLimits = { ...ldapLimits, ...limits };
    this.#services = {
      ...rest,
      limits: allLimits,
      tree: new Tree(baseDn, options.citizensDomain),
      secureContext: createSecureContext({ minVersion: 'TLSv1.2', ...tls }),
      searchGate: atMost(allLimits.maxSearches),
      bound: new Map(),
    };
  }

  /** Opens the ports. Rejects when one cannot be opened; the other is closed again. */
  async listen(listen: LdapListen): Promise<LdapPorts> {
    try {
      return {
        startTlsPort: await this.#open(listen.host, listen.startTlsPort, false),
        tlsPort: await this.#open(listen.host, listen.tlsPort, true),
      };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes no more clients, gives notice to those present, and resolves when all have gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = [
      ...this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      ...[...this.#sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    ];
    for (const connection of this.#connections) connection.end('Arrêt du service, reconnectez-vous dans un instant');
    const impatience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, this.#services.limits.closingGraceMs);
    await Promise.all(closed);
    clearTimeout(impatience);
  }

  /** Clients connected at present. */
  get connectionCount(): number {
    return this.#sockets.size;
  }

  async #open(host: string, port: number, isTls: boolean): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket, isTls));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // An error of a listening socket (too many files open) concerns the next client, not those present.
    server.on('error', (error) => this.#services.events.operationFailed('listen', error));
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #accept(socket: Socket, isTls: boolean): void {
    socket.on('error', () => socket.destroy());
    if (this.#isClosing || this.#sockets.size >= this.#services.limits.maxConnections) {
      const notice = { code: resultCode.unavailable, text: 'Trop de connexions, réessayez dans un instant' };
      if (isTls) socket.destroy();
      else socket.end(writeNoticeOfDisconnection(notice), () => socket.destroy());
      return;
    }
    this.#sockets.add(socket);
    this.#services.events.connectionOpened();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#services.events.connectionClosed();
    });
    this.#serve(socket, isTls).catch((error: unknown) => {
      socket.destroy();
      this.#services.events.operationFailed('connection', error);
    });
  }

  async #serve(socket: Socket, isTls: boolean): Promise<void> {
    const { secureContext, limits } = this.#services;
    const stream = isTls ? await upgradeToTls(socket, secureContext, limits.bindTimeoutMs) : socket;
    if (!stream || stream.destroyed) return;
    const connection = new Connection(this.#services, stream, isTls);
    this.#connections.add(connection);
    if (this.#isClosing) connection.end('Arrêt du service');
    await connection.serve();
    this.#connections.delete(connection);
  }
}
