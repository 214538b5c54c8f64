// The connection to the record: HTTPS by mutual TLS under one pinned authority, kept open between requests. Whatever the network or the
// other side does is a value; only a document that cannot be read is thrown. Redirections are not followed: health data stays where it was sent.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RecordFailure } from '../connector.ts';
import type { SigningCredential } from '../signatures/credential.ts';
import type { RequestBody } from './request-body.ts';

/** An answer as it came, whole. */
export type HttpAnswer = { readonly status: number; readonly contentType: string; readonly body: Buffer };

/** Far above any answer to these requests: they carry no document. */
const maxAnswerBytes = 1024 * 1024;

/** How the record is reached. */
export type ServerOptions = {
  readonly credential: SigningCredential;
  /** PEM of the only authority trusted. */
  readonly authority: string;
  /** The longest silence, in milliseconds. */
  readonly silenceMs: number;
};

/** Who speaks HTTP with the record. */
export class RecordServer {
  readonly #agent: Agent;
  readonly #silenceMs: number;

  constructor({ credential, authority, silenceMs }: ServerOptions) {
    this.#silenceMs = silenceMs;
    this.#agent = new Agent({
      keepAlive: true,
      key: credential.key,
      cert: credential.chain,
      ca: authority,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
    });
  }

  /** Sends one request and hears its answer. Throws what `body.open()` throws, and nothing else. */
  async post(url: string, body: RequestBody, signal: AbortSignal): Promise<HttpAnswer | RecordFailure> {
    if (signal.aborted) return later('given-up');
    const request = httpsRequest(url, {
      method: 'POST',
      agent: this.#agent,
      headers: { 'Content-Type': body.contentType, 'Content-Length': body.sizeBytes, Accept: 'application/soap+xml, multipart/related' },
    });
    let endedBecause: string | undefined;
    const end = (because: string) => () => {
      endedBecause ??= because;
      request.destroy();
    };
    // A request goes out in several pieces: each would wait for the one before to be acknowledged, some 40 ms.
    request.setNoDelay(true);
    request.setTimeout(this.#silenceMs, end('silence'));
    const giveUp = end('given-up');
    signal.addEventListener('abort', giveUp, { once: true });
    const source = new WatchedSource(body);
    try {
      const answered = answerTo(request);
      // How the sending went is told by the request's own events. A server may refuse before it has heard everything.
      pipeline(Readable.from(source, { objectMode: false }), request).catch(() => undefined);
      return await answered;
    } catch (error) {
      if (source.failure) throw source.failure.error;
      return later(endedBecause ?? reasonOf(error));
    } finally {
      signal.removeEventListener('abort', giveUp);
      // Answered before all was sent: the rest is nobody's business any more.
      if (!request.writableFinished) request.destroy();
    }
  }
}

/** The bytes to send, remembering whether reading them failed: that is no fault of the network. */
class WatchedSource {
  readonly #body: RequestBody;
  failure: { readonly error: unknown } | undefined;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* this.#body.open();
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

/** Rejects with what ended the request when no whole answer comes. */
function answerTo(request: ClientRequest): Promise<HttpAnswer | RecordFailure> {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    request.once('response', (response) => {
      isAnswered = true;
      readAnswer(response).then(resolve, reject);
    });
    // Stays for the life of the request: an error event without a listener would end the process.
    request.on('error', reject);
    request.once('close', () => {
      if (!isAnswered) reject(new Error('Closed without an answer'));
    });
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer | RecordFailure> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) return later('answer-too-large');
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body: Buffer.concat(chunks) };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // A certificate of either side that the other does not take, or no version in common: for the operator to mend.
  if (/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_|HOSTNAME_MISMATCH$)/.test(code))
    return 'tls';
  if (/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/.test(code)) return 'unreachable';
  return 'broken-connection';
}

function later(because: string): RecordFailure {
  return { do: 'later', because };
}
