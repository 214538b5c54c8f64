// The people's software in the story: nodemailer sends, imapflow reads, both over TLS and trusting the development authority alone.
import { setTimeout as wait } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import nodemailer, { type SendMailOptions } from 'nodemailer';
import type { Options as TransportOptions } from 'nodemailer/lib/smtp-transport';
import type { Address } from '../core/address.ts';

/** Where the doors are and whom their certificates come from. */
export type ClientDoors = {
  readonly host: string;
  readonly submissionPort: number;
  readonly imapPort: number;
  /** PEM of the development authority. */
  readonly authority: string;
};

/** Someone with a mailbox here and a password for their software. */
export type Person = { readonly address: Address; readonly password: string };

/** What a server said when it refused: `550`, `5.7.1`, and its sentence. */
export type SmtpRefusal = { readonly reply: number; readonly status: string; readonly sentence: string };

/** A letter as its reader finds it. */
export type ReadLetter = { readonly from: string; readonly subject: string; readonly source: Buffer };

/** Sends one letter as someone who has a mailbox here. */
export async function send(doors: ClientDoors, person: Person, letter: SendMailOptions): Promise<'accepted' | SmtpRefusal> {
  const auth = { user: person.address, pass: person.password };
  const tls = { ca: doors.authority, servername: 'localhost' };
  return sendThrough({ host: doors.host, port: doors.submissionPort, requireTLS: true, tls, auth }, { from: person.address, ...letter });
}

/** Opens a mailbox's INBOX, waits there in IDLE and hears of each arrival. Close it with `logout()`. */
export async function openInbox(doors: ClientDoors, person: Person): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: doors.host,
    port: doors.imapPort,
    secure: false,
    doSTARTTLS: true,
    tls: { ca: doors.authority, servername: 'localhost' },
    auth: { user: person.address, pass: person.password },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  // Ends by itself at the next command; a connection that breaks meanwhile is told by that command.
  client.idle().catch(() => undefined);
  return client;
}

/** Resolves when the server tells a client in IDLE that the folder has more than `known` letters. */
export function toldOfArrival(client: ImapFlow, known: number): Promise<void> {
  return new Promise((resolve) => {
    const hear = ({ count }: { count: number }) => {
      if (count <= known) return;
      client.off('exists', hear);
      resolve();
    };
    client.on('exists', hear);
  });
}

/** Waits until a letter that `wanted` accepts stands in the open folder behind the first `known` ones; throws after ten seconds. */
export async function awaitLetter(client: ImapFlow, known: number, wanted: (letter: ReadLetter) => boolean): Promise<ReadLetter> {
  const deadline = Date.now() + 10_000;
  for (let at = known; ; ) {
    while (client.mailbox && at < client.mailbox.exists) {
      at += 1;
      const letter = await readLetter(client, at);
      if (wanted(letter)) return letter;
    }
    const leftMs = deadline - Date.now();
    if (leftMs <= 0) throw new Error('The letter did not arrive within ten seconds');
    const told = toldOfArrival(client, at);
    client.idle().catch(() => undefined);
    await Promise.race([told, wait(leftMs, undefined, { ref: false })]);
  }
}

/** Reads the newest letter of the open folder, byte for byte, without marking it as read. */
export async function readNewest(client: ImapFlow): Promise<ReadLetter> {
  return readLetter(client, '*');
}

async function readLetter(client: ImapFlow, number: number | '*'): Promise<ReadLetter> {
  const message = (await client.fetchOne(String(number), { source: true, envelope: true })) || undefined;
  if (!message?.source || !message.envelope) throw new Error('There is no such letter in the folder');
  const { source, envelope } = message;
  const sender = envelope.from?.[0];
  return { from: `"${sender?.name ?? ''}" <${sender?.address ?? ''}>`, subject: envelope.subject ?? '', source };
}

function readRefusal(error: unknown): SmtpRefusal | undefined {
  const response = error instanceof Error && 'response' in error ? String(error.response) : '';
  const match = /^(\d{3})[ -](\d\.\d+\.\d+) (.*)/s.exec(response);
  return match?.[1] && match[2] && match[3] ? { reply: Number(match[1]), status: match[2], sentence: match[3] } : undefined;
}

/** Delivers a letter to the door between operators, as the holder of a certificate. */
export async function sendAsOperator(
  doors: ClientDoors,
  mxPort: number,
  certificate: { readonly key: string; readonly cert: string },
  from: string,
  letter: SendMailOptions,
): Promise<'accepted' | SmtpRefusal> {
  return sendThrough(
    { host: doors.host, port: mxPort, requireTLS: true, tls: { ca: doors.authority, servername: 'localhost', ...certificate } },
    { from, ...letter },
  );
}

/** Resolves to the refusal when the server gives one, and throws on anything else. */
async function sendThrough(options: TransportOptions, letter: SendMailOptions): Promise<'accepted' | SmtpRefusal> {
  const transport = nodemailer.createTransport(options);
  try {
    await transport.sendMail(letter);
    return 'accepted';
  } catch (error) {
    const refusal = readRefusal(error);
    if (refusal) return refusal;
    throw error;
  } finally {
    transport.close();
  }
}
