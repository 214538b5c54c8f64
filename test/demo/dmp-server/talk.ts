// Talks to the DMP of a test as a sender's software would: mutual TLS, MTOM, and answers read with as little as a test needs.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type DevAuthority, openDevAuthority } from '../../../certs/dev-authority.ts';
import type { Credential } from '../../../certs/issue-credential.ts';
import { dominiquePatTrois, leaMartin } from '../../../src/demo/cast.ts';
import { DmpServer, type DmpServerOptions, type DmpUrls } from '../../../src/demo/dmp-server/dmp-server.ts';
import { renderCda } from '../../../src/demo/documents/cda.ts';
import { letterOid, writeLiaisonLetter } from '../../../src/demo/documents/letter.ts';
import {
  type AssertionChoices,
  assertion,
  association,
  type ComposedDocument,
  entry,
  envelope,
  sealEntry,
  sealOf,
  submitObjects,
} from './compose.ts';

export const provideAction = 'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b';
export const signsType = 'urn:ihe:iti:2007:AssociationType:signs';
export const replacesType = 'urn:ihe:iti:2007:AssociationType:RPLC';
export const matricule = dominiquePatTrois.ins;

/** An answer as it came: the HTTP status, the whole text, and the registry's error codes. */
export type Heard = { readonly status: number; readonly text: string; readonly errors: readonly string[]; readonly isSuccess: boolean };

export type Stage = { readonly folder: string; readonly authority: DevAuthority; readonly server: Credential; readonly clinic: Credential };

/** The authority and the certificates of a test file, in a folder that the caller removes. */
export async function openStage(): Promise<Stage & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'dmp-stage-'));
  const authority = await openDevAuthority(folder);
  return {
    folder,
    authority,
    server: await authority.serverCredential('localhost'),
    clinic: await authority.peerCredential({ relayName: 'dmp.peupliers.test', structureId: '1990001018', organisation: 'Clinique' }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A DMP for one test, where the patient has an active record. */
export async function openDmp({ authority, server }: Stage, options: Partial<DmpServerOptions> = {}): Promise<DmpServer> {
  const dmp = await DmpServer.start({ credential: server, authority: authority.certificate, ...options });
  onTestFinished(() => dmp.stop());
  dmp.openRecord(matricule, 'active');
  return dmp;
}

/** A CDA of the demo, with its id. `day` tells documents apart. */
export function document(day = 1): ComposedDocument {
  const letter = writeLiaisonLetter(dominiquePatTrois, leaMartin, new Date(Date.UTC(2026, 9, day, 8)));
  return { uniqueId: letterOid(letter, 'document'), matricule, bytes: renderCda(letter) };
}

/** Sends bytes with the clinic's certificate, or without one. */
export async function post(
  stage: Stage,
  url: string,
  body: Buffer,
  contentType: string,
  credential: Credential | undefined = stage.clinic,
): Promise<Heard> {
  const agent = new Agent({ ca: stage.authority.certificate, ...(credential ? { key: credential.key, cert: credential.cert } : {}) });
  try {
    return await new Promise<Heard>((resolve, reject) => {
      const request = httpsRequest(url, { method: 'POST', agent, headers: { 'content-type': contentType, 'content-length': body.length } });
      request.on('error', reject);
      request.on('response', (response) => {
        buffer(response).then((bytes) => {
          const text = bytes.toString('utf8');
          const errors = [...text.matchAll(/errorCode="([^"]+)"/g)].map(([, code = '']) => code);
          resolve({ status: response.statusCode ?? 0, text, errors, isSuccess: text.includes('ResponseStatusType:Success') });
        }, reject);
      });
      request.end(body);
    });
  } finally {
    agent.destroy();
  }
}

/** Sends a plain SOAP request. */
export async function ask(
  stage: Stage,
  url: string,
  action: string,
  body: string,
  choices: Partial<AssertionChoices> = {},
): Promise<Heard> {
  const soap = envelope({ action, to: url, body, assertion: assertion(stage.clinic, { matricule, ...choices }) });
  return post(stage, url, Buffer.from(soap), `application/soap+xml; charset=UTF-8; action="${action}"`);
}

export type FeedChoices = {
  readonly setUniqueId?: string;
  readonly associations?: readonly string[];
  readonly assertion?: Partial<AssertionChoices>;
  readonly signer?: Credential;
  /** What is sealed, when it is not what is sent. */
  readonly sealed?: readonly { readonly uniqueId: string; readonly bytes: Buffer }[];
  readonly bendSeal?: (bytes: Buffer) => Buffer;
  /** Documents that come along without an entry, or that stay away. */
  readonly bendBody?: (body: string) => string;
  readonly credential?: Credential;
};

/** Feeds one document with its signature. */
export async function feed(
  stage: Stage,
  dmp: { readonly urls: DmpUrls },
  fed: ComposedDocument,
  choices: FeedChoices = {},
): Promise<Heard> {
  const { body, contentType } = composeFeed(stage, dmp.urls.repository, fed, choices);
  return post(stage, dmp.urls.repository, body, contentType, choices.credential);
}

/** The request of {@link feed}. */
export function composeFeed(
  stage: Stage,
  to: string,
  fed: ComposedDocument,
  choices: FeedChoices = {},
): { readonly body: Buffer; readonly contentType: string } {
  const {
    setUniqueId = newOid(),
    associations = [],
    signer = stage.clinic,
    sealed = [fed],
    bendSeal = (bytes) => bytes,
    bendBody = (text) => text,
  } = choices;
  const id = fed.id ?? 'Document01';
  const seal = bendSeal(sealOf(signer, setUniqueId, sealed));
  const submission = submitObjects({
    setUniqueId,
    matricule: fed.matricule,
    entries: [
      { id, xml: entry(fed) },
      { id: 'Signature01', xml: sealEntry(newOid(), fed.matricule, seal) },
    ],
    associations: [association(signsType, 'Signature01', 'SubmissionSet01'), ...associations],
  });
  const include = (name: string, cid: string) =>
    `<xdsb:Document id="${name}"><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:${cid}"/></xdsb:Document>`;
  const body = bendBody(
    `<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="urn:ihe:iti:xds-b:2007">${submission}${include(id, 'document@test')}${include('Signature01', 'signature@test')}</xdsb:ProvideAndRegisterDocumentSetRequest>`,
  );
  const soap = envelope({
    action: provideAction,
    to,
    body,
    assertion: assertion(stage.clinic, { matricule: fed.matricule, ...choices.assertion }),
  });
  const boundary = randomUUID();
  const part = (head: string, cid: string, bytes: Buffer) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Type: ${head}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${cid}>\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]);
  return {
    body: Buffer.concat([
      part('application/xop+xml; charset=UTF-8; type="application/soap+xml"', 'root@test', Buffer.from(soap)),
      part('text/xml', 'document@test', fed.bytes),
      part('text/xml', 'signature@test', seal),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
    contentType: `multipart/related; boundary="${boundary}"; type="application/xop+xml"; start="<root@test>"; start-info="application/soap+xml"; action="${provideAction}"`,
  };
}

/** A fresh OID. */
export function newOid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}
