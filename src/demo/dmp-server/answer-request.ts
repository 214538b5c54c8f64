// One request on one service: envelope, assertion, transaction, answer. What is refused before the transaction is a SOAP fault; what the
// registry refuses is an answer of its own.
import type { X509Certificate } from 'node:crypto';
import type { XmlFragment } from '../documents/xml.ts';
import { type AssertionTrust, checkAssertion } from './check-assertion.ts';
import { lcmNs } from './ebrim.ts';
import type { Holdings } from './holdings.ts';
import type { ReceivedRequest } from './receive-request.ts';
import { queryResponse, type RegistryError, registryResponse } from './registry-errors.ts';
import { type Envelope, type Fault, faultStatus, readEnvelope, writeEnvelope, writeFault } from './soap.ts';
import { findDocuments } from './transactions/find-documents.ts';
import { patientStatus } from './transactions/patient-status.ts';
import { provideDocuments } from './transactions/provide-documents.ts';
import { updateEntry } from './transactions/update-entry.ts';

/** The services, each at its path. */
export const services = {
  repository: '/si-dmp-server/v2/services/repository',
  status: '/si-dmp-server/v2/services/patients',
  registry: '/si-dmp-server/v2/services/registry',
} as const;

type Transaction = { readonly path: string; readonly action: string; readonly root: string; readonly answer: string };

const transactions = {
  provide: {
    path: services.repository,
    action: 'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b',
    root: '{urn:ihe:iti:xds-b:2007}ProvideAndRegisterDocumentSetRequest',
    answer: 'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse',
  },
  find: {
    path: services.registry,
    action: 'urn:ihe:iti:2007:RegistryStoredQuery',
    root: '{urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0}AdhocQueryRequest',
    answer: 'urn:ihe:iti:2007:RegistryStoredQueryResponse',
  },
  update: {
    path: services.registry,
    action: 'urn:ihe:iti:2010:UpdateDocumentSet',
    root: `{${lcmNs}}SubmitObjectsRequest`,
    answer: 'urn:ihe:iti:2010:UpdateDocumentSetResponse',
  },
  status: {
    path: services.status,
    action: 'urn:hl7-org:v3:PRPA_IN201307UV02',
    root: '{urn:hl7-org:v3}PRPA_IN201307UV02',
    answer: 'urn:hl7-org:v3:PRPA_IN201308UV02',
  },
} as const satisfies Record<string, Transaction>;

/** Which transaction a request turned out to be; a file name for what is captured. */
export type TransactionName = keyof typeof transactions;

/** What answering needs. */
export type AnswerContext = {
  readonly path: string;
  readonly holdings: Holdings;
  readonly authority: X509Certificate;
  readonly peer: X509Certificate;
  readonly audience: string;
  readonly now: Date;
  readonly seen: AssertionTrust['seen'];
  /** A mishap that lets the request through, up to the registry. */
  readonly mishap: 'fault' | 'busy' | undefined;
  readonly capture: (kind: string, text: string) => Promise<void>;
};

/** An answer: its HTTP status, and whether it travels as MTOM as its request did. */
export type Answer = { readonly status: 200 | 400 | 500; readonly soap: string; readonly isMtom: boolean };

/** Answers the request. */
export async function answerRequest(received: ReceivedRequest, context: AnswerContext): Promise<Answer> {
  const envelope = readEnvelope(received.soap, received.action, context.path);
  if ('fault' in envelope) return faultAnswer(envelope, undefined);
  const name = transactionOf(envelope, context.path);
  await context.capture(name ?? 'unknown', received.soap);
  const refuse = (fault: Fault) => faultAnswer(fault, envelope.messageId);
  if (!name) return refuse({ fault: 'Sender', subcode: 'wsa:ActionNotSupported', reason: 'No such transaction here' });
  if (received.isMtom !== (name === 'provide')) return refuse({ fault: 'Sender', reason: 'MTOM is for documents, and documents for MTOM' });
  const session = checkAssertion(received.soap, envelope.security, context);
  if ('fault' in session) return refuse(session);
  if (context.mishap === 'fault') return refuse({ fault: 'Receiver', reason: 'Out of order, on demand' });
  const body = context.mishap === 'busy' ? busy(name) : await carryOut(name, envelope, received, context, session);
  if (body === undefined) return refuse({ fault: 'Receiver', reason: 'Busy, on demand' });
  if (typeof body === 'string') return refuse({ fault: 'Sender', reason: body });
  return { status: 200, soap: writeEnvelope(transactions[name].answer, envelope.messageId, body), isMtom: received.isMtom };
}

function faultAnswer(fault: Fault, relatesTo: string | undefined): Answer {
  return { status: faultStatus(fault), soap: writeFault(fault, relatesTo), isMtom: false };
}

function transactionOf({ action, body }: Envelope, path: string): TransactionName | undefined {
  const root = `{${body.uri}}${body.local}`;
  return (Object.keys(transactions) as TransactionName[]).find((name) => {
    const transaction: Transaction = transactions[name];
    return transaction.path === path && transaction.action === action && transaction.root === root;
  });
}

/** The registry's own word for it; the status service has none and answers a fault. */
function busy(name: TransactionName): XmlFragment | undefined {
  const error: RegistryError = { code: name === 'provide' ? 'XDSRepositoryBusy' : 'XDSRegistryBusy', context: 'Busy, on demand' };
  if (name === 'status') return undefined;
  return name === 'find' ? queryResponse([], [error]) : registryResponse([error]);
}

async function carryOut(
  name: TransactionName,
  { body }: Envelope,
  { parts }: ReceivedRequest,
  context: AnswerContext,
  { matricule, structureId }: { readonly matricule: string; readonly structureId: string },
): Promise<XmlFragment | string> {
  const { holdings, now, authority, capture } = context;
  switch (name) {
    case 'provide':
      return registryResponse(
        await provideDocuments(body, { holdings, parts, matricule, structureId, trust: { authority, now }, capture }),
      );
    case 'find':
      return findDocuments(body, matricule, holdings);
    case 'update':
      return registryResponse(updateEntry(body, matricule, holdings));
    case 'status':
      return patientStatus(body, matricule, holdings, now);
  }
}
