// Letters to and from another operator of the trust space. Requirements 8, 11, 14.
import { leaMartin, ruthNessi } from '../cast.ts';
import { send, sendAsOperator } from '../clients.ts';
import { otherOperator } from '../world.ts';
import { accepted, mxPort, note, person, refusal, type Step } from './step.ts';

/** The last chapter. */
export const otherOperators: readonly Step[] = [
  {
    says: 'A letter for another operator reaches the next hop',
    play: async (world) => {
      const recipient = `secretariat@${otherOperator.domain}`;
      accepted(await send(world.doors, person(world, leaMartin), note('Adressage', recipient)));
      const letter = await world.sink.waitFor(({ recipients }) => recipients.includes(recipient));
      return `relayed, ${letter.bytes.length} bytes`;
    },
  },
  {
    says: 'Another operator delivers to a citizen, showing its certificate',
    play: async (world) =>
      accepted(
        await sendAsOperator(
          world.doors,
          mxPort(world),
          world.peer,
          `service@${otherOperator.domain}`,
          note('Compte rendu', ruthNessi.address),
        ),
      ),
  },
  refusal('The same operator, under a domain that its certificate does not present', 550, '5.7.1', (world) =>
    sendAsOperator(world.doors, mxPort(world), world.peer, 'service@clinique.tierce.mssante.fr', note('Compte rendu', ruthNessi.address)),
  ),
];
