// A copy reaches the national record, once whatever the number of roads, and the citizen is told elsewhere that something waits.
// Requirements 49, 50, 52 to 54, 58.

import { readCourse } from '../../delivery/ledger.ts';
import { copyWords } from '../../dmp/copy-words.ts';
import { courseOfCopies } from '../../dmp/record-documents.ts';
import { dominiquePatTrois, leaMartin, type Patient, paulDurand, ruthNessi } from '../cast.ts';
import { send } from '../clients.ts';
import type { HeldDocument } from '../dmp-server/holdings.ts';
import { type LetterChoices, letterOid, writeLiaisonLetter } from '../documents/letter.ts';
import { composeLiaisonMail } from '../documents/lettre-de-liaison.ts';
import type { World } from '../world.ts';
import { accepted, note, person, type Step, waitFor } from './step.ts';

/** The last chapter. */
export const record: readonly Step[] = [
  {
    says: 'The lettre de liaison is copied to the patient’s record; sent once more, to a colleague too, it stays one document',
    play: async (world) => {
      const writtenAt = new Date();
      const { uniqueId, words } = await sendDocument(world, dominiquePatTrois, writtenAt);
      const again = await composeLiaisonMail(leaMartin, dominiquePatTrois, writtenAt);
      accepted(await send(world.doors, person(world, leaMartin), { ...again, to: [dominiquePatTrois.address, paulDurand.address] }));
      const held = world.dmp.holds().filter((document) => document.uniqueId === uniqueId);
      if (held.length !== 1) throw new Error(`The record holds the document ${held.length} times`);
      return words;
    },
  },
  {
    says: 'A corrected letter takes the place of the first in the record, which keeps the past',
    play: async (world) => {
      const writtenAt = new Date();
      const first = await sendDocument(world, dominiquePatTrois, writtenAt);
      const replaces = writeLiaisonLetter(dominiquePatTrois, leaMartin, writtenAt);
      const corrected = await sendDocument(world, dominiquePatTrois, new Date(), { replaces });
      const [past, present] = [heldAs(world, first.uniqueId), heldAs(world, corrected.uniqueId)];
      if (past.status !== 'deprecated' || present.status !== 'approved' || present.replaces !== past.entryUuid)
        throw new Error(`The first letter is ${past.status}, the corrected one ${present.status}`);
      return `${corrected.words} The first is kept, as the version before`;
    },
  },
  {
    says: 'The document that was hidden from its patient is in the record, and hidden there too',
    play: async (world) => {
      const hidden = await waitFor('the hidden document in the record', async () =>
        world.dmp.holds().findLast(({ matricule, confidentiality }) => matricule === dominiquePatTrois.ins && confidentiality.length > 1),
      );
      if (!hidden.confidentiality.includes('INVISIBLE_PATIENT')) throw new Error('Its patient may see it');
      return `« ${hidden.title} », ${hidden.confidentiality.join(', ')}`;
    },
  },
  {
    says: 'A patient without an active record: no copy, and the doctor reads why',
    play: async (world) => {
      world.dmp.openRecord(ruthNessi.ins, 'closed');
      const { words } = await sendDocument(world, ruthNessi, new Date());
      return words;
    },
  },
  {
    says: `A letter waits for ${ruthNessi.address}: her ordinary address is told so, and nothing else`,
    play: async (world) => {
      accepted(await send(world.doors, person(world, leaMartin), note('Résultats de votre examen', ruthNessi.address)));
      const notice = await world.ordinaryMail.waitFor(({ recipients }) => recipients.includes(world.ordinaryAddress));
      const text = notice.bytes.toString('utf8');
      for (const secret of [ruthNessi.ins, ruthNessi.birthName, leaMartin.familyName, 'examen']) {
        if (text.toLowerCase().includes(secret.toLowerCase())) throw new Error('The notice says more than that something waits');
      }
      return `« ${/^Subject: (.*)$/m.exec(text)?.[1] ?? ''} » to ${world.ordinaryAddress}`;
    },
  },
];

/** A document as the record holds it. */
function heldAs({ dmp }: World, uniqueId: string): HeldDocument {
  const held = dmp.holds().find((document) => document.uniqueId === uniqueId);
  if (!held) throw new Error('The record does not hold the document');
  return held;
}

/** Sends a document to its patient, and waits until it is known what became of its copy: the words people read. */
async function sendDocument(
  world: World,
  patient: Patient,
  writtenAt: Date,
  choices: LetterChoices = {},
): Promise<{ uniqueId: string; words: string }> {
  const uniqueId = letterOid(writeLiaisonLetter(patient, leaMartin, writtenAt), 'document');
  const messageId = `<${uniqueId}@demo.test>`;
  const mail = await composeLiaisonMail(leaMartin, patient, writtenAt, choices);
  accepted(await send(world.doors, person(world, leaMartin), { ...mail, messageId }));
  const { db } = world.gateway.context.database;
  const words = await waitFor('what became of the copy', async () => {
    const [line] = await readCourse(db, { messageId });
    const [copy] = line ? await courseOfCopies(db, [line.letterId]) : [];
    return copy && copy.state !== 'waiting' ? copyWords(copy) : undefined;
  });
  return { uniqueId, words };
}
