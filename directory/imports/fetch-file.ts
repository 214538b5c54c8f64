// A file fetched over HTTPS into a folder and kept there: nothing is sent again that has not changed (RFC 9110 §13.1), a transfer that was
// broken off goes on where it stopped (§14.2, If-Range), and what is there under the file's name is always a whole one.
import { createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { replacePrivateFile, syncFolder } from '../../src/core/durable-files.ts';

/** What to fetch, and where it is kept. */
export type FetchedSource = {
  /** https: only. */
  readonly url: string;
  /** A folder of ours alone; made when missing. */
  readonly folder: string;
  /** PEM of the only authority trusted for it; those of the system when absent. */
  readonly authority?: string;
  readonly signal?: AbortSignal;
  /** The longest silence, in milliseconds. */
  readonly silenceMs?: number;
};

/**
 * How it ended: the whole file, as it is there now; or why not, as a code: `http-503`, a code of Node's or of TLS, `silence`, `too-large`,
 * `redirected`. What was received stays for the next time.
 */
export type Fetched = { readonly file: string; readonly isNew: boolean } | { readonly failure: string };

/** What a server says by which a file is known again. */
type Validators = { readonly url: string; readonly etag?: string; readonly lastModified?: string };

const largestBytes = 4 * 1024 ** 3;
const defaultSilenceMs = 60_000;

/** Fetches the file if it changed since the last time. One process at a time. */
export async function fetchFile(source: FetchedSource): Promise<Fetched> {
  await mkdir(source.folder, { recursive: true, mode: 0o700 });
  const whole = join(source.folder, 'fetched');
  const part = join(source.folder, 'fetched.part');
  const [have, begun] = [await readValidators(whole, source.url), await readValidators(part, source.url)];
  const begunBytes = begun ? await sizeOf(part) : 0;
  const resumeBy = begunBytes > 0 ? strongValidator(begun) : undefined;
  const headers: Record<string, string> = { 'Accept-Encoding': 'identity', 'User-Agent': 'Passerelle' };
  if (resumeBy !== undefined) Object.assign(headers, { Range: `bytes=${begunBytes}-`, 'If-Range': resumeBy });
  else if (have?.etag !== undefined) headers['If-None-Match'] = have.etag;
  else if (have?.lastModified !== undefined) headers['If-Modified-Since'] = have.lastModified;
  try {
    const answer = await ask(source, headers);
    if (answer.statusCode === 304 && have) {
      answer.resume();
      return { file: whole, isNew: false };
    }
    const goesOn = answer.statusCode === 206 && startOf(answer) === begunBytes && resumeBy !== undefined;
    if (!goesOn && answer.statusCode !== 200) {
      answer.destroy();
      // A range that is none any more (416): the next time begins anew.
      if (resumeBy !== undefined && answer.statusCode !== 503) await rm(`${part}.json`, { force: true });
      const isElsewhere = answer.statusCode !== undefined && answer.statusCode >= 300 && answer.statusCode < 400;
      return { failure: isElsewhere ? 'redirected' : `http-${answer.statusCode}` };
    }
    if (!goesOn) {
      // Unnamed first: bytes of one version must never be taken for the beginning of another.
      await rm(`${part}.json`, { force: true });
      await rm(part, { force: true });
      await replacePrivateFile(`${part}.json`, JSON.stringify(validatorsOf(source.url, answer)));
    }
    await receive(answer, part, goesOn ? begunBytes : 0, source);
    await rm(`${whole}.json`, { force: true });
    await rename(part, whole);
    await rename(`${part}.json`, `${whole}.json`);
    await syncFolder(source.folder);
    return { file: whole, isNew: true };
  } catch (error) {
    return { failure: (error as { code?: string }).code ?? (error as Error).name };
  }
}

function ask(source: FetchedSource, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> {
  const { url, authority, signal, silenceMs = defaultSilenceMs } = source;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      headers,
      agent: false,
      minVersion: 'TLSv1.2',
      ...(authority !== undefined && { ca: authority }),
      ...(signal && { signal }),
    });
    asked.setTimeout(silenceMs, () => asked.destroy(Object.assign(new Error('The server is silent'), { code: 'silence' })));
    asked.once('error', reject);
    asked.once('response', resolve);
    asked.end();
  });
}

/** Appends the answer to the part, synced. Throws when it is longer than allowed or shorter than announced. */
async function receive(answer: IncomingMessage, part: string, fromByte: number, { signal }: FetchedSource): Promise<void> {
  let bytes = fromByte;
  const announced = Number(answer.headers['content-length'] ?? Number.NaN) + fromByte;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > largestBytes ? Object.assign(new Error('The file is too large'), { code: 'too-large' }) : null, chunk);
    },
  });
  const file = createWriteStream(part, { flags: fromByte > 0 ? 'a' : 'w', mode: 0o600 });
  await pipeline(answer, bounded, file, { ...(signal && { signal }) });
  if (!Number.isNaN(announced) && bytes !== announced) throw Object.assign(new Error('The answer was cut short'), { code: 'cut-short' });
  const handle = await open(part, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function validatorsOf(url: string, { headers }: IncomingMessage): Validators {
  const lastModified = headers['last-modified'];
  return { url, ...(headers.etag !== undefined && { etag: headers.etag }), ...(lastModified !== undefined && { lastModified }) };
}

/** RFC 9110 §13.1.5: a weak tag does not say that the bytes are the same. */
function strongValidator(validators: Validators | undefined): string | undefined {
  const { etag, lastModified } = validators ?? {};
  return etag !== undefined ? (etag.startsWith('W/') ? undefined : etag) : lastModified;
}

/** Where the bytes of a 206 begin: `bytes 100-199/200`. */
function startOf({ headers }: IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? -1);
}

/** What is known of a file that is there; undefined when it is not, or came from elsewhere. */
async function readValidators(file: string, url: string): Promise<Validators | undefined> {
  try {
    await stat(file);
    const known = JSON.parse(await readFile(`${file}.json`, 'utf8')) as Validators;
    return known.url === url ? known : undefined;
  } catch {
    return undefined;
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
