// The server that takes notices for ordinary e-mail addresses: one letter to one address, and what became of it. RFC 5321, RFC 4954.
// A refusal is read for whose fault it is: an address that does not exist is its owner's to mend, everything else the operator's. A
// wrong setting must not look like thousands of dead addresses.
import { readFile } from 'node:fs/promises';
import type { SMTPError } from 'nodemailer/lib/smtp-connection';
import type { Config } from '../config/schema.ts';
import { type Address, parseAddress } from '../core/address.ts';
import { defaultTimeouts, type NextHop } from './next-hop.ts';
import { RelayClient } from './relay-client.ts';
import { clientOptions, connect, type SendOptions } from './send-letter.ts';

/** Where notices are handed over. */
export type Smarthost = {
  /** Port 465 is TLS from the first byte (RFC 8314), whatever its mode. */
  readonly hop: NextHop;
  /** Never shown to a server without TLS. */
  readonly account?: { readonly user: string; readonly password: string };
  readonly heloName: string;
  /** Reverse path and From: where the servers of ordinary addresses answer. */
  readonly from: Address;
};

/**
 * What became of a letter. `because` is a code; `reply` is the other server's own line, which may quote the address: keep it out of logs.
 * `refused`: the address takes nothing. `unwanted`: this letter is not taken. `later`: not now, or not from us.
 */
export type SmarthostAnswer =
  | { readonly do: 'taken'; readonly reply: string }
  | { readonly do: 'refused' | 'unwanted' | 'later'; readonly because: SmarthostCode; readonly reply: string };

/** Why a letter was not taken. */
export type SmarthostCode =
  | 'address-refused'
  | 'letter-refused'
  | 'put-off'
  | 'smarthost-unreachable'
  | 'smarthost-refuses-us'
  | 'smarthost-without-tls';

/** The smarthost of the settings; undefined when they name none. Rejects when the authority's file cannot be read. */
export async function openSmarthost({ smarthost, from }: Config['notices'], heloName: string): Promise<Smarthost | undefined> {
  if (!smarthost) return undefined;
  const { host, port, tls, authorityFile, user, password } = smarthost;
  const sender = parseAddress(from ?? '');
  if (!sender) throw new Error('The configuration has let through a smarthost without an address to write from');
  const authority = authorityFile === undefined ? {} : { authority: await readFile(authorityFile, 'utf8') };
  return {
    hop: { host, port, tls: tls === 'none' ? { mode: tls } : { mode: tls, ...authority } },
    ...(user !== undefined && password !== undefined && { account: { user, password } }),
    heloName,
    from: sender,
  };
}

type LetterToHand = { readonly to: Address; readonly bytes: Buffer };

/** A notice is short: whoever keeps us waiting longer than this is not well. Milliseconds. */
const patience = { connectMs: 30_000, greetingMs: 60_000, idleMs: 120_000 };

/** Hands one letter over. Whatever the other side does is a value. */
export async function sendToSmarthost(
  smarthost: Smarthost,
  letter: LetterToHand,
  { timeouts, signal }: Omit<SendOptions, 'heloName'> = {},
): Promise<SmarthostAnswer> {
  if (signal?.aborted) return later('smarthost-unreachable');
  const options = { heloName: smarthost.heloName, timeouts: { ...patience, ...timeouts } };
  const client = new RelayClient(clientOptions(smarthost.hop, options));
  const giveUp = () => client.close();
  signal?.addEventListener('abort', giveUp, { once: true });
  const answer = await converse(client, smarthost, letter);
  signal?.removeEventListener('abort', giveUp);
  if (answer.do === 'taken') client.leave(timeouts?.farewellMs ?? defaultTimeouts.farewellMs);
  else client.close();
  return answer;
}

async function converse(client: RelayClient, { account, from }: Smarthost, letter: LetterToHand): Promise<SmarthostAnswer> {
  const unconnected = await connect(client);
  if (unconnected) return later(unconnected.response ? 'smarthost-refuses-us' : 'smarthost-unreachable', unconnected);
  if (account) {
    if (!client.secure) return later('smarthost-without-tls');
    const unknown = await logIn(client, account);
    if (unknown) return later(unknown.code === 'EAUTH' ? 'smarthost-refuses-us' : 'smarthost-unreachable', unknown);
  }
  return await transmit(client, from, letter);
}

/** Resolves with what went wrong, if anything. */
function logIn(client: RelayClient, { user, password }: NonNullable<Smarthost['account']>): Promise<SMTPError | undefined> {
  return new Promise((resolve) => {
    client.once('error', (error: SMTPError) => resolve(error));
    client.once('end', () => resolve(new Error('Connection closed')));
    client.login({ user, pass: password }, (error) => resolve(error ?? undefined));
  });
}

async function transmit(client: RelayClient, from: Address, { to, bytes }: LetterToHand): Promise<SmarthostAnswer> {
  const envelope = client.prepare({ sender: from, recipients: [{ address: to }], sizeBytes: bytes.length });
  const { error, reply } = await new Promise<{ error?: SMTPError; reply: string }>((resolve) => {
    client.once('end', () => resolve({ error: new Error('Connection closed'), reply: '' }));
    client.send(envelope, bytes, (sendError, info) =>
      resolve(sendError ? { error: sendError, reply: '' } : { reply: info.response ?? '' }),
    );
  });
  if (!error) return { do: 'taken', reply: reply.trim() };
  // With pipelined commands a refused sender makes the recipient fail too: the first refusal says why.
  const refusal = client.record.mailError ?? client.record.rejectedErrors?.[0] ?? error;
  return readRefusal(refusal, client.record.mailError !== undefined);
}

function readRefusal(error: SMTPError, isOurSender: boolean): SmarthostAnswer {
  const words = typeof error.response === 'string' ? error.response.trim() : '';
  if (words === '') return later('smarthost-unreachable');
  if (!words.startsWith('5')) return later('put-off', error);
  if (isOurSender) return later('smarthost-refuses-us', error);
  if (isAboutTheAddress(words, error.command)) return { do: 'refused', because: 'address-refused', reply: words };
  if (error.command === 'DATA') return { do: 'unwanted', because: 'letter-refused', reply: words };
  return later('smarthost-refuses-us', error);
}

/** RFC 3463 §3.2, §3.3, §3.5: what an enhanced code says of the recipient; 5.1.7 and 5.1.8 are of the sender, 5.7 of who may send. */
const addressStatus = /^5\.(?:1\.(?:1|2|3|4|6|10)|2\.\d{1,3}|4\.4)$/;
/** RFC 5321 §4.2.2, RFC 7504 §3: the replies to RCPT that speak of the mailbox. */
const addressReply = /^(?:550|551|552|553|556)/;

function isAboutTheAddress(words: string, command: string | undefined): boolean {
  const status = /^5\d\d[ -]+(5\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(words)?.[1];
  if (status !== undefined && status !== '5.0.0') return addressStatus.test(status);
  return command === 'RCPT TO' && addressReply.test(words);
}

function later(because: SmarthostCode, error?: SMTPError): SmarthostAnswer {
  return { do: 'later', because, reply: typeof error?.response === 'string' ? error.response.trim() : '' };
}
