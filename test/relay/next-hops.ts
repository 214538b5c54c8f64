// Next hops of a test: a real SMTP server that keeps what it is given, and one that says exactly what the test tells it to.
import { createServer, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerAddress, type SMTPServerEnvelopeDSN, type SMTPServerOptions } from 'smtp-server';
import type { HopTls } from '../../src/relay/next-hop.ts';
import { testAuthority } from '../support/smtp-doors.ts';

const closers: (() => Promise<void>)[] = [];

/** Remembers what closeHops() will close. */
export function closeLater(close: () => Promise<void>): void {
  closers.push(close);
}

/** After each test. */
export async function closeHops(): Promise<void> {
  for (const close of closers.splice(0)) await close();
}

/** A next hop on this machine. */
export const hop = (port: number, tls: HopTls = { mode: 'none' }) => ({ host: '127.0.0.1', port, tls });

/** `wishes` and `envelopeDsn`: what smtp-server has read of RFC 3461, when it announces it. */
export type SunkLetter = {
  readonly from: string;
  readonly to: string[];
  readonly content: Buffer;
  readonly wishes: readonly SMTPServerAddress['dsn'][];
  readonly envelopeDsn: SMTPServerEnvelopeDSN | undefined;
};

/** A real SMTP server that keeps what it is given. */
export async function openSink(options: SMTPServerOptions = {}): Promise<{ port: number; letters: SunkLetter[] }> {
  const own = await testAuthority();
  const letters: SunkLetter[] = [];
  const server = new SMTPServer({
    ...(await own.serverCredential('passerelle.test')),
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    size: 40_000_000,
    onData: async (stream, session, callback) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of stream) chunks.push(chunk as Buffer);
      } catch {
        return; // cut short: nothing to keep, nobody to answer
      }
      const { mailFrom, rcptTo, dsn } = session.envelope;
      letters.push({
        from: mailFrom ? mailFrom.address : '?',
        to: rcptTo.map((to) => to.address),
        content: Buffer.concat(chunks),
        wishes: rcptTo.map((to) => to.dsn),
        envelopeDsn: dsn,
      });
      callback();
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  closeLater(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as { port: number }).port, letters };
}

/** A server that says exactly what the test tells it to. */
export async function openScript(talk: (socket: Socket, line: string) => void): Promise<{ port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.write('220 script\r\n');
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        talk(socket, line);
      }
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  closeLater(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port };
}
