// A professional writes to a patient, who is told at once and answers. Requirements 26, 34.
import { dominiquePatTrois, leaMartin } from '../cast.ts';
import { openInbox, readNewest, send, toldOfArrival } from '../clients.ts';
import { composeLiaisonMail } from '../documents/lettre-de-liaison.ts';
import { accepted, brings, note, person, type Step, says } from './step.ts';

/** The first chapter. */
export const firstLetters: readonly Step[] = [
  {
    says: `Dr Léa Martin sends a lettre de liaison to ${dominiquePatTrois.address}`,
    play: async (world) =>
      accepted(await send(world.doors, person(world, leaMartin), await composeLiaisonMail(leaMartin, dominiquePatTrois, new Date()))),
  },
  {
    says: 'A patient waiting in IDLE is told of a letter within a second, and INBOX has it',
    play: async (world) => {
      const inbox = await openInbox(world.doors, person(world, dominiquePatTrois));
      try {
        const known = inbox.mailbox ? inbox.mailbox.exists : 0;
        if (known === 0) throw new Error('The lettre de liaison is not in the INBOX');
        const told = toldOfArrival(inbox, known);
        accepted(await send(world.doors, person(world, leaMartin), note('Rendez-vous de contrôle', dominiquePatTrois.address)));
        const answeredAt = performance.now();
        await told;
        const tookMs = performance.now() - answeredAt;
        if (tookMs > 1000) throw new Error(`The patient was told after ${Math.round(tookMs)} ms`);
        const letter = await readNewest(inbox);
        if (letter.subject !== 'Rendez-vous de contrôle') throw new Error('Another letter is the newest');
        return `told ${Math.max(0, tookMs).toFixed(0)} ms after the 250`;
      } finally {
        await inbox.logout();
      }
    },
  },
  {
    says: 'The patient answers: the doctor reads who it is from, and the patient is reminded that no delay of reading is promised',
    play: async (world) => {
      const from = { name: 'Quelqu’un d’autre', address: dominiquePatTrois.address };
      const answer = { ...note('Re: Rendez-vous de contrôle', leaMartin.address), from };
      const notice = await brings(world, dominiquePatTrois, /^À savoir sur les délais/, async () => {
        const letter = await brings(world, leaMartin, /^Re: Rendez-vous/, async () =>
          accepted(await send(world.doors, person(world, dominiquePatTrois), answer)),
        );
        if (letter.from !== `"Dominique PAT-TROIS" <${dominiquePatTrois.address}>`) throw new Error(`The letter is from ${letter.from}`);
      });
      says(notice, 'Auto-Submitted: auto-replied');
      return `from "Dominique PAT-TROIS" <${dominiquePatTrois.address}>; notice: « ${notice.subject} »`;
    },
  },
];
