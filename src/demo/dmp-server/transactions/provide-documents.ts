// ITI-41, Provide and Register Document Set-b (TD2, TD2.1): the set, its entries and its documents are checked against each other and
// against what the registry holds, then kept all together or not at all. IHE ITI TF-2 §3.41, TF-3 §4.2.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type CheckedEntry, type CheckedSet, checkEntry, checkSet } from '../check-entry.ts';
import { checkSubmissionSignature } from '../check-signature.ts';
import { type Association, lcmNs, readSubmitted, type Submitted } from '../ebrim.ts';
import type { Holdings, NewDocument } from '../holdings.ts';
import { readCdaHeader } from '../read-cda.ts';
import type { ReceivedPart } from '../receive-request.ts';
import type { RegistryError } from '../registry-errors.ts';
import type { Trust } from '../verify-signature.ts';
import { attributeOf, childrenOf, onlyChild, type XmlElement } from '../xml-tree.ts';

const xdsbNs = 'urn:ihe:iti:xds-b:2007';
const xopNs = 'http://www.w3.org/2004/08/xop/include';
const hasMember = 'urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember';
const replaces = 'urn:ihe:iti:2007:AssociationType:RPLC';
const signs = 'urn:ihe:iti:2007:AssociationType:signs';
const entryUuidShape = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a submission is held against. */
export type ProvideContext = {
  readonly holdings: Holdings;
  readonly parts: ReadonlyMap<string, ReceivedPart>;
  /** The record the assertion opens, and the structure it speaks for. */
  readonly matricule: string;
  readonly structureId: string;
  readonly trust: Trust;
  /** Where the signature is copied, when requests are captured. */
  readonly capture: (kind: string, text: string) => Promise<void>;
};

type Offered = CheckedEntry & { readonly part: ReceivedPart };

/** Takes the set, or says what is wrong with it. */
export async function provideDocuments(request: XmlElement, context: ProvideContext): Promise<readonly RegistryError[]> {
  const submitted = readSubmitted(onlyChild(request, lcmNs, 'SubmitObjectsRequest'));
  if (!submitted) return [broken('No registry objects')];
  const { set, entries, errors } = readSet(submitted, offeredParts(request, context.parts));
  if (errors.length > 0 || !set) return errors;
  const others = entries.filter((entry) => entry.patient.matricule !== set.patient.matricule || entry.patient.oid !== set.patient.oid);
  if (others.length > 0 || set.patient.matricule !== context.matricule)
    return [{ code: 'XDSPatientIdDoesNotMatch', context: 'The set, its entries and the assertion are not about one patient' }];
  const contents = [
    ...entries.flatMap(checkBytes),
    ...(await checkContents(entries)),
    ...(await checkSeal(set, entries, submitted, context)),
  ];
  if (contents.length > 0) return contents;
  // From here to keep() nothing is awaited: what was checked is still so.
  const refusals = [...checkPatient(set, context.holdings), ...checkKnown(set, entries, context.holdings)];
  const targets = readReplacements(submitted.associations, entries, context.holdings);
  if (refusals.length > 0) return refusals;
  if ('code' in targets) return [targets];
  context.holdings.keep(
    set.uniqueId,
    entries.map((entry) => asKept(entry, targets)),
  );
  return [];
}

function broken(context: string, location?: string): RegistryError {
  return { code: 'XDSRegistryMetadataError', context, ...(location === undefined ? {} : { location }) };
}

/** The document of each entry id: xdsb:Document with an xop:Include that names a part. */
function offeredParts(request: XmlElement, parts: ReadonlyMap<string, ReceivedPart>): ReadonlyMap<string, ReceivedPart | undefined> {
  return new Map(
    childrenOf(request, xdsbNs, 'Document').map((document) => {
      const href = attributeOf(onlyChild(document, xopNs, 'Include'), 'href') ?? '';
      const contentId = href.startsWith('cid:') ? decodeURIComponent(href.slice('cid:'.length)) : '';
      return [attributeOf(document, 'id') ?? '', parts.get(contentId)];
    }),
  );
}

