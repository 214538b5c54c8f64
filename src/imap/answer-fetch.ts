// Writes the FETCH answers of a set of messages: only the columns asked, some messages at a time, bodies streamed at the client's pace.
// RFC 3501 §6.4.5, §7.4.2.
import { type FlagState, SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { fetchMessages, type MessageRow } from '../../mailboxes/read-messages.ts';
import { renderBody } from '../mail/part-section.ts';
import type { CommandContext } from './command.ts';
import { printFlags } from './flag-bits.ts';
import { sectionContent } from './section-content.ts';
import { formatInternalDate } from './wire/date-time.ts';
import type { FetchItem, PlainFetchItem } from './wire/fetch-items.ts';

/** What could not be answered: messages expunged by someone else meanwhile, and sections whose bytes could not be read. */
export type FetchGaps = { readonly gone: number; readonly unreadable: number };

/** Answers each message in the order of its number. */
export async function answerFetch(context: CommandContext, uids: readonly number[], items: readonly FetchItem[]): Promise<FetchGaps> {
  const { services, session, writer } = context;
  const { folderId, mailboxId } = session.folder;
  const kinds = new Set(items.map(({ kind }) => kind));
  const columns = {
    envelope: kinds.has('envelope'),
    bodystructure: kinds.has('bodystructure'),
    structure: kinds.has('section') || kinds.has('body'),
    letter: kinds.has('section'),
  };
  const chunkLength = chunkLengthFor(kinds);
  let gone = 0;
  let unreadable = 0;
  for (let start = 0; start < uids.length; start += chunkLength) {
    const chunk = uids.slice(start, start + chunkLength);
    const rows = await fetchMessages(services.db, mailboxId, folderId, chunk, columns);
    gone += chunk.length - rows.length;
    const marked = await markSeen(context, rows, items);
    for (const row of rows) {
      unreadable += await writeMessage(context, row, items, marked.get(row.uid));
      await writer.room();
    }
  }
  return { gone, unreadable };
}

/** Rows in memory at once: many when they are small, few when each may bring the body of a small letter with it. */
function chunkLengthFor(kinds: ReadonlySet<FetchItem['kind']>): number {
  if (kinds.has('section')) return 50;
  return kinds.has('envelope') || kinds.has('bodystructure') || kinds.has('body') ? 500 : 2000;
}

/** Reading a body without PEEK marks it read, in one statement a chunk. Returns the new flags of the messages that changed. */
async function markSeen(
  { services, session }: CommandContext,
  rows: readonly MessageRow[],
  items: readonly FetchItem[],
): Promise<Map<number, FlagState>> {
  const { folderId, isReadOnly, mailboxId } = session.folder;
  const unseen = rows.filter(({ flags }) => (flags & SystemFlag.Seen) === 0).map(({ uid }) => uid);
  const marks = items.some((item) => item.kind === 'section' && item.setsSeen);
  if (!marks || isReadOnly || unseen.length === 0) return new Map();
  const change = { mode: 'add', flags: SystemFlag.Seen, keywords: [] } as const;
  const states = await storeFlags(services.db, services.wakeups, mailboxId, folderId, unseen, change);
  for (const { uid, modseq } of states) session.folder.noteTold(uid, modseq);
  return new Map(states.map((state) => [state.uid, state]));
}

/** Returns the number of sections that could not be read. */
async function writeMessage(
  context: CommandContext,
  row: MessageRow,
  items: readonly FetchItem[],
  marked: FlagState | undefined,
): Promise<number> {
  const { services, session, writer } = context;
  const { folder } = session;
  const current = marked ? { ...row, flags: marked.flags, keywords: marked.keywords } : row;
  let unreadable = 0;
  let separator = `* ${folder.numbers.sequenceOf(row.uid)} FETCH (`;
  for (const item of items) {
    if (item.kind !== 'section') {
      writer.write(`${separator}${item.label} `);
      writer.write(plainValue(item, current, folder.isRecent(row.uid)));
    } else {
      const content = await sectionContent(services.blobs, row, item).catch((error: unknown) => {
        services.events.commandFailed('FETCH', error);
        unreadable += 1;
        return undefined;
      });
      writer.write(`${separator}${item.label} `);
      if (!content) writer.write('NIL');
      else if ('source' in content) await writer.literal(content.sizeBytes, content.source);
      else {
        writer.write(`{${content.length}}\r\n`);
        writer.write(content);
      }
    }
    separator = ' ';
  }
  const tellsFlags = items.some(({ kind }) => kind === 'flags');
  if (marked && !tellsFlags) writer.write(` FLAGS ${printFlags(current.flags, current.keywords, folder.isRecent(row.uid))}`);
  writer.write(')\r\n');
  return unreadable;
}

function plainValue(item: PlainFetchItem, row: MessageRow, isRecent: boolean): string | Buffer {
  switch (item.kind) {
    case 'flags':
      return printFlags(row.flags, row.keywords, isRecent);
    case 'uid':
      return String(row.uid);
    case 'internaldate':
      return formatInternalDate(row.internalDate);
    case 'rfc822-size':
      return String(row.sizeBytes);
    case 'envelope':
      return column(row.envelope);
    case 'bodystructure':
      return column(row.bodystructure);
    case 'body':
      return renderBody(column(row.structure));
  }
}

function column<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('A FETCH item was asked without its column');
  return value;
}
