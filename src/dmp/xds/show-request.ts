// TD3.3b: the entry of a document anew, without the mask that hides it from its patient. ITI-57, ITI TF-2 §3.57. Requirement 51.
// That the DMP takes a whole new version of the entry is RECALL. Every other mask the registry holds today stays: somebody may have set it since.
import type { Config } from '../../config/schema.ts';
import { derivedId } from '../../core/derived-id.ts';
import type { EntryToShow } from '../connector.ts';
import { confidentialityLevels, invisibleToPatient } from '../value-sets/confidentiality.ts';
import type { Xml } from '../xml-text.ts';
import { entryObject } from './entry-object.ts';
import type { HeldEntry } from './find-entry.ts';
import { oidOfUuid } from './signature-entry.ts';
import { memberOfSet, setObject, submitObjectsRequest } from './submission-set.ts';

/** True while the registry hides the document from its patient. */
export function isHidden({ confidentiality }: HeldEntry): boolean {
  return confidentiality.some(({ code }) => code === invisibleToPatient);
}

/** The request that shows it. */
export function showRequest(
  { entry, now }: EntryToShow,
  held: HeldEntry,
  { structure, sourceOid }: Pick<Config['dmp'], 'structure' | 'sourceOid'>,
): Xml {
  const { confidentiality, ...facts } = held;
  const staying = confidentiality.filter(({ code }) => code !== invisibleToPatient);
  const shown = { ...entry, confidentiality: staying.length > 0 ? staying : confidentialityLevels.slice(0, 1) };
  const id = 'document';
  // The id of the set follows from what it changes: the same change asked twice is the same set.
  const uniqueId = oidOfUuid(derivedId(['record-show', held.logicalId, held.versionName]));
  return submitObjectsRequest([
    setObject({ uniqueId, entry, now, structure, sourceOid }),
    entryObject(shown, { id, ...facts }),
    memberOfSet('member-document', id, held.versionName),
  ]);
}
