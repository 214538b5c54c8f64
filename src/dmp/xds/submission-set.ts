// A submission set: who sends what to the registry in one go, and the request that wraps it. ITI TF-3 §4.2.3.3, ITI TF-2 §3.42.4.1.
import type { Config } from '../../config/schema.ts';
import type { DocumentAuthor, DocumentEntry } from '../document-entry.ts';
import { dtm, patientCx, structuresOid } from '../hl7-values.ts';
import { facilityTypes, sectorSystem } from '../value-sets/settings-of-care.ts';
import { element, type Xml } from '../xml-text.ts';
import { associationType, namespaces, setIdentifier, setNode, setScheme } from './registry-names.ts';
import { association, ObjectPieces, slot } from './registry-objects.ts';

/** The set's name inside its request. */
export const setId = 'submission-set';

/** What a set says. */
export type SetFacts = {
  /** OID of the set. */
  readonly uniqueId: string;
  readonly entry: DocumentEntry;
  readonly now: Date;
  readonly structure: Config['dmp']['structure'];
  readonly sourceOid: string;
};

/**
 * Who answers for the sending: the first of the document's authors whom the nation knows, else its legal authenticator. On behalf of
 * the structure that the certificate names, whatever place the document was written in.
 */
export function submitterOf({ authors, legalAuthenticator }: DocumentEntry, structure: Config['dmp']['structure']): DocumentAuthor {
  const known = authors.find((author) => author.id !== undefined) ?? legalAuthenticator;
  return { ...known, institution: { id: { extension: structure.id, root: structuresOid }, name: structure.name } };
}

/** The set itself. Its type of content is the structure's sector of activity, of value set J03 through TRE_R02 (CONFIRMED-P, NOS). */
export function setObject({ uniqueId, entry, now, structure, sourceOid }: SetFacts): Xml {
  const pieces = new ObjectPieces(setId);
  const sector = facilityTypes.get(structure.sector) ?? { code: structure.sector, system: sectorSystem, display: structure.sector };
  return element('rim:RegistryPackage', { id: setId, status: 'urn:oasis:names:tc:ebxml-regrep:StatusType:Approved' }, [
    slot('submissionTime', [dtm(now)]),
    pieces.node(setNode),
    pieces.author(setScheme.author, submitterOf(entry, structure)),
    pieces.code(setScheme.contentType, sector),
    pieces.identifier(setIdentifier.uniqueId, 'XDSSubmissionSet.uniqueId', uniqueId),
    pieces.identifier(setIdentifier.sourceId, 'XDSSubmissionSet.sourceId', sourceOid),
    pieces.identifier(setIdentifier.patientId, 'XDSSubmissionSet.patientId', patientCx(entry.patient)),
  ]);
}

/** The set brings an object in. `previousVersion` when the object takes the place of that version of itself. */
export function memberOfSet(id: string, objectId: string, previousVersion?: string): Xml {
  const slots = [slot('SubmissionSetStatus', ['Original'])];
  if (previousVersion !== undefined) slots.push(slot('PreviousVersion', [previousVersion]));
  return association(id, associationType.hasMember, setId, objectId, slots);
}

/** What is asked of the registry. */
export function submitObjectsRequest(objects: readonly Xml[]): Xml {
  return element('lcm:SubmitObjectsRequest', { 'xmlns:lcm': namespaces.lcm, 'xmlns:rim': namespaces.rim }, [
    element('rim:RegistryObjectList', {}, objects),
  ]);
}
