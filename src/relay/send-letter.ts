// Hands one letter to the next hop over SMTP and says, recipient by recipient, what became of it. RFC 5321 §3.3, §6.1.
// The letter is streamed and never held. Nothing of it is changed but what the wire demands: dots are stuffed, and bare CR
// and LF become CRLF (RFC 5321 §2.3.8), without which a lax server could be made to read a second letter inside this one.
import { Readable } from 'node:stream';
import type { SMTPError } from 'nodemailer/lib/smtp-connection';
import type { Address } from '../core/address.ts';
import { defaultTimeouts, type NextHop, type RelayTimeouts } from './next-hop.ts';
import { brokenConnectionStatus, noAnswerStatus, type RecipientResult, resultForReply, resultWithoutReply } from './recipient-result.ts';
import { RelayClient, type RelayEnvelope } from './relay-client.ts';

/** One letter to send. */
export type LetterToSend = RelayEnvelope & {
  /** Opens the content; called at most once, and only when the next hop has been reached. */
  readonly content: () => AsyncIterable<Buffer>;
};

/** Who we say we are, and how long we wait. `signal` gives up: recipients without an answer stay for later. */
export type SendOptions = {
  readonly heloName: string;
  readonly timeouts?: Partial<RelayTimeouts>;
  readonly signal?: AbortSignal;
};

/**
 * Sends the letter. One result per recipient, in the order asked. Whatever the other side does is a value;
 * only a content that cannot be read is thrown, and then the letter has not been sent.
 */
export async function sendLetter(hop: NextHop, letter: LetterToSend, options: SendOptions): Promise<readonly RecipientResult[]> {
  if (letter.recipients.length === 0) return [];
  const client = new RelayClient(clientOptions(hop, options));
  const giveUp = () => client.close();
  options.signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (options.signal?.aborted) return letter.recipients.map(({ address }) => resultWithoutReply(address, noAnswerStatus));
    const connectError = await connect(client);
    // A refusal of the whole host says nothing about a recipient. RFC 5321 §3.1 leaves the letter with us.
    if (connectError) return letter.recipients.map(({ address }) => withReplyKept(address, connectError));
    return await transmit(client, letter, options.timeouts?.farewellMs ?? defaultTimeouts.farewellMs);
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

/** The library's options for one connection. */
export function clientOptions(hop: NextHop, options: SendOptions): ConstructorParameters<typeof RelayClient>[0] {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const common = {
    host: hop.host,
    port: hop.port,
    name: options.heloName,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.idleMs,
    // Replies go into reports and results: bounded, as a hostile server chooses their length.
    maxResponseSize: 64 * 1024,
    logger: false,
    allowInternalNetworkInterfaces: true,
  };
  const { tls } = hop;
  if (tls.mode === 'none') return { ...common, ignoreTLS: true };
  return {
    ...common,
    requireTLS: tls.mode === 'require',
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(tls.authority === undefined ? {} : { ca: tls.authority }),
      ...(tls.client === undefined ? {} : { key: tls.client.key, cert: tls.client.cert }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    },
  };
}

/** Connects, with TLS as the hop wants it. Resolves with what went wrong, if anything. */
export function connect(client: RelayClient): Promise<SMTPError | undefined> {
  return new Promise((resolve) => {
    // Stays for the life of the client: an error event without a listener would end the process.
    client.on('error', (error: SMTPError) => resolve(error));
    client.on('end', () => resolve(new Error('Connection closed before the session began')));
    client.connect((error) => resolve(error));
  });
}

async function transmit(client: RelayClient, letter: LetterToSend, farewellMs: number): Promise<readonly RecipientResult[]> {
  let contentError: Error | undefined;
  let isSentWhole = false;
  const content = Readable.from(letter.content(), { objectMode: false });
  content.once('error', (error) => {
    contentError = error;
  });
  content.once('end', () => {
    isSentWhole = true;
  });
  const { error, response } = await new Promise<{ error: SMTPError | null; response?: string }>((resolve) => {
    // Closing by hand (an abort) forgets the send under way: the end of the connection is then the only news.
    client.once('end', () => resolve({ error: new Error('Connection closed') }));
    client.send(client.prepare(letter), content, (sendError, info) =>
      resolve(sendError ? { error: sendError } : { error: null, response: info.response }),
    );
  });
  content.destroy();
  if (error) client.close();
  else client.leave(farewellMs);
  if (contentError) throw new Error('The content of a letter to be sent could not be read', { cause: contentError });
  const { record, announcesDsn } = client;
  return letter.recipients.map(({ address }) => {
    const refused = record.rejectedErrors?.find((rejection) => rejection.recipient === address);
    // After a refused MAIL, pipelined recipients hear 503, which says nothing of them: the answer to MAIL is theirs.
    if (refused?.response && !record.mailError) return resultForReply(address, refused.response);
    if (!error) return resultForReply(address, response ?? '', announcesDsn);
    return resultForError(address, error, isSentWhole);
  });
}

function resultForError(recipient: Address, error: SMTPError, isSentWhole: boolean): RecipientResult {
  // 5xx and 4xx to MAIL or DATA speak for the whole letter. RFC 5321 §4.2.5.
  if (error.response && (error.code === 'EENVELOPE' || error.code === 'EMESSAGE')) return resultForReply(recipient, error.response);
  // Larger than the SIZE announced by the next hop: found out here, before anything is sent. RFC 1870 §6.1.
  if (error.code === 'EMESSAGE') return { recipient, result: 'failed', reply: '', status: '5.3.4', dsnPassedOn: false, isInDoubt: false };
  return resultWithoutReply(recipient, brokenConnectionStatus, isSentWhole);
}

/** Any refusal before MAIL is temporary for the letter; the words are kept for the report. */
function withReplyKept(recipient: Address, error: SMTPError): RecipientResult {
  return { ...resultWithoutReply(recipient, noAnswerStatus), reply: typeof error.response === 'string' ? error.response.trim() : '' };
}
