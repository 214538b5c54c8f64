// Completes a letter taken from one of our own people, once, before it is stored: From as it must be (requirement 34), Date and
// Message-ID when missing (RFC 6409 §8), Bcc and Return-Path removed. Everything else passes byte for byte, streaming.
import type { Address } from '../core/address.ts';
import { RefusedError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { formatDate } from './date.ts';
import { formatMailbox } from './display-name.ts';
import { HeaderBlockReader } from './header-block.ts';
import { type HeaderField, type Headers, parseHeaders } from './headers.ts';
import { PassedHeaders, type PassingLetter } from './passing-letter.ts';

/** What to put in. With `from`, the letter leaves with this author alone, whatever it said. */
export type SubmissionCompletion = {
  readonly from?: { readonly name: string | undefined; readonly address: Address };
  readonly now: Date;
  /** Right-hand side of the Message-ID this gateway makes. */
  readonly messageIdDomain: string;
};

/** Header blocks above this are refused; far above any honest letter. */
export const maxSubmissionHeaderBytes = 256 * 1024;

/** Added when missing; an empty one is as good as missing. */
const requiredFields = new Set(['date', 'message-id']);
const removedFields = new Set(['bcc', 'resent-bcc', 'return-path']);

/** Lets a letter through, its header completed. Throws RefusedError `header-too-large` while it is read. */
export function completeSubmission(source: AsyncIterable<Buffer>, completion: SubmissionCompletion): PassingLetter {
  const passed = new PassedHeaders();
  return { bytes: completing(source, completion, passed), headers: () => passed.read(), hasHeaders: () => passed.isKnown };
}

async function* completing(source: AsyncIterable<Buffer>, completion: SubmissionCompletion, passed: PassedHeaders): AsyncGenerator<Buffer> {
  const reader = new HeaderBlockReader(maxSubmissionHeaderBytes);
  const complete = (block: Buffer): Buffer => {
    const completed = completeHeader(block, completion);
    passed.note(parseHeaders(completed));
    return completed;
  };
  for await (const chunk of source) {
    if (passed.isKnown) {
      yield chunk;
      continue;
    }
    const progress = reader.read(chunk);
    if (progress.is === 'partial') continue;
    if (progress.is === 'too-large') throw new RefusedError('header-too-large', "L'en-tête du message est trop volumineux.");
    yield complete(progress.block);
    if (progress.rest.length > 0) yield progress.rest;
  }
  // A letter that is only a header, without its blank line.
  if (!passed.isKnown) yield complete(reader.block);
}

/** The completed header block; `block` may lack its blank line. Lines that are added end as the letter's first line does. */
export function completeHeader(block: Buffer, completion: SubmissionCompletion): Buffer {
  const headers = parseHeaders(block);
  const lineBreak = block.indexOf(10) > 0 && block[block.indexOf(10) - 1] !== 13 ? '\n' : '\r\n';
  const pieces: Buffer[] = [];
  const add = (line: string): void => {
    const last = pieces.at(-1);
    if (last && last.at(-1) !== 10) pieces.push(Buffer.from(lineBreak));
    pieces.push(Buffer.from(line.replaceAll('\r\n', lineBreak) + lineBreak, 'latin1'));
  };
  const author = completion.from && `From: ${formatMailbox(completion.from.name, completion.from.address)}`;
  let authorWritten = false;
  for (const field of headers.fields) {
    const name = bareName(headers, field);
    // Beside an author who is certain, another sender would only be a way to show another name. RFC 5322 §3.6.2.
    if (name === 'sender' && author !== undefined) continue;
    if (removedFields.has(name) || (requiredFields.has(name) && !headers.get(name))) continue;
    if (name !== 'from' || author === undefined) pieces.push(headers.raw(field));
    else if (!authorWritten) {
      add(author);
      authorWritten = true;
    }
  }
  if (author !== undefined && !authorWritten) add(author);
  if (!headers.get('date')) add(`Date: ${formatDate(completion.now)}`);
  if (!headers.get('message-id')) add(`Message-ID: <${newId(completion.now.getTime())}@${completion.messageIdDomain}>`);
  const lastField = headers.fields.at(-1);
  return Buffer.concat([...pieces, block.subarray(lastField?.end ?? 0)]);
}

/** The name as a careless reader might take it: without the spaces and control characters a strict one rejects the field for. */
function bareName(headers: Headers, field: HeaderField): string {
  if (field.name !== '') return field.name;
  const line = headers.raw(field).toString('latin1', 0, 200);
  return line
    .slice(0, Math.max(0, line.indexOf(':')))
    .replace(/[^\x21-\x7e]/g, '')
    .toLowerCase();
}
