// The program behind a Postfix that answers every letter it is given, reports included, as no program should: without saying that it is
// automatic, each time under another name, asking for a receipt and for a report on everything, even of letters without a reverse path.
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import nodemailer from 'nodemailer';
import { SMTPServer } from 'smtp-server';

/** An answerer that listens. */
export type AutoAnswerer = {
  readonly port: number;
  /** Letters it was given, and letters it wrote of its own or in answer. */
  readonly counts: { received: number; written: number };
  /** Writes a first letter to somebody. */
  write(to: string): Promise<void>;
  stop(): Promise<void>;
};

/** Its domain. */
export const answererDomain = 'auto.mss.test';

/** Starts it; `outgoing` is the port of its Postfix. */
export async function startAutoAnswerer(outgoing: () => number): Promise<AutoAnswerer> {
  const counts = { received: 0, written: 0 };
  const underWay = new Set<Promise<void>>();
  let names = 0;
  let isStopped = false;

  async function write(to: string, quoted?: { readonly messageId: string | undefined; readonly subject: string | undefined }) {
    names += 1;
    const from = `robot-${names}@${answererDomain}`;
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port: outgoing(), ignoreTLS: true, name: 'robot' });
    try {
      await transport.sendMail({
        envelope: { from, to, dsn: { notify: ['SUCCESS', 'FAILURE', 'DELAY'], return: 'headers' } },
        from,
        to,
        subject: `Re: ${quoted?.subject ?? 'bonjour'}`,
        text: `Bien reçu (${names}).`,
        ...(quoted?.messageId && { inReplyTo: quoted.messageId, references: quoted.messageId }),
        headers: { 'Disposition-Notification-To': from },
      });
      counts.written += 1;
    } catch {
      // Its Postfix knows no such place: whoever wrote from there hears nothing.
    } finally {
      transport.close();
    }
  }

  async function answer(reversePath: string, bytes: Buffer): Promise<void> {
    const letter = await simpleParser(bytes);
    const to = reversePath !== '' ? reversePath : (letter.replyTo ?? letter.from)?.value[0]?.address;
    // What its own Postfix could not deliver comes back once and is not answered: that loop would be between those two alone.
    if (to !== undefined && !/^mailer-daemon@/i.test(to) && !isStopped)
      await write(to, { messageId: letter.messageId, subject: letter.subject });
  }

  const server = new SMTPServer({
    name: answererDomain,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1000,
    onData: (stream, { envelope: { mailFrom } }, done) => {
      buffer(stream).then((bytes) => {
        counts.received += 1;
        done(null);
        const answering = answer(mailFrom === false ? '' : mailFrom.address, bytes).finally(() => underWay.delete(answering));
        underWay.add(answering);
      }, done);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    counts,
    write: (to) => write(to),
    async stop() {
      isStopped = true;
      await Promise.all(underWay);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
