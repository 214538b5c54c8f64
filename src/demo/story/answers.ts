// Letters that answer by themselves: an absence, the test address. Requirements 37, 40.
import { setAbsence } from '../../../policies/absences.ts';
import { dominiquePatTrois, leaMartin, paulDurand } from '../cast.ts';
import { send } from '../clients.ts';
import { accepted, brings, note, person, type Step, says } from './step.ts';

const dayMs = 24 * 3_600_000;

/** The fifth chapter. */
export const answers: readonly Step[] = [
  {
    says: 'Dr Paul Durand is away: who writes to him is told, and who stands in',
    play: async (world) => {
      const from = new Date();
      const until = new Date(from.getTime() + 7 * dayMs);
      const text = 'Je suis en congé cette semaine.';
      await setAbsence(world.gateway.context.database.db, { address: paulDurand.address, from, until, text, standIn: leaMartin.address });
      const answer = await brings(world, leaMartin, /^Réponse automatique : absence/, async () =>
        accepted(await send(world.doors, person(world, leaMartin), note('Un avis', paulDurand.address))),
      );
      says(answer, 'Auto-Submitted: auto-replied');
      return `« ${answer.subject} »`;
    },
  },
  {
    says: 'The test address answers with what it received',
    play: async (world) => {
      const testAddress = dominiquePatTrois.address.replace(dominiquePatTrois.ins, 'reponse.automatique-test');
      const answer = await brings(world, leaMartin, /^Réponse de l'adresse de test/, async () =>
        accepted(await send(world.doors, person(world, leaMartin), note('Essai', testAddress))),
      );
      return `« ${answer.subject} », ${answer.source.length} bytes`;
    },
  },
];
