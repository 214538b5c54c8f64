// The bytes of one FETCH section, found by the offsets kept with the letter and read no further than asked. RFC 3501 §6.4.5, §7.4.2.
// What is small is read whole before anything is written; the rest is streamed, so that memory does not grow with the letter.
import type { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import type { MessageRow } from '../../mailboxes/read-messages.ts';
import { selectHeaderFields } from '../mail/headers.ts';
import { locateSection } from '../mail/part-section.ts';
import type { SectionFetchItem } from './wire/fetch-items.ts';

/** Bytes ready to be written: all of them, or a stream of exactly `sizeBytes` whose first bytes have been read already. */
export type SectionContent = Buffer | { readonly sizeBytes: number; readonly source: AsyncIterable<Buffer> };

type Letter = NonNullable<MessageRow['letter']>;

const wholeBytes = 64 * 1024;
/** A header block longer than this is searched for fields no further. The index gives up far earlier. */
const maxHeaderBytes = 1024 * 1024;

/** The content of a section; undefined when the letter has no such part, which is answered NIL. Throws when the bytes cannot be read. */
export async function sectionContent(blobs: BlobStore, row: MessageRow, item: SectionFetchItem): Promise<SectionContent | undefined> {
  const { letter, structure } = row;
  if (!letter || !structure) throw new Error('A section was asked without its columns');
  const { path, what, fields } = item.section;
  const found = locateSection(structure, path, what);
  if (!found) return undefined;
  if (fields) {
    const block = await readWhole(blobs, letter, found.start, Math.min(found.end, found.start + maxHeaderBytes));
    const selected = selectHeaderFields(block, fields.names, fields.isExcluding);
    const { start, end } = within(item, 0, selected.length);
    return selected.subarray(start, end);
  }
  const { start, end } = within(item, found.start, found.end);
  if (end - start <= wholeBytes) return readWhole(blobs, letter, start, end);
  return { sizeBytes: end - start, source: await begun(readLetter(blobs, letter, start, end)) };
}

/** The bytes [start, end) of a letter as it is served: trace headers first, then the stored bytes. */
export async function* readLetter(
  blobs: BlobStore,
  { prefix, blob }: Letter,
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  if (start < prefix.length && start < end) yield prefix.subarray(start, Math.min(end, prefix.length));
  if (end > prefix.length) yield* blobs.read(blob, Math.max(0, start - prefix.length), end - prefix.length);
}

function within({ partial }: SectionFetchItem, start: number, end: number): { start: number; end: number } {
  if (!partial) return { start, end };
  const from = Math.min(end, start + partial.offset);
  return { start: from, end: Math.min(end, from + partial.count) };
}

async function readWhole(blobs: BlobStore, letter: Letter, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLetter(blobs, letter, start, end)) chunks.push(chunk);
  const [only] = chunks;
  const bytes = chunks.length === 1 && only ? only : Buffer.concat(chunks);
  if (bytes.length !== end - start) throw new Error('A letter is shorter than its index says');
  return bytes;
}

/**
 * The same stream with its first bytes read: a blob that cannot be opened fails here, before its size has been announced. The second
 * chunk is waited for too, as the first may be the trace headers, which are in the row.
 */
async function begun(source: AsyncGenerator<Buffer, void, undefined>): Promise<AsyncIterable<Buffer>> {
  const first = await source.next();
  const second = await source.next();
  return (async function* () {
    if (!first.done) yield first.value;
    if (!second.done) yield second.value;
    yield* source;
  })();
}
