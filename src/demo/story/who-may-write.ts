// Who may write to whom: the register of exchanges, opened, ended, reopened, blocked. Requirements 25 to 33, 35.
import { blockedPatientsFolder } from '../../../mailboxes/folder-names.ts';
import { cardiologyService, dominiquePatTrois, leaMartin, paulDurand, pharmacy, ruthNessi } from '../cast.ts';
import { openInbox, type Person, send } from '../clients.ts';
import type { World } from '../world.ts';
import { type Answer, accepted, brings, note, person, refusal, refused, type Step } from './step.ts';

/** The second chapter. */
export const whoMayWrite: readonly Step[] = [
  refusal('The patient writes to Dr Paul Durand, who never wrote to them', 550, '5.7.1', (world) =>
    asPatient(world, 'Une question', paulDurand),
  ),
  refusal('The patient writes to another patient', 550, '5.7.1', (world) => asPatient(world, 'Bonjour', ruthNessi)),
  {
    says: 'The patient writes first to the pharmacy, which agreed to it',
    play: async (world) => accepted(await asPatient(world, 'Mon ordonnance', pharmacy)),
  },
  {
    says: 'The doctor ends the exchange (X-MSS-MES: FIN): the patient’s next answer is refused',
    play: async (world) => {
      accepted(await asDoctor(world, 'Fin de notre échange', { 'X-MSS-MES': 'FIN' }));
      return refused(550, '5.7.1', await asPatient(world, 'Re: Fin de notre échange', leaMartin));
    },
  },
  {
    says: 'A later letter from the doctor reopens it, and the patient answers',
    play: async (world) => {
      accepted(await asDoctor(world, 'Vos résultats'));
      return accepted(await asPatient(world, 'Re: Vos résultats', leaMartin));
    },
  },
  {
    says: 'A letter with a Reply-To opens the service’s address; then one whose subject is [FIN] ends both',
    play: async (world) => {
      refused(550, '5.7.1', await asPatient(world, 'Avant', cardiologyService));
      const letter = { ...note('Suite de votre consultation', dominiquePatTrois.address), replyTo: cardiologyService.address };
      accepted(await send(world.doors, person(world, leaMartin), letter));
      accepted(await asPatient(world, 'Re: Suite de votre consultation', cardiologyService));
      accepted(await asDoctor(world, '[FIN]'));
      refused(550, '5.7.1', await asPatient(world, 'Encore un mot', leaMartin));
      return refused(550, '5.7.1', await asPatient(world, 'Encore un mot', cardiologyService));
    },
  },
  {
    says: `The doctor moves the patient’s letter to « ${blockedPatientsFolder} »: the patient is blocked, though the exchange is open`,
    play: async (world) => {
      accepted(await asDoctor(world, 'Votre prochain rendez-vous'));
      await brings(world, leaMartin, /^Re: Votre prochain/, async () =>
        accepted(await asPatient(world, 'Re: Votre prochain rendez-vous', leaMartin)),
      );
      await move(world, person(world, leaMartin), 'INBOX', blockedPatientsFolder);
      return refused(550, '5.7.1', await answerOnce(world, (answer) => answer !== 'accepted'));
    },
  },
  {
    says: 'Moving it out lifts the block',
    play: async (world) => {
      await move(world, person(world, leaMartin), blockedPatientsFolder, 'INBOX');
      return accepted(await answerOnce(world, (answer) => answer === 'accepted'));
    },
  },
  refusal('A citizen’s address whose INS key is wrong', 550, '5.1.3', (world) => {
    const { ins, address } = dominiquePatTrois;
    const wrong = ins.slice(0, 13) + String((Number(ins.slice(13)) % 97) + 1).padStart(2, '0');
    return send(world.doors, person(world, leaMartin), note('Bonjour', address.replace(ins, wrong)));
  }),
];

function asPatient(world: World, subject: string, to: { readonly address: string }): Promise<Answer> {
  return send(world.doors, person(world, dominiquePatTrois), note(subject, to.address));
}

function asDoctor(world: World, subject: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send(world.doors, person(world, leaMartin), { ...note(subject, dominiquePatTrois.address), headers });
}

async function move(world: World, reader: Person, from: string, to: string): Promise<void> {
  const client = await openInbox(world.doors, reader);
  try {
    if (from !== 'INBOX') await client.mailboxOpen(from);
    if (!(await client.messageMove('*', to))) throw new Error(`The letter was not moved to ${to}`);
  } finally {
    await client.logout();
  }
}

/** What is done in a mail program takes effect within a second: the patient tries until the answer is the one expected. */
async function answerOnce(world: World, isExpected: (answer: Answer) => boolean): Promise<Answer> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const answer = await asPatient(world, 'Un mot de plus', leaMartin);
    if (isExpected(answer) || Date.now() > deadline) return answer;
  }
}
