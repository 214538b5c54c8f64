// Which health documents of a letter are to be copied into the national record: those about a citizen the letter is for, and those that
// the sender's software flags (X-MSS-DMP: O). Pure. Requirements 49 and 52; domain.md §6.
import { domainOf, localPart } from '../core/address.ts';
import { type Ins, parseIns } from '../core/ins.ts';
import { isUniqueId } from '../dmp/record-documents.ts';
import { hasQualifiedIns } from '../mail/documents/compare-mss-headers.ts';
import type { HealthDocument } from '../mail/documents/health-document.ts';
import { isHosted, type PartyRules } from './parties.ts';
import type { Judged, TakenLetter } from './taken-letter.ts';
import { courseOf } from './write-courses.ts';

/** A document to copy. */
export type WantedCopy = {
  readonly letter: TakenLetter;
  readonly uniqueId: string;
  /** Counted from 1, in the order of the letter. */
  readonly place: number;
  /** The patient, when they are known here. */
  readonly citizenId: number | undefined;
  /** Beyond what one letter may ask for. */
  readonly isTooMany: boolean;
};

/** Copies of one letter: each reads the letter again, and no honest letter has as many documents. */
const maxCopies = 50;

/** The copies that a letter owes; `judged` are all its recipients. None when no copies are made, or for an automatic letter. */
export function wantedCopies(rules: PartyRules, letter: TakenLetter, judged: readonly Judged[]): WantedCopy[] {
  const { documents, heading, blob } = letter;
  if (!documents || !blob || heading.automation === 'answer' || !isSenderCopied(rules, letter, judged)) return [];
  if (!judged.some(isOnItsWay)) return [];
  // Of a letter that may be about somebody else, what its sender asks for waits for the person who decides; its own patient does not.
  const readers = heading.isForRecord && !judged.some(isDoubtful) ? undefined : readersOf(rules, letter, judged);
  const copies = documents.reading.documents.flatMap((document, at) => {
    const { uniqueId, codeOfCda } = document;
    if (uniqueId === undefined || codeOfCda === undefined || !isUniqueId(uniqueId)) return [];
    const ins = onlyPatient(document);
    const citizenId = ins && documents.citizenIds.get(ins);
    // What software flags is tried whatever it lacks: its sender hears what is missing.
    const isWanted = !readers || (ins && hasQualifiedIns(document) && (readers.has(ins) || (citizenId && readers.has(citizenId))));
    return isWanted ? [{ letter, uniqueId, place: at + 1, citizenId }] : [];
  });
  return copies.map((copy, at) => ({ ...copy, isTooMany: at >= maxCopies }));
}

/** Professionals here, and those of other operators when the operator wants it; of a letter that a person released, its own sender counts. */
function isSenderCopied({ policies, domains }: PartyRules, { arrival }: TakenLetter, judged: readonly Judged[]): boolean {
  if (!policies.record || arrival.sender === null) return false;
  if (arrival.door === 'submission') return judged.some(({ known }) => known.facts.sender.kind === 'professional');
  if (domainOf(arrival.sender) === policies.remoteCitizens.domain || domainOf(arrival.sender) === domains.citizens) return false;
  return isHosted(domains, arrival.sender) || policies.record.copyReceived;
}

/** The letter goes somewhere, or is held for what the record keeps masked as well. */
function isOnItsWay(one: Judged): boolean {
  const course = courseOf(one);
  return course === 'placed' || course === 'sent-outside' || isHeldAsHidden(one);
}

/** Held because it may be about somebody else, or cannot be read. */
function isDoubtful(one: Judged): boolean {
  return one.verdict.do === 'hold' && !isHeldAsHidden(one);
}

function isHeldAsHidden({ verdict }: Judged): boolean {
  return verdict.do === 'hold' && verdict.code === 'document-hidden-from-patient';
}

/** The citizens the letter is for: by their number here, or by their matricule when another operator keeps them and the letter leaves from here. */
function readersOf({ domains }: PartyRules, { arrival }: TakenLetter, judged: readonly Judged[]): ReadonlySet<number | Ins> {
  const isFromHere = arrival.sender !== null && isHosted(domains, arrival.sender);
  return new Set(
    judged.filter(isOnItsWay).flatMap(({ known, recipient }): (number | Ins)[] => {
      if (known.receivingCitizen) return [known.receivingCitizen.citizenId];
      const ins = parseIns(localPart(recipient.address));
      return isFromHere && known.facts.recipient.kind === 'citizen-elsewhere' && ins ? [ins] : [];
    }),
  );
}

/** The one person a document is about. */
function onlyPatient({ patients }: HealthDocument): Ins | undefined {
  const [only, ...others] = patients;
  return only && others.length === 0 ? parseIns(only.matricule) : undefined;
}
