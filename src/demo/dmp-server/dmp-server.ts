// A DMP in small, for the demo and the tests: a real HTTPS server that believes nothing it is told, keeps documents, and can be slow, down
// or in error on demand. domain.md §6; requirements 49, 51 to 54.
import { X509Certificate } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { type Answer, answerRequest, services } from './answer-request.ts';
import { type Behaviour, drawMishap, type Mishap } from './behaviour.ts';
import { type HeldDocument, Holdings } from './holdings.ts';
import { pagePolicy, renderPage } from './page.ts';
import { type NotReceived, receiveRequest } from './receive-request.ts';

/** How to start one. */
export type DmpServerOptions = {
  /** Its own key and certificate, for 127.0.0.1, PEM. */
  readonly credential: { readonly key: string; readonly cert: string };
  /** The only authority it believes, PEM: of connections and of signatures. */
  readonly authority: string;
  readonly clock?: () => Date;
  /** Where it keeps what it holds; absent: a folder that goes with stop(). */
  readonly folder?: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** What assertions must be for. */
  readonly audience?: string;
};

/** Where it answers: its services, and the page for people. */
export type DmpUrls = { readonly repository: string; readonly status: string; readonly registry: string; readonly page: string };

/** Listens on 127.0.0.1 from start() to stop(). */
export class DmpServer {
  readonly urls: DmpUrls;
  readonly #server: Server;
  readonly #options: DmpServerOptions;
  readonly #authority: X509Certificate;
  readonly #folder: string;
  readonly #holdings: Holdings;
  readonly #seen = new Map<string, number>();
  readonly #stopping = new AbortController();
  #behaviour: Behaviour = {};
  #captureFolder: string | undefined;
  #requests = 0;

  private constructor(server: Server, options: DmpServerOptions, folder: string) {
    this.#server = server;
    this.#options = options;
    this.#authority = new X509Certificate(options.authority);
    this.#folder = folder;
    this.#holdings = new Holdings(folder);
    const base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.urls = {
      repository: `${base}${services.repository}`,
      status: `${base}${services.status}`,
      registry: `${base}${services.registry}`,
      page: `${base}/`,
    };
  }

  /** Resolves once connections are taken, with everything that the folder held. */
  static async start(options: DmpServerOptions): Promise<DmpServer> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'dmp-'));
    const incoming = join(folder, 'incoming');
    await mkdir(incoming, { recursive: true });
    // What a killed process was still receiving was never answered.
    for (const name of await readdir(incoming)) await rm(join(incoming, name));
    const { key, cert } = options.credential;
    // A person's browser has no certificate: the page is for anyone, the services ask for one that was verified.
    const server = createServer({ key, cert, ca: options.authority, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    server.listen(options.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const dmp = new DmpServer(server, options, folder);
    // As many answers may be slow at once as there are requests.
    setMaxListeners(0, dmp.#stopping.signal);
    server.on('request', (request, response) => void dmp.#serve(request, response));
    server.on('connection', (socket) => {
      if (dmp.#behaviour.down) socket.destroy();
    });
    server.on('tlsClientError', () => undefined);
    return dmp;
  }

  /** Opens a record for this INS, or closes it. Without one, a patient is unknown. */
  openRecord(matricule: string, status: 'active' | 'closed'): void {
    this.#holdings.openRecord(matricule, status);
  }

  /** Every document it holds, the oldest first; the signatures are not counted. */
  holds(): readonly HeldDocument[] {
    return this.#holdings.list();
  }

  /** The bytes of a document it holds. Throws when it does not. */
  read(uniqueId: string): Buffer {
    return this.#holdings.read(uniqueId);
  }

  /** From now on it behaves so, and only so. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    if (behaviour.down) this.#server.closeAllConnections();
  }

  /** From now on the envelope of each request, and the signature of each submission, are written to this folder. */
  async captured(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    this.#captureFolder = folder;
  }

  /** Drops every connection and resolves when the port is free. Twice is harmless. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.#options.folder === undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (this.#behaviour.down) request.socket.destroy();
      else if (request.method === 'GET' || request.method === 'HEAD') this.#servePage(request, response);
      else await this.#serveService(request, response);
    } catch {
      // The other side went away, or the disk did: no answer is the honest one.
      request.socket.destroy();
    }
  }

  #servePage(request: IncomingMessage, response: ServerResponse): void {
    if (request.url !== '/') return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': pagePolicy,
      'cache-control': 'no-store',
    });
    response.end(renderPage(this.holds()));
  }

  async #serveService(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = Object.values(services).find((service) => service === request.url);
    if (request.method !== 'POST' || path === undefined) return refuse(request, response, path === undefined ? 404 : 405);
    const { socket } = request;
    const peer = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
    if (!peer) return refuse(request, response, 403);
    const mishap = drawMishap(this.#behaviour);
    const { slowMs = 0 } = this.#behaviour;
    if (slowMs > 0) await wait(slowMs, undefined, { signal: this.#stopping.signal });
    if (mishap === 'unavailable') return refuse(request, response, 503);
    const answer = await this.#answer(request, path, peer, mishap === 'fault' || mishap === 'busy' ? mishap : undefined);
    if ('because' in answer) return refuse(request, response, answer.status);
    send(response, answer, mishap);
  }

  async #answer(
    request: IncomingMessage,
    path: string,
    peer: X509Certificate,
    mishap: 'fault' | 'busy' | undefined,
  ): Promise<Answer | NotReceived> {
    this.#requests += 1;
    const name = `${Date.now()}-${String(this.#requests).padStart(6, '0')}`;
    const incoming = join(this.#folder, 'incoming');
    try {
      const received = await receiveRequest(request, incoming, name);
      if ('because' in received) return received;
      return await answerRequest(received, {
        path,
        holdings: this.#holdings,
        authority: this.#authority,
        peer,
        audience: this.#options.audience ?? 'https://dmp.gouv.fr',
        now: this.#options.clock?.() ?? new Date(),
        seen: this.#seen,
        mishap,
        capture: (kind, text) => this.#capture(`${name}-${kind}.xml`, text),
      });
    } finally {
      // What was kept has been moved: what is left here was refused.
      for (const left of await readdir(incoming)) if (left.startsWith(name)) await rm(join(incoming, left), { force: true });
    }
  }

  async #capture(name: string, text: string): Promise<void> {
    if (this.#captureFolder !== undefined) await writeFile(join(this.#captureFolder, name), text);
  }
}

/** An HTTP status and nothing more; a body still on its way is not waited for. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close', 'content-length': '0' });
  response.end();
  request.resume();
}

function send(response: ServerResponse, { status, soap, isMtom }: Answer, mishap: Mishap | undefined): void {
  const { type, body } = isMtom ? inMtom(soap) : { type: 'application/soap+xml; charset=UTF-8', body: Buffer.from(soap, 'utf8') };
  response.writeHead(status, { 'content-type': type, 'content-length': String(body.length) });
  if (mishap === 'cut') response.write(body.subarray(0, body.length / 2), () => response.destroy());
  else response.end(body);
}

/** What came as MTOM is answered as MTOM: one part, nothing attached. */
function inMtom(soap: string): { readonly type: string; readonly body: Buffer } {
  const boundary = 'dmp-de-demonstration';
  const type = `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<reponse@dmp.test>"; start-info="application/soap+xml"`;
  const head = [
    `--${boundary}`,
    'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"',
    'Content-Transfer-Encoding: binary',
    'Content-ID: <reponse@dmp.test>',
  ].join('\r\n');
  return { type, body: Buffer.from(`${head}\r\n\r\n${soap}\r\n--${boundary}--\r\n`, 'utf8') };
}
