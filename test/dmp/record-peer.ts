// The other end of the wire for tests of the connector: a real HTTPS server that asks for a certificate, keeps what it hears and answers
// what it is told. It judges nothing: src/demo/dmp-server does.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { DOMParser } from '@xmldom/xmldom';
import { openDevAuthority } from '../../certs/dev-authority.ts';
import type { SigningCredential } from '../../src/dmp/signatures/credential.ts';

/** What was heard. */
export type HeardRequest = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Common name of the certificate that was shown. */
  readonly peer: string;
  /** Number of the connection it came by, from 0. */
  readonly connection: number;
};

/** Handles one request; `heard()` reads it to its end. */
export type Answerer = (request: IncomingMessage, response: ServerResponse, heard: () => Promise<HeardRequest>) => unknown;

/** Certificates of one authority, made once per test file. */
export type Certificates = {
  readonly authority: string;
  readonly server: { readonly key: string; readonly cert: string };
  readonly structure: SigningCredential;
};

/** Makes them. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'record-peer-'));
  try {
    const authority = await openDevAuthority(folder);
    const structure = await authority.structureCredential({ structureId: '1990001018', name: 'Centre hospitalier' });
    return {
      authority: authority.certificate,
      server: await authority.serverCredential('localhost'),
      structure: {
        key: structure.key,
        chain: structure.cert,
        signingKey: createPrivateKey(structure.key),
        certificate: new X509Certificate(structure.cert),
      },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A server on a free port. */
export async function openRecordPeer({ authority, server: credential }: Certificates, answer: Answerer) {
  const requests: HeardRequest[] = [];
  const connections = new Map<unknown, number>();
  let answering = answer;
  const server = createServer({ ...credential, ca: authority, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    const heard = async (): Promise<HeardRequest> => {
      const body = await buffer(request);
      const socket = request.socket as TLSSocket;
      if (!connections.has(socket)) connections.set(socket, connections.size);
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body,
        peer: String(socket.getPeerCertificate().subject.CN),
        connection: connections.get(socket) ?? 0,
      };
      requests.push(one);
      return one;
    };
    Promise.resolve(answering(request, response, heard)).catch(() => request.socket.destroy());
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path: string) => `https://localhost:${port}${path}`,
    port,
    requests,
    /** From now on. */
    answerWith: (next: Answerer) => {
      answering = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An answer in its envelope, as an operator of the record would write it. */
export function envelope(body: string, header = ''): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
    'xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" ' +
    'xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">' +
    `<s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  );
}

/** A RegistryResponse with these error codes, or a success. */
export function registryResponse(...codes: readonly string[]): string {
  const errors = codes.map(
    (code) =>
      `<rs:RegistryError errorCode="${code}" codeContext="about GALET" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"/>`,
  );
  const status = `urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:${codes.length > 0 ? 'Failure' : 'Success'}`;
  const list = codes.length > 0 ? `<rs:RegistryErrorList>${errors.join('')}</rs:RegistryErrorList>` : '';
  return envelope(`<rs:RegistryResponse status="${status}">${list}</rs:RegistryResponse>`);
}

/** Sends an envelope. */
export function reply(response: ServerResponse, xml: string, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/soap+xml; charset=UTF-8' }).end(xml);
}

/** The parts of an MTOM package by content id, in their order; cut by hand so that no reader of ours forgives itself. */
export function partsOf({ headers, body }: Pick<HeardRequest, 'headers' | 'body'>): Map<string, { head: string; content: Buffer }> {
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  const text = body.toString('latin1');
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`);
  if (pieces.shift() !== '' || pieces.pop() !== '--\r\n') throw new Error('Not a package');
  return new Map(
    pieces.map((piece) => {
      const end = piece.indexOf('\r\n\r\n');
      const head = piece.slice(2, end);
      const id = /^Content-ID: <([^>]+)>$/m.exec(head.replaceAll('\r', ''))?.[1] ?? '';
      return [id, { head, content: Buffer.from(piece.slice(end + 4), 'latin1') }];
    }),
  );
}

/** The envelope of a request, whether it stands alone or is the root of a package. */
export function envelopeOf(heard: Pick<HeardRequest, 'headers' | 'body'>): string {
  if (!heard.headers['content-type']?.startsWith('multipart/')) return heard.body.toString();
  const start = /start="<([^>]+)>"/.exec(heard.headers['content-type'])?.[1] ?? '';
  const [first] = partsOf(heard);
  if (first?.[0] !== start) throw new Error('The root is not the first part');
  return first[1].content.toString();
}

/** Parsed by another reader than ours. */
export function parsed(xml: string): Document {
  return new DOMParser({
    errorHandler: (level: string, message: string) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(xml, 'application/xml');
}

/** Every element of that local name. */
export function elements(within: Document | Element, name: string): Element[] {
  return Array.from(within.getElementsByTagNameNS('*', name));
}
