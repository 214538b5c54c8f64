// ITI-57, Update Document Set (TD3.3b): a new version of an entry that differs in its confidentiality only. That the DMP takes
// changes of visibility in this form is RECALL. IHE Metadata Update supplement §3.57.
import { randomUUID } from 'node:crypto';
import { type CheckedEntry, checkEntry, checkSet } from '../check-entry.ts';
import { readSubmitted } from '../ebrim.ts';
import type { Holdings } from '../holdings.ts';
import type { RegistryError } from '../registry-errors.ts';
import type { XmlElement } from '../xml-tree.ts';

const hasMember = 'urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember';

/** Writes the new version, or says what is wrong. `request` is lcm:SubmitObjectsRequest, about the record of `matricule`. */
export function updateEntry(request: XmlElement, matricule: string, holdings: Holdings): readonly RegistryError[] {
  const submitted = readSubmitted(request);
  const broken = (context: string): readonly RegistryError[] => [{ code: 'XDSRegistryMetadataError', context }];
  const [object, another] = submitted?.entries ?? [];
  const [setObject, more] = submitted?.packages ?? [];
  if (!submitted || !object || another || !setObject || more) return broken('Not exactly one entry and one set');
  if (!submitted.sets.includes(setObject.id)) return broken('The package is no submission set');
  const entry = checkEntry(object);
  const set = checkSet(setObject);
  if (!('id' in entry)) return entry.flatMap((wrong) => broken(`Entry: ${wrong}`));
  if (!('id' in set)) return set.flatMap((wrong) => broken(`Submission set: ${wrong}`));
  if (set.patient.matricule !== matricule || entry.patient.matricule !== matricule)
    return [{ code: 'XDSPatientIdDoesNotMatch', context: 'The set, the entry and the assertion are not about one patient' }];
  const { logicalId } = object;
  if (logicalId === undefined || logicalId === object.id) return broken('An update names its entry by lid, and itself otherwise');
  const held = holdings.findEntry(logicalId);
  if (!held || held.entryUuid !== logicalId || held.matricule !== matricule)
    return [{ code: 'XDSMetadataIdentifierError', context: 'No entry of that logical id' }];
  if (!isSameDocument(entry, held)) return broken('The unique id, hash, size or patient of an entry never change');
  const member = submitted.associations.find(({ type, source, target }) => type === hasMember && source === set.id && target === object.id);
  if (member?.slots.get('SubmissionSetStatus')?.join() !== 'Original') return broken('The entry is no original member of the set');
  if (member.slots.get('PreviousVersion')?.join() !== String(held.version))
    return [{ code: 'XDSMetadataVersionError', context: 'PreviousVersion is not the version that stands' }];
  holdings.update(logicalId, { versionUuid: `urn:uuid:${randomUUID()}`, confidentiality: entry.confidentiality, text: entry.text });
  return [];
}

function isSameDocument(
  entry: CheckedEntry,
  held: { readonly uniqueId: string; readonly sha1: string; readonly sizeBytes: number },
): boolean {
  return entry.uniqueId === held.uniqueId && entry.hash === held.sha1 && entry.sizeBytes === held.sizeBytes;
}
