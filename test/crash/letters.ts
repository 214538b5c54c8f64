// The letters of a crash: what was sent is remembered by its SHA-256, so that what is found can be judged byte for byte.
// They carry From, Date and Message-ID, so that submission adds nothing: served = trace fields + the bytes sent.
import { createHash, randomBytes } from 'node:crypto';
import type { Address } from '../../src/core/address.ts';
import type { Random } from './random.ts';

/** What is remembered of a letter. */
export type SentLetter = {
  readonly id: string;
  readonly sender: Address;
  readonly recipients: readonly Address[];
  readonly sizeBytes: number;
  readonly sha256: string;
  /** True once the sender has read 250. */
  isAcknowledged: boolean;
};

/** A letter and its bytes: CRLF line ends, no line that begins with a dot. */
export type WrittenLetter = { readonly sent: SentLetter; readonly bytes: Buffer };

/** A letter of `bodyBytes`, give or take a line. */
export function writeLetter(random: Random, id: string, sender: Address, recipients: readonly Address[], bodyBytes: number): WrittenLetter {
  const [date, lines] = ['Sun, 22 Nov 2026 08:00:00 +0100', Math.ceil(bodyBytes / lineBytes)];
  const header = `${firstField}<${id}@crash.test>\r\nFrom: <${sender}>\r\nTo: ${recipients.join(', ')}\r\nDate: ${date}\r\nSubject: ${id}\r\n\r\n`;
  const from = random.between(0, text.length / lineBytes - lines) * lineBytes;
  const bytes = Buffer.concat([Buffer.from(header), text.subarray(from, from + lines * lineBytes)]);
  return { sent: { id, sender, recipients, sizeBytes: bytes.length, sha256: digest(bytes), isAcknowledged: false }, bytes };
}

/** Cuts a served letter at the end of the trace fields; undefined when it does not begin with exactly those of this gateway. */
export function readServed(served: Buffer): { id: string; returnPath: string; sha256: string } | undefined {
  const start = served.indexOf(firstField);
  const trace = /^Return-Path: <([^>]*)>\r\nReceived: [^\r\n]*\r\n(?:[\t ][^\r\n]*\r\n)*$/.exec(served.toString('latin1', 0, start));
  const letter = served.subarray(start);
  const id = /<([^@>]+)@crash\.test>/.exec(letter.toString('latin1', 0, 200))?.[1];
  return start > 0 && trace?.[1] !== undefined && id !== undefined ? { id, returnPath: trace[1], sha256: digest(letter) } : undefined;
}

const firstField = 'Message-ID: ';
const lineBytes = 78;

/** Bodies are cut out of one text of base64 lines: making each would cost the load its speed. */
const text = Buffer.from(
  randomBytes(57 * 4000)
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n'),
);

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
