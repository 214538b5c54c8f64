// The IMAP door: a port with STARTTLS and a port with TLS from the first byte. RFC 3501, RFC 8314. Requirement: ECO.1.0.2.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { upgradeToTls } from '../../certs/upgrade-to-tls.ts';
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

/** Where to listen; port 0 lets the system choose. A port left out is not opened. */
export type ImapListen = { readonly host: string; readonly startTlsPort?: number; readonly tlsPort?: number };

/** The ports in use, those asked for. */
export type ImapPorts = { readonly startTlsPort?: number; readonly tlsPort?: number };

/** Serves IMAP until it is closed. */
export class ImapServer {
  readonly #services: ImapServices;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<Connection>();
  #isClosing = false;

  constructor(options: ImapServerOptions) {
    const { tls, limits, ...rest } = options;
    this.#services = {
      ...rest,
      limits: { ...imapLimits, ...limits },
      secureContext: createSecureContext({ minVersion: 'TLSv1.2', ...tls }),
      recentMarks: new RecentMarks(),
      loggedIn: new Map(),
    };
  }

  /** Opens the ports. Rejects when one cannot be opened; those opened before are closed again. */
  async listen(listen: ImapListen): Promise<ImapPorts> {
    try {
      return {
        ...(listen.startTlsPort === undefined ? {} : { startTlsPort: await this.#open(listen.host, listen.startTlsPort, false) }),
        ...(listen.tlsPort === undefined ? {} : { tlsPort: await this.#open(listen.host, listen.tlsPort, true) }),
      };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes no more clients, says BYE to those present, and resolves when all have gone. */
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
    // Half open: a client may send its last commands, close its side, and still read the answers.
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket, isTls));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // An error of a listening socket (too many files open) concerns the next client, not those present.
    server.on('error', (error) => this.#services.events.commandFailed('listen', error));
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #accept(socket: Socket, isTls: boolean): void {
    socket.on('error', () => socket.destroy());
    if (this.#isClosing || this.#sockets.size >= this.#services.limits.maxConnections) {
      if (isTls) socket.destroy();
      else socket.end('* BYE [UNAVAILABLE] Trop de connexions, reessayez dans un instant\r\n', () => socket.destroy());
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
      this.#services.events.commandFailed('connection', error);
    });
  }

  async #serve(socket: Socket, isTls: boolean): Promise<void> {
    const { secureContext, limits } = this.#services;
    const stream = isTls ? await upgradeToTls(socket, secureContext, limits.loginTimeoutMs) : socket;
    if (!stream || stream.destroyed) return;
    const connection = new Connection(this.#services, stream, isTls);
    this.#connections.add(connection);
    if (this.#isClosing) connection.end('Arrêt du service');
    await connection.serve();
    this.#connections.delete(connection);
  }
}
