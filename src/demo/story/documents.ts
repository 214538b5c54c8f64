// What the patient must not see yet, or that is about somebody else, is held until a person has decided. Requirements 47, 50.
import { dominiquePatTrois, leaMartin, ruthNessi } from '../cast.ts';
import { send } from '../clients.ts';
import { composeLiaisonMail } from '../documents/lettre-de-liaison.ts';
import { decideHeld } from './decide-held.ts';
import { accepted, brings, person, type Step, says } from './step.ts';

/** The fourth chapter. */
export const documents: readonly Step[] = [
  {
    says: 'A document hidden from the patient is held, and the doctor told; the operator releases it: the patient has it, the doctor is told',
    play: async (world) => {
      const hidden = await composeLiaisonMail(leaMartin, dominiquePatTrois, new Date(), { isHiddenFromPatient: true });
      const held = await brings(world, leaMartin, /^Message retenu/, async () =>
        accepted(await send(world.doors, person(world, leaMartin), hidden)),
      );
      says(held, 'Action: delayed', 'Status: 4.7.1');
      const delivered = await brings(world, leaMartin, /^Message distribué/, () =>
        brings(world, dominiquePatTrois, /^XDM\/1\.0\/DDM/, () => decideHeld(world, 'released')),
      );
      return `« ${held.subject} », then « ${delivered.subject} »`;
    },
  },
  {
    says: 'A document about another patient is held; the operator drops it, and the doctor is told',
    play: async (world) => {
      const misdirected = await composeLiaisonMail(leaMartin, dominiquePatTrois, new Date(), { to: ruthNessi.address });
      const held = await brings(world, leaMartin, /^Message retenu/, async () =>
        accepted(await send(world.doors, person(world, leaMartin), misdirected)),
      );
      const dropped = await brings(world, leaMartin, /^Message non distribué/, () => decideHeld(world, 'dropped'));
      says(dropped, 'Action: failed');
      return `« ${held.subject} », then « ${dropped.subject} »`;
    },
  },
];
