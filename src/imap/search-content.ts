// SEARCH HEADER, BODY and TEXT: looks into a letter, streaming, in memory bounded by a constant. RFC 3501 §6.4.4.
// Text is compared decoded (transfer encoding, charset, encoded words) and without regard to case; attachments are not text.
import { fetchMessages, type MessageRow } from '../../mailboxes/read-messages.ts';
import { type Headers, parseHeaders } from '../mail/headers.ts';
import type { MimePart } from '../mail/mime-part.ts';
import { textOfPart } from '../mail/text-of-part.ts';
import type { CommandContext } from './command.ts';
import type { ContentKey, ContentReader } from './search-query.ts';
import { readLetter } from './section-content.ts';

/** A header block is searched no further than this. */
const maxHeaderBytes = 1024 * 1024;

/** Letters read ahead when messages are asked about one after the other. */
const mostAhead = 50;

/** A reader for one SEARCH. It stops with StreamEndedError when the client has gone: nobody waits for the answer any more. */
export function contentReader({ services, session, writer }: CommandContext): ContentReader {
  const { folder } = session;
  let held = new Map<number, MessageRow>();
  let heldThrough = 0; // UIDs up to this one have been asked for: absent ones are gone
  let ahead = 1;
  return async ({ uid }, key) => {
    await writer.room();
    if (!held.has(uid)) {
      const index = folder.numbers.lowerBound(uid);
      // Only when the search goes through the folder message by message is it worth reading ahead.
      ahead = folder.numbers.uidAt(index) === heldThrough ? Math.min(mostAhead, ahead * 2) : 1;
      const uids = folder.numbers.slice(index, index + ahead);
      const rows = await fetchMessages(services.db, folder.mailboxId, folder.folderId, uids, { structure: true, letter: true });
      held = new Map(rows.map((row) => [row.uid, row]));
      heldThrough = uids.at(-1) ?? 0;
    }
    const { structure, letter } = held.get(uid) ?? {};
    if (!structure || !letter) return false; // expunged meanwhile, or not announced yet
    return matches(key, structure, (start, end) => readLetter(services.blobs, letter, start, end));
  };
}

type Read = (start: number, end: number) => AsyncIterable<Buffer>;

async function matches(key: ContentKey, letter: MimePart, read: Read): Promise<boolean> {
  const wanted = key.contains.toLowerCase();
  if (key.key !== 'body') {
    const headers = parseHeaders(await collect(read(letter.headerStart, Math.min(letter.bodyStart, letter.headerStart + maxHeaderBytes))));
    if (key.key === 'header') return headers.getAll(key.name).length > 0 && headers.decodedAll(key.name).toLowerCase().includes(wanted);
    if (mentions(headers, wanted)) return true;
  }
  for (const part of textParts(letter)) {
    if (await contains(textOfPart(part, read(part.bodyStart, part.end)), wanted)) return true;
  }
  return false;
}

/** Whether any field holds the text, name included. */
function mentions(headers: Headers, wanted: string): boolean {
  const names = new Set(headers.fields.map(({ name }) => name).filter((name) => name !== ''));
  return [...names].some((name) => `${name}: ${headers.decodedAll(name)}`.toLowerCase().includes(wanted));
}

/** Every part that is text, those of letters inside the letter too. */
function textParts(part: MimePart): MimePart[] {
  if (part.children) return part.children.flatMap(textParts);
  if (part.message) return textParts(part.message);
  return part.type === 'text' ? [part] : [];
}

/** A match may lie across two pieces: the end of what came before is kept. */
async function contains(pieces: AsyncIterable<string>, wanted: string): Promise<boolean> {
  if (wanted === '') return true;
  let kept = '';
  for await (const piece of pieces) {
    const text = kept + piece.toLowerCase();
    if (text.includes(wanted)) return true;
    kept = wanted.length > 1 ? text.slice(1 - wanted.length) : '';
  }
  return false;
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
