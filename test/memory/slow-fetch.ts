// A mail program on a bad line: asks for a whole letter and reads it a little at a time, so that the gateway must wait for it.
import { type ImapAnswer, ImapReader, type ImapReaderOptions } from '../support/imap-reader.ts';

const swallowBytes = 64 * 1024;
const pauseMs = 5;
const firstPauseMs = 1000;

/** Fetches the newest message of INBOX, reading nothing for a second and then 64 KiB every five milliseconds at most. */
export async function slowFetch(options: ImapReaderOptions): Promise<ImapAnswer> {
  const reader = await ImapReader.open(options);
  await reader.command('SELECT INBOX');
  const { socket } = reader;
  let readBytes = 0;
  const answer = reader.command('FETCH * (BODY.PEEK[])');
  socket.pause();
  setTimeout(() => socket.resume(), firstPauseMs);
  socket.on('data', (chunk: Buffer) => {
    readBytes += chunk.length;
    if (readBytes < swallowBytes) return;
    readBytes = 0;
    socket.pause();
    setTimeout(() => socket.resume(), pauseMs);
  });
  try {
    return await answer;
  } finally {
    reader.destroy();
  }
}
