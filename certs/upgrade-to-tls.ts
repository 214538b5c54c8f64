// Turns an accepted socket into a TLS one: the same way for ports that begin in TLS and for STARTTLS, at every door that speaks of itself.
// RFC 8314 §3.2, RFC 3501 §6.2.1, RFC 4511 §4.14.
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** Resolves with the TLS socket once the handshake is done; undefined when it failed or took too long, the socket then destroyed. */
export function upgradeToTls(socket: Socket, secureContext: SecureContext, timeoutMs: number): Promise<TLSSocket | undefined> {
  return new Promise((resolve) => {
    const tls = new TLSSocket(socket, { isServer: true, secureContext });
    const timer = setTimeout(() => settle(undefined), timeoutMs);
    const fail = () => settle(undefined);
    function settle(outcome: TLSSocket | undefined): void {
      clearTimeout(timer);
      tls.off('secure', succeed);
      tls.off('close', fail);
      if (!outcome) {
        tls.destroy();
        socket.destroy();
      }
      resolve(outcome);
    }
    function succeed(): void {
      settle(tls);
    }
    // Stays for the life of the socket: an error without a listener would end the process.
    tls.on('error', fail);
    tls.on('close', fail);
    tls.on('secure', succeed);
  });
}