function readSet(
  submitted: Submitted,
  parts: ReadonlyMap<string, ReceivedPart | undefined>,
): { readonly set: CheckedSet | undefined; readonly entries: readonly Offered[]; readonly errors: readonly RegistryError[] } {
  const errors: RegistryError[] = [];
  const entries: Offered[] = [];
  const [setObject, another] = submitted.packages.filter(({ id }) => submitted.sets.includes(id));
  if (!setObject || another) return { set: undefined, entries, errors: [broken('Not exactly one submission set')] };
  const set = checkSet(setObject);
  if (!('id' in set)) errors.push(...set.map((wrong) => broken(`Submission set: ${wrong}`, setObject.id)));
  for (const object of submitted.entries) {
    const entry = checkEntry(object);
    const part = parts.get(object.id);
    if (!part) errors.push({ code: 'XDSMissingDocument', context: 'No document for an entry', location: object.id });
    if (object.logicalId !== undefined && object.logicalId !== object.id)
      errors.push(broken('A first version has its own logical id', object.id));
    if (!isMember(submitted.associations, setObject.id, object.id))
      errors.push(broken('An entry is no original member of the set', object.id));
    if (!('id' in entry)) errors.push(...entry.map((wrong) => broken(`Entry: ${wrong}`, object.id)));
    else if (part) entries.push({ ...entry, part });
  }
  const known = new Set(submitted.entries.map(({ id }) => id));
  for (const [id] of parts)
    if (!known.has(id)) errors.push({ code: 'XDSMissingDocumentMetadata', context: 'A document without an entry', location: id });
  const ids = [...submitted.packages, ...submitted.entries].map(({ id }) => id);
  if (new Set(ids).size < ids.length) errors.push(broken('Two objects of one id'));
  if (new Set(entries.map(({ uniqueId }) => uniqueId)).size < entries.length)
    errors.push({ code: 'XDSRegistryDuplicateUniqueIdInMessage', context: 'Two entries of one unique id' });
  if (!entries.some(({ isSignature }) => !isSignature) && errors.length === 0) errors.push(broken('No document'));
  return { set: 'id' in set ? set : undefined, entries, errors };
}

function isMember(associations: readonly Association[], set: string, entry: string): boolean {
  return associations.some(
    ({ type, source, target, slots }) =>
      type === hasMember && source === set && target === entry && slots.get('SubmissionSetStatus')?.join() === 'Original',
  );
}

/** Hash and size are those of the bytes that came. */
function checkBytes({ id, hash, sizeBytes, part }: Offered): readonly RegistryError[] {
  const wrong = [...(hash === part.sha1 ? [] : ['hash']), ...(sizeBytes === part.sizeBytes ? [] : ['size'])];
  return wrong.map((name) => ({ code: 'XDSRepositoryMetadataError', context: `${name} is not that of the document`, location: id }));
}

/** A document says itself whom it is about and what it is called. Requirement 49. */
async function checkContents(entries: readonly Offered[]): Promise<readonly RegistryError[]> {
  const errors: RegistryError[] = [];
  for (const { id, uniqueId, patient, part, isSignature } of entries) {
    if (isSignature) continue;
    const header = await readCdaHeader(part.file);
    const content = (context: string) => errors.push({ code: 'InvalidDocumentContent', context, location: id });
    if (!header) content('Not a CDA');
    else if (header.uniqueId !== uniqueId) content('The CDA has another id');
    else if (!header.patients.some(({ oid, matricule }) => oid === patient.oid && matricule === patient.matricule))
      content('The CDA is about another patient');
  }
  return errors;
}

