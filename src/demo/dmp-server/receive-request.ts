// What arrives on a service: a SOAP envelope alone, or in MTOM with its documents beside it, each streamed to a file and hashed on the
// way. MTOM, XOP 1.0 §4.1; SOAP 1.2 part 2 §7.1.4; RFC 2387.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Parameters, parameter, parseParameterised } from '../../mail/parameters.ts';
import { MultipartError, type StreamedPart, splitParts } from './split-parts.ts';

/** A document of the request: where its bytes lie, and what they come to. */
export type ReceivedPart = {
  readonly file: string;
  readonly sizeBytes: number;
  /** Hexadecimal, lower case, as XDS writes it. */
  readonly sha1: string;
  /** Base64, as XML signatures write it. */
  readonly sha256: string;
};

/** A request read to its end. `parts` by content id, without angle brackets. */
export type ReceivedRequest = {
  readonly isMtom: boolean;
  readonly soap: string;
  /** The action of the content type, when it has one. */
  readonly action: string | undefined;
  readonly parts: ReadonlyMap<string, ReceivedPart>;
};

/** Why a request was not read: an HTTP status and a few words. */
export type NotReceived = { readonly status: 400 | 413 | 415; readonly because: string };

const maxSoapBytes = 2 * 1024 * 1024;
const maxRequestBytes = 64 * 1024 * 1024;
const maxParts = 20;
const soapType = 'application/soap+xml';
const xopType = 'application/xop+xml';

class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Reads the request; documents go to new files of `folder` whose names begin with `name`. Throws when the connection ends early. */
export async function receiveRequest(request: IncomingMessage, folder: string, name: string): Promise<ReceivedRequest | NotReceived> {
  const { value: type, params } = parseParameterised(request.headers['content-type'] ?? '');
  try {
    if (type.toLowerCase() === soapType) {
      const soap = await readSoap(within(request, maxSoapBytes));
      return { isMtom: false, soap, action: parameter(params, 'action'), parts: new Map() };
    }
    if (type.toLowerCase() === 'multipart/related') return await receiveMtom(request, params, join(folder, name));
    return { status: 415, because: `content type ${type}` };
  } catch (error) {
    if (error instanceof TooLargeError) return { status: 413, because: 'too large' };
    if (error instanceof MultipartError) return { status: 400, because: error.message };
    throw error;
  }
}

async function receiveMtom(request: IncomingMessage, params: Parameters, base: string): Promise<ReceivedRequest | NotReceived> {
  if (parameter(params, 'type')?.toLowerCase() !== xopType) return { status: 415, because: 'type is not application/xop+xml' };
  if (parameter(params, 'start-info')?.toLowerCase() !== soapType)
    return { status: 415, because: 'start-info is not application/soap+xml' };
  const boundary = parameter(params, 'boundary');
  const start = parameter(params, 'start');
  if (boundary === undefined || start === undefined) return { status: 400, because: 'no boundary or no start' };
  const parts = new Map<string, ReceivedPart>();
  let soap: string | undefined;
  let action = parameter(params, 'action');
  for await (const part of splitParts(within(request, maxRequestBytes), boundary)) {
    const contentId = part.headers.get('content-id') ?? '';
    if (!/^<[^<>\s]+>$/.test(contentId)) throw new MultipartError('A part has no Content-ID');
    if (soap === undefined) {
      // XOP allows the root anywhere; the DMP's own guide has it first, and a stream can only be checked in that order.
      if (contentId !== start) throw new MultipartError('The first part is not the start');
      const root = parseParameterised(part.headers.get('content-type') ?? '');
      if (root.value.toLowerCase() !== xopType) throw new MultipartError('The start is not application/xop+xml');
      if (parameter(root.params, 'type')?.toLowerCase() !== soapType) throw new MultipartError('The start is not SOAP 1.2');
      action ??= parameter(root.params, 'action');
      soap = await readSoap(within(part.body, maxSoapBytes));
    } else {
      const id = contentId.slice(1, -1);
      if (parts.has(id) || parts.size >= maxParts) throw new MultipartError('Two parts of one name, or too many');
      if (part.headers.get('content-transfer-encoding')?.toLowerCase() !== 'binary') throw new MultipartError('A document is not binary');
      parts.set(id, await keepPart(part, `${base}-${parts.size + 1}`));
    }
  }
  if (soap === undefined) throw new MultipartError('No part at all');
  return { isMtom: true, soap, action, parts };
}

async function readSoap(chunks: AsyncIterable<Buffer>): Promise<string> {
  return (await buffer(chunks)).toString('utf8');
}

async function keepPart(part: StreamedPart, file: string): Promise<ReceivedPart> {
  const sha1 = createHash('sha1');
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  const counted = async function* () {
    for await (const chunk of part.body) {
      sha1.update(chunk);
      sha256.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(counted(), createWriteStream(file));
  return { file, sizeBytes, sha1: sha1.digest('hex'), sha256: sha256.digest('base64') };
}

async function* within(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new TooLargeError('More than is taken');
    yield chunk;
  }
}
