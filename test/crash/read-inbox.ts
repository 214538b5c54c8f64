// Reads an INBOX over IMAP with TLS, whole letters as they are served, streaming: a few lines of client that hide nothing.
// RFC 3501 §6.4.8, §7.4.2.
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Someone } from '../support/crowd.ts';

/** A letter of the folder. `bytes` is null when the server could not give them. */
export type ServedLetter = { readonly uid: number; readonly bytes: Buffer | null };

/** What EXAMINE said, and whether the server gave every letter: it hangs up in the middle of one it cannot read to the end. */
export type InboxState = { readonly exists: number; readonly uidValidity: number; readonly isWhole: boolean };

/** Hands each letter with a UID of at least `fromUid` to `take`, and returns the folder's state. */
export async function readInbox(
  { authority, port }: { authority: string; port: number },
  { address, password }: Someone,
  fromUid: number,
  take: (letter: ServedLetter) => void,
): Promise<InboxState> {
  const socket = connect({ host: '127.0.0.1', port, ca: authority, servername: 'localhost' });
  const responses = splitResponses(socket);
  const command = async (tag: string, line: string, onUntagged: (line: string, literal: Buffer | undefined) => void) => {
    socket.write(`${tag} ${line}\r\n`);
    for (;;) {
      const { value, done } = await responses.next();
      if (done) return hungUp;
      if (!value.line.startsWith(`${tag} `)) onUntagged(value.line, value.literal);
      else return value.line.slice(tag.length + 1);
    }
  };
  const mustBeOk = (answer: string) => {
    if (!answer.startsWith('OK')) throw new Error(`The IMAP server refused: ${answer}`);
  };
  try {
    await once(socket, 'secureConnect');
    const numbers = { exists: 0, uidValidity: 0 };
    mustBeOk(await command('a', `LOGIN ${address} ${password}`, () => undefined));
    mustBeOk(
      await command('b', 'EXAMINE INBOX', (line) => {
        numbers.exists = Number(/^\* (\d+) EXISTS/.exec(line)?.[1] ?? numbers.exists);
        numbers.uidValidity = Number(/\[UIDVALIDITY (\d+)\]/.exec(line)?.[1] ?? numbers.uidValidity);
      }),
    );
    // A NO tells that some letters could not be read: those came with NIL and are judged by the caller.
    const answer = await command('c', `UID FETCH ${fromUid}:* (UID BODY.PEEK[])`, (line, literal) => {
      const uid = Number(/^\* \d+ FETCH \(UID (\d+) /.exec(line)?.[1]);
      // « n:* » always names the last letter, even below n. RFC 3501 §6.4.8.
      if (uid >= fromUid) take({ uid, bytes: literal ?? null });
    });
    return { ...numbers, isWhole: answer !== hungUp };
  } finally {
    socket.destroy();
  }
}

const hungUp = 'The server hung up';

/** Responses one by one, with their one literal if they have it; the text after it belongs to the line. */
async function* splitResponses(source: AsyncIterable<Buffer>): AsyncGenerator<{ line: string; literal: Buffer | undefined }, undefined> {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = 1;
  for await (const chunk of source) {
    pieces.push(chunk);
    held += chunk.length;
    if (held < needed) continue;
    let bytes = Buffer.concat(pieces);
    for (;;) {
      const end = bytes.indexOf('\r\n');
      const line = bytes.toString('latin1', 0, Math.max(0, end));
      const size = /\{(\d+)\}$/.exec(line)?.[1];
      const literalEnd = end + 2 + Number(size ?? 0);
      const last = size === undefined ? end : bytes.indexOf('\r\n', literalEnd);
      needed = literalEnd;
      if (end < 0 || last < 0 || literalEnd > bytes.length) break;
      const literal = size === undefined ? undefined : bytes.subarray(end + 2, literalEnd);
      yield { line: line + (literal ? bytes.toString('latin1', literalEnd, last) : ''), literal };
      bytes = bytes.subarray(last + 2);
    }
    pieces = [bytes];
    held = bytes.length;
  }
  return undefined;
}
