// Completes a letter taken from one of our own people, once, before it is stored: From as it must be (requirement 34), Date and
// Message-ID when missing (RFC 6409 §8), Bcc and Return-Path removed. Everything else passes byte for byte, streaming.
import { Transform, type TransformCallback } from 'node:stream';
import type { Address } from '../core/address.ts';
import { RefusedError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import { formatDate } from './date.ts';
import { deferred } from './deferred.ts';
import { formatMailbox } from './display-name.ts';
import { HeaderBlockReader } from './header-block.ts';
import { type HeaderField, type Headers, parseHeaders } from './headers.ts';

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

/** The letter passes through; `headers` resolves with its final header once that has passed, and rejects if it never does. */
export class CompleteSubmission extends Transform {
  readonly headers: Promise<Headers>;
  readonly #completion: SubmissionCompletion;
  readonly #reader = new HeaderBlockReader(maxSubmissionHeaderBytes);
  readonly #known = deferred<Headers>();
  #inHeader = true;

  constructor(completion: SubmissionCompletion) {
    super();
    this.#completion = completion;
    this.headers = this.#known.promise;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (!this.#inHeader) {
      done(null, chunk);
      return;
    }
    const progress = this.#reader.read(chunk);
    if (progress.is === 'too-large') {
      done(new RefusedError('header-too-large', "L'en-tête du message est trop volumineux."));
      return;
    }
    if (progress.is === 'whole') {
      this.#pushHeader(progress.block);
      if (progress.rest.length > 0) this.push(progress.rest);
    }
    done();
  }

  /** A letter that is only a header, without its blank line. */
  override _flush(done: TransformCallback): void {
    if (this.#inHeader) this.#pushHeader(this.#reader.block);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#known.reject(error ?? new Error('The letter ended before its header'));
    done(error);
  }

  #pushHeader(block: Buffer): void {
    this.#inHeader = false;
    const completed = completeHeader(block, this.#completion);
    this.#known.resolve(parseHeaders(completed));
    if (completed.length > 0) this.push(completed);
  }
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
