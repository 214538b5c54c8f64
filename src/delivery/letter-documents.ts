// The health documents of a letter, as facts about each recipient. Requirements 41, 42, 47 and 50.
import { findCitizens } from '../../directory/matricules.ts';
import type { ContentFacts } from '../../policies/facts.ts';
import { type Ins, parseIns } from '../core/ins.ts';
import type { Db } from '../database/tables.ts';
import type { DocumentsReading, LetterBytes } from '../mail/documents/health-document.ts';
import { readDocuments } from '../mail/documents/read-documents.ts';
import type { MimePart } from '../mail/mime-part.ts';

/** What the archives of a letter hold, and which of the persons it is about are known here: by every matricule they ever had. */
export type LetterDocuments = { readonly reading: DocumentsReading; readonly citizenIds: ReadonlyMap<Ins, number> };

/** Reads the archives of a letter that has some (archiveParts). */
export async function readLetterDocuments(db: Db, root: MimePart, bytes: LetterBytes): Promise<LetterDocuments> {
  const reading = await readDocuments(root, bytes);
  const matricules = new Set(patientsOf(reading).flatMap(({ matricule }) => parseIns(matricule) ?? []));
  return { reading, citizenIds: matricules.size > 0 ? await findCitizens(db, [...matricules]) : new Map() };
}

/**
 * What the documents say of one recipient, the gravest first. `reader` is the citizen's stable number, or the matricule of one kept by
 * another operator; absent for everyone else.
 */
export function documentsFact(documents: LetterDocuments | undefined, reader: number | Ins | undefined): ContentFacts['documents'] {
  if (!documents) return 'harmless';
  const { reading, citizenIds } = documents;
  if (reading.problem === 'hostile') return 'hostile';
  if (reading.documents.some((document) => document.isHiddenFromPatient)) return 'hidden-from-patient';
  // A matricule that nobody has here, or that is none, is somebody else's.
  const patients = patientsOf(reading).map(({ matricule }) => {
    const ins = parseIns(matricule);
    return typeof reader === 'number' ? ins && citizenIds.get(ins) : ins;
  });
  if (reader !== undefined && patients.some((patient) => patient !== reader)) return 'about-someone-else';
  return reading.problem ?? 'harmless';
}

function patientsOf({ documents }: DocumentsReading) {
  return documents.flatMap(({ patients }) => patients);
}
