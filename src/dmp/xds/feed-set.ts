// TD2 and TD2.1: a submission set with one document and the signature of the set, brought to the repository. ITI-41, ITI TF-2 §3.41.
// Requirements 49, 53, 54.
import { createHash } from 'node:crypto';
import type { Config } from '../../config/schema.ts';
import { derivedId } from '../../core/derived-id.ts';
import type { Submission } from '../connector.ts';
import type { SigningCredential } from '../signatures/credential.ts';
import { signSubmission } from '../signatures/sign-submission.ts';
import { element, type Xml } from '../xml-text.ts';
import { type EntryFacts, entryObject } from './entry-object.ts';
import { associationType, namespaces } from './registry-names.ts';
import { association } from './registry-objects.ts';
import type { BinaryPart } from './request-body.ts';
import { oidOfUuid, signatureEntry, signatureUuid } from './signature-entry.ts';
import { memberOfSet, setId, setObject, submitObjectsRequest, submitterOf } from './submission-set.ts';

/** The name a document's entry is given in the registry: the same whenever and wherever it is fed from here. */
export function entryUuidOf(uniqueId: string): string {
  return `urn:uuid:${derivedId(['record-entry', uniqueId])}`;
}

/** A request to the repository: what the envelope says, and the documents beside it. */
export type SetRequest = { readonly body: Xml; readonly parts: readonly BinaryPart[] };

const documentPart = 'document.cda';
const signaturePart = 'document.signature';

/** Who feeds. */
export type Feeder = {
  readonly structure: Config['dmp']['structure'];
  readonly sourceOid: string;
  readonly credential: SigningCredential;
};

/** The set of a submission. */
export function setRequest({ setUniqueId, document, now }: Submission, { structure, sourceOid, credential }: Feeder): SetRequest {
  const { entry } = document;
  const uuid = signatureUuid(setUniqueId, now);
  const signature = signSubmission(credential, {
    id: `_${uuid}`,
    now,
    setUniqueId,
    documents: [{ uniqueId: entry.uniqueId, sha256: document.sha256 }],
  });
  const entryId = entryUuidOf(entry.uniqueId);
  const signatureId = `urn:uuid:${uuid}`;
  const objects = [
    setObject({ uniqueId: setUniqueId, entry, now, structure, sourceOid }),
    entryObject(entry, bytesFacts(entryId, document.sha1, document.sizeBytes)),
    entryObject(
      signatureEntry(entry, oidOfUuid(uuid), submitterOf(entry, structure), now),
      bytesFacts(signatureId, createHash('sha1').update(signature).digest(), signature.length),
    ),
    memberOfSet('member-document', entryId),
    memberOfSet('member-signature', signatureId),
    association('signs', associationType.signs, signatureId, setId),
    ...(document.replaces ? [association('replaces', associationType.replaces, entryId, document.replaces.entryUuid)] : []),
  ];
  const body = element('xdsb:ProvideAndRegisterDocumentSetRequest', { 'xmlns:xdsb': namespaces.xdsb }, [
    submitObjectsRequest(objects),
    included(entryId, documentPart),
    included(signatureId, signaturePart),
  ]);
  const parts = [
    { name: documentPart, contentType: 'text/xml', sizeBytes: document.sizeBytes, open: () => document.open() },
    { name: signaturePart, contentType: 'text/xml', sizeBytes: signature.length, open: () => once(signature) },
  ];
  return { body, parts };
}

function bytesFacts(id: string, sha1: Buffer, sizeBytes: number): EntryFacts {
  return { id, hash: sha1.toString('hex'), size: String(sizeBytes) };
}

/** A document of the set, whose bytes are another part of the package. */
function included(entryId: string, part: string): Xml {
  return element('xdsb:Document', { id: entryId }, [element('xop:Include', { 'xmlns:xop': namespaces.include, href: `cid:${part}` })]);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
