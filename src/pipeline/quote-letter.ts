// What reports and receipts give back of the letter they speak of. They are owed whatever became of its bytes: a report that quotes
// nothing is better than none, so bytes that cannot be read are told to the log and left out.
import { buffer } from 'node:stream/consumers';
import type { BlobRef } from '../../mailboxes/blobs/stored-blob.ts';
import { maxOriginalBytes } from '../mail/automatic/report-parts.ts';
import { HeaderBlockReader } from '../mail/header-block.ts';
import { withoutMessage } from './events.ts';
import type { TaskContext } from './task.ts';

/** The header block with its blank line; of a longer one, the lines that fit. Empty when it cannot be read. */
export async function quoteHeader(context: TaskContext, blob: BlobRef): Promise<Buffer> {
  const reader = new HeaderBlockReader(maxOriginalBytes);
  reader.read((await readFirst(context, blob)) ?? Buffer.alloc(0));
  return Buffer.from(reader.block);
}

/** The letter itself when it is small, its header otherwise; undefined when it cannot be read. */
export async function quoteLetter(context: TaskContext, blob: BlobRef): Promise<{ letter: Buffer } | { headers: Buffer } | undefined> {
  if (blob.size_bytes > maxOriginalBytes) return { headers: await quoteHeader(context, blob) };
  const letter = await readFirst(context, blob);
  return letter && { letter };
}

async function readFirst({ blobs, events, rowId }: TaskContext, blob: BlobRef): Promise<Buffer | undefined> {
  try {
    return await buffer(blobs.read(blob, 0, Math.min(blob.size_bytes, maxOriginalBytes)));
  } catch (error) {
    events.taskCrashed({ task: 'quote-letter', rowId, ...withoutMessage(error) });
    return undefined;
  }
}
