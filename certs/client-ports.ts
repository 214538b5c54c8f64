// The ports of a door where people connect: one that begins in TLS, one that begins in the clear and is upgraded. Accepts, counts, takes leave;
// what is said on a connection is the door's own. RFC 8314 §3.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { upgradeToTls } from './upgrade-to-tls.ts';

/** A client being served. */
export interface ServedClient {
  /** Serves until one of the two leaves. Never rejects for what a client does. */
  serve(): Promise<void>;
  /** Asks the client to leave, with a French sentence for people. */
  end(reason: string): void;
}

/** What a door gives its ports. */
export type ClientPortsOptions = {
  readonly secureContext: SecureContext;
  readonly limits: {
    /** Connections open at once, all ports together. */
    readonly maxConnections: number;
    /** How long clients may take to leave while the ports close. */
    readonly closingGraceMs: number;
    /** Longest TLS handshake. */
    readonly handshakeTimeoutMs: number;
  };
  /** Whether a client that has closed its side may still read its answers; else it is gone. */
  readonly allowHalfOpen: boolean;
  /** What a client is told in the clear when there is no room for it; on the TLS port it is let go without a word. */
  readonly noRoom: string | Buffer;
  /** Makes the client of a socket that was accepted, and secured when `isSecure`. */
  readonly client: (socket: Socket, isSecure: boolean) => ServedClient;
  readonly events: {
    connectionOpened(): void;
    connectionClosed(): void;
    /** Listening, or a whole connection, failed through our own fault. */
    failed(what: 'listen' | 'connection', error: unknown): void;
  };
};

/** Where to listen; port 0 lets the system choose. */
export type ListenOptions = { readonly host: string } & PortsInUse;

/** The port that begins in the clear, and the one that begins in TLS. */
export type PortsInUse = { readonly startTlsPort: number; readonly tlsPort: number };

/** Accepts clients until it is closed. */
export class ClientPorts {
  readonly #options: ClientPortsOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<ServedClient>();
  #isClosing = false;

  constructor(options: ClientPortsOptions) {
    this.#options = options;
  }

  /** Opens the ports. Rejects when one cannot be opened; the other is closed again. */
  async listen({ host, startTlsPort, tlsPort }: ListenOptions): Promise<PortsInUse> {
    try {
      return { startTlsPort: await this.#open(host, startTlsPort, false), tlsPort: await this.#open(host, tlsPort, true) };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes no more clients, asks those present to leave, and resolves when all have gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = [
      ...this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      ...[...this.#sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    ];
    for (const client of this.#clients) client.end('Arrêt du service, reconnectez-vous dans un instant');
    const impatience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, this.#options.limits.closingGraceMs);
    await Promise.all(closed);
    clearTimeout(impatience);
  }

  /** Clients connected at present. */
  get connectionCount(): number {
    return this.#sockets.size;
  }

  async #open(host: string, port: number, isTls: boolean): Promise<number> {
    const { allowHalfOpen, events } = this.#options;
    const server = createServer({ noDelay: true, allowHalfOpen }, (socket) => this.#accept(socket, isTls));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    // An error of a listening socket (too many files open) concerns the next client, not those present.
    server.on('error', (error) => events.failed('listen', error));
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #accept(socket: Socket, isTls: boolean): void {
    const { limits, noRoom, events } = this.#options;
    socket.on('error', () => socket.destroy());
    if (this.#isClosing || this.#sockets.size >= limits.maxConnections) {
      if (isTls) socket.destroy();
      else socket.end(noRoom, () => socket.destroy());
      return;
    }
    this.#sockets.add(socket);
    events.connectionOpened();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      events.connectionClosed();
    });
    this.#serve(socket, isTls).catch((error: unknown) => {
      socket.destroy();
      events.failed('connection', error);
    });
  }

  async #serve(socket: Socket, isTls: boolean): Promise<void> {
    const { secureContext, limits } = this.#options;
    const stream = isTls ? await upgradeToTls(socket, secureContext, limits.handshakeTimeoutMs) : socket;
    if (!stream || stream.destroyed) return;
    const client = this.#options.client(stream, isTls);
    this.#clients.add(client);
    if (this.#isClosing) client.end('Arrêt du service');
    try {
      await client.serve();
    } finally {
      this.#clients.delete(client);
    }
  }
}