/** One signature, of the set, over every document of it. */
async function checkSeal(
  set: CheckedSet,
  entries: readonly Offered[],
  submitted: Submitted,
  context: ProvideContext,
): Promise<readonly RegistryError[]> {
  const [signature, another] = entries.filter(({ isSignature }) => isSignature);
  if (!signature || another) return [broken('Not exactly one signature of the set')];
  const documents = entries.filter((entry) => entry !== signature);
  const signed = submitted.associations.filter(({ type, source }) => type === signs && source === signature.id).map(({ target }) => target);
  const isAttached = signed.includes(set.id) || documents.every(({ id }) => signed.includes(id));
  if (!isAttached) return [broken('The signature is attached to nothing', signature.id)];
  const text = await readFile(signature.part.file, 'utf8');
  await context.capture('signature', text);
  const sealed = {
    setUniqueId: set.uniqueId,
    documents: documents.map(({ uniqueId, part }) => ({ uniqueId, sha256: part.sha256 })),
    structureId: context.structureId,
  };
  const problem = checkSubmissionSignature(text, sealed, context.trust);
  return problem === undefined ? [] : [{ code: 'XDSRepositoryMetadataError', context: `Signature: ${problem}`, location: signature.id }];
}

function checkPatient(set: CheckedSet, holdings: Holdings): readonly RegistryError[] {
  const status = holdings.statusOf(set.patient.matricule);
  return status === 'active' ? [] : [{ code: 'XDSUnknownPatientId', context: status === 'closed' ? 'The record is closed' : 'No record' }];
}

/** The registry takes no unique id twice: neither a document's nor a set's. */
function checkKnown(set: CheckedSet, entries: readonly Offered[], holdings: Holdings): readonly RegistryError[] {
  const duplicate = (context: string, location: string): RegistryError => ({ code: 'XDSDuplicateUniqueIdInRegistry', context, location });
  const errors: RegistryError[] = [];
  const again: string[] = [];
  for (const { id, uniqueId, part } of entries) {
    const held = holdings.find(uniqueId);
    const namesake = holdings.findEntry(id);
    if (namesake && namesake.uniqueId !== uniqueId) errors.push(broken('The name of another entry', id));
    if (!held) continue;
    again.push(uniqueId);
    if (held.sha1 === part.sha1) errors.push(duplicate(uniqueId, id));
    else errors.push({ code: 'XDSNonIdenticalHash', context: uniqueId, location: id });
  }
  if (again.length > 0) holdings.countOffered(again);
  if (holdings.hasSet(set.uniqueId)) errors.push(duplicate(set.uniqueId, set.id));
  return errors;
}

/** For each entry id the entry it replaces, all of them approved and about the same patient; or why not. Requirement 53. */
function readReplacements(
  associations: readonly Association[],
  entries: readonly Offered[],
  holdings: Holdings,
): ReadonlyMap<string, string> | RegistryError {
  const targets = new Map<string, string>();
  for (const { source, target } of associations.filter(({ type }) => type === replaces)) {
    const entry = entries.find(({ id }) => id === source);
    const old = holdings.findEntry(target);
    if (!entry || targets.has(source)) return broken('A replacement starts at no document of the set, or twice', source);
    if (!old) return { code: 'UnresolvedReferenceException', context: 'The replaced document is not known', location: target };
    if (old.matricule !== entry.patient.matricule)
      return { code: 'XDSPatientIdDoesNotMatch', context: 'The replaced document is of another patient', location: target };
    // Each version has a name of its own, and only the one that stands can be replaced.
    if (old.status !== 'approved' || old.versionUuid !== target)
      return { code: 'XDSReplaceFailed', context: 'The replaced document is not approved', location: target };
    targets.set(source, old.entryUuid);
  }
  return targets;
}

function asKept(entry: Offered, targets: ReadonlyMap<string, string>): NewDocument {
  const replaced = targets.get(entry.id);
  return {
    uniqueId: entry.uniqueId,
    // A symbolic id is the sender's own: the registry gives the entry its name.
    entryUuid: entryUuidShape.test(entry.id) ? entry.id : `urn:uuid:${randomUUID()}`,
    matricule: entry.patient.matricule,
    title: entry.title,
    ...(replaced === undefined ? {} : { replaces: replaced }),
    confidentiality: entry.confidentiality,
    sizeBytes: entry.sizeBytes,
    sha1: entry.hash,
    isSignature: entry.isSignature,
    text: entry.text,
    file: entry.part.file,
  };
}
