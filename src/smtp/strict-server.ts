// The listener behind both doors: smtp-server making StrictConnections, with a bounded number of them and an orderly close.
import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { ConnectionHome, ConnectionRules } from './connection-rules.ts';
import type { DoorLog, Listen } from './door-options.ts';
import { errorTrace } from './error-trace.ts';
import { StrictConnection } from './strict-connection.ts';

/** Sockets beyond the bound that may still be hearing their 421. */
const lingeringSockets = 64;
/** smtp-server's own end of patience, set behind ours so that only one of the two acts. */
const parentGraceMs = 60_000;

/** The listener of one door. */
export class StrictServer extends SMTPServer implements ConnectionHome {
  readonly rules: ConnectionRules;
  readonly #log: DoorLog;
  readonly #underway = new Set<Promise<void>>();
  /** Every connection whose socket is still there: `connections` already forgets those that have been told to go. */
  readonly #present = new Set<StrictConnection>();

  constructor(rules: ConnectionRules, log: DoorLog, options: SMTPServerOptions) {
    super({
      ...options,
      logger: false, // its log lines carry addresses
      disableReverseLookup: true,
      size: rules.maxLetterBytes,
      maxRecipients: rules.limits.maxRecipients,
      maxClients: rules.limits.maxConnections,
      socketTimeout: rules.limits.idleMs,
      closeTimeout: rules.limits.closeMs + parentGraceMs,
      maxCommandLength: rules.maxLineBytes,
      hideENHANCEDSTATUSCODES: false,
      disabledCommands: ['WIZ', 'SHELL', 'KILL', 'HELP', 'LHLO', 'XCLIENT', 'XFORWARD', ...(rules.offersAuth ? [] : ['AUTH'])],
    });
    this.rules = rules;
    this.#log = log;
    this.server.maxConnections = rules.limits.maxConnections + lingeringSockets;
    // Failed handshakes and resets are the peer's business; without a listener each would end the process.
    this.on('error', (error) => this.#log.debug({ error: errorTrace(error) }, 'smtp connection failed'));
  }

  override connect(socket: Socket, options?: SMTPConnectionOptions | null): void {
    const connection = new StrictConnection(this, socket, options);
    this.connections.add(connection);
    this.#present.add(connection);
    connection.on('error', (error: Error) => this._onError(error));
    connection.on('connect', (info) => this._onClientConnect(info));
    connection.init();
  }

  /** smtp-server starts a handshake on a socket that has been destroyed since it was accepted, which crashes Node. */
  override _upgrade(socket: Socket, callback: Parameters<SMTPServer['_upgrade']>[1]): void {
    if (socket.destroyed) callback(new Error('The client left before the handshake'));
    else super._upgrade(socket, callback);
  }

  /** The connection's socket is gone. */
  forget(connection: StrictConnection): void {
    this.#present.delete(connection);
  }

  /** Remembers a letter being delivered, so that closing waits for it. */
  track(letter: Promise<void>): void {
    this.#underway.add(letter);
    void letter.finally(() => this.#underway.delete(letter));
  }

  /** Starts listening; resolves with the port. Fails when the address cannot be had. */
  open(listen: Listen): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.listen({ host: listen.host, port: listen.port }, () => {
        this.server.off('error', reject);
        const address = this.server.address();
        resolve(typeof address === 'object' && address ? address.port : listen.port);
      });
    });
  }

  /** smtp-server keeps idle clients for the whole grace period and cuts nobody at its end; here both are done. */
  async shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.once('close', () => resolve()));
    this.close();
    for (const connection of this.#present) if (connection.isIdle) connection.dismiss();
    const cut = setTimeout(() => {
      for (const connection of this.#present) connection.cut();
    }, this.rules.limits.closeMs);
    await closed;
    clearTimeout(cut);
    await Promise.allSettled(this.#underway);
  }
}
