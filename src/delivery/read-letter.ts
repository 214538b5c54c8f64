// Step 2 of the one path: the content, read once while it streams by. Completed when one of our own people submits it, measured, indexed,
// recognised and sealed. Memory is bounded whatever the letter's size. Requirements 16, 34.
import type { BlobStore, StoredBlob } from '../../mailboxes/blobs/blob-store.ts';
import { type RefusalCode, type Refused, refusals, refuse } from '../../policies/verdict.ts';
import { RefusedError } from '../core/errors.ts';
import { LetterFingerprint } from '../mail/automatic/letter-fingerprint.ts';
import { completeSubmission, type SubmissionCompletion } from '../mail/complete-submission.ts';
import type { Headers } from '../mail/headers.ts';
import { type MimeIndex, MimeIndexer } from '../mail/mime-index.ts';
import { observeHeaders } from '../mail/observe-headers.ts';
import type { Arrival } from './arrival.ts';
import { isFrom } from './letter-heading.ts';

/** A letter that has been read to its end. */
export type ReadLetter = {
  /** Absent when the letter is too large: then it was read to its end and kept nowhere. */
  readonly blob: StoredBlob | undefined;
  readonly index: MimeIndex;
  readonly headers: Headers;
  /** Recognises the letter when it comes again. */
  readonly fingerprint: Buffer;
};

/** What reading needs: where bytes go, our name in Message-IDs, and the decoded size of all attachments of a letter. */
export type LetterReader = { readonly blobs: BlobStore; readonly hostname: string; readonly maxAttachmentBytes: number };

/**
 * Reads the content to its end, or gives it up and leaves nothing behind. `author` is who the letter must be from, when one of our own
 * people submits it, and under which name it leaves. What the source throws is thrown, except a refusal.
 */
export async function readLetter(
  reader: LetterReader,
  arrival: Arrival,
  author: Pick<SubmissionCompletion, 'from'> | undefined,
  content: AsyncIterable<Buffer>,
): Promise<ReadLetter | Refused> {
  const indexer = new MimeIndexer();
  const fingerprint = new LetterFingerprint();
  const passing = author
    ? completeSubmission(content, { ...author, now: arrival.receivedAt, messageIdDomain: reader.hostname })
    : observeHeaders(content);
  let blob: StoredBlob | undefined;
  try {
    blob = await reader.blobs.store(measured(passing.bytes, indexer, fingerprint, reader.maxAttachmentBytes));
  } catch (error) {
    if (!(error instanceof RefusedError) || !isRefusal(error.code)) throw error;
    // Without a header nobody can be told anything: only a letter that is too large further on may be answered by a report.
    if (error.code !== 'letter-too-large' || !passing.hasHeaders()) return refuse(error.code, 'content');
  }
  const headers = passing.headers();
  if (arrival.account && !isFrom(headers, arrival.account.address)) {
    if (blob) await reader.blobs.discard(blob);
    return refuse('sender-not-yours', 'from-is-not-the-account');
  }
  return { blob, index: indexer.end(), headers, fingerprint: fingerprint.end(arrival.sender, headers) };
}

const lineBreakBytes = 2;

/** Lets the letter through as long as its attachments are within the limit; beyond it, reads on without keeping anything, then throws. */
async function* measured(
  bytes: AsyncIterable<Buffer>,
  indexer: MimeIndexer,
  fingerprint: LetterFingerprint,
  maxAttachmentBytes: number,
): AsyncGenerator<Buffer> {
  // Once passed, for good: a count that came down again must not let the letter go on with a hole in it. The line break at the end of a
  // chunk may yet turn out to belong to the delimiter after it: it is given the benefit of the doubt until the letter is over.
  let isTooLarge = false;
  for await (const chunk of bytes) {
    indexer.write(chunk);
    fingerprint.write(chunk);
    isTooLarge ||= indexer.attachmentBytes > maxAttachmentBytes + lineBreakBytes;
    if (!isTooLarge) yield chunk;
  }
  if (isTooLarge || indexer.attachmentBytes > maxAttachmentBytes)
    throw new RefusedError('letter-too-large', refusals['letter-too-large'].text);
}

function isRefusal(code: string): code is RefusalCode {
  return code in refusals;
}
