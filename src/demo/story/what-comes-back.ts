// What comes back to the one who writes: reports, receipts, sizes. Requirements 16, 36, 43, 46.
import { dominiquePatTrois, leaMartin, paulDurand, ruthNessi } from '../cast.ts';
import { openInbox, send } from '../clients.ts';
import { accepted, brings, imaging, note, person, refusal, type Step, says, strangersIns } from './step.ts';

const stranger = dominiquePatTrois.address.replace(dominiquePatTrois.ins, strangersIns);

/** The third chapter. */
export const whatComesBack: readonly Step[] = [
  {
    says: 'A letter to a patient and to a citizen whom nobody knows: the one has it, and one report names the other',
    play: async (world) => {
      const report = await brings(world, leaMartin, /^Message non distribué/, () =>
        brings(world, dominiquePatTrois, /^Vos deux/, async () =>
          accepted(await send(world.doors, person(world, leaMartin), note('Vos deux rendez-vous', [dominiquePatTrois.address, stranger]))),
        ),
      );
      says(report, 'report-type=delivery-status', 'Status: 5.1.1', 'Auto-Submitted: auto-replied', strangersIns);
      return `« ${report.subject} », 5.1.1`;
    },
  },
  {
    says: '20 MiB of attachments pass',
    play: async (world) => accepted(await send(world.doors, person(world, leaMartin), imaging(20, dominiquePatTrois.address))),
  },
  {
    says: '21 MiB for a patient are taken, and reported',
    play: async (world) => {
      const report = await brings(world, leaMartin, /^Message non distribué/, async () =>
        accepted(await send(world.doors, person(world, leaMartin), imaging(21, dominiquePatTrois.address))),
      );
      says(report, 'Status: 5.3.4');
      return `« ${report.subject} », 5.3.4`;
    },
  },
  refusal('21 MiB for a colleague', 552, '5.3.4', (world) => send(world.doors, person(world, leaMartin), imaging(21, paulDurand.address))),
  {
    says: 'The doctor asks for a delivery report and a read receipt: both come, the receipt once the patient has read',
    play: async (world) => {
      const letter = {
        ...note('À lire avant jeudi', ruthNessi.address),
        headers: { 'Disposition-Notification-To': leaMartin.address },
        dsn: { id: 'demo-1', return: 'headers', notify: ['success', 'failure'], recipient: `rfc822;${ruthNessi.address}` },
      };
      const delivered = await brings(world, leaMartin, /^Message distribué/, async () =>
        accepted(await send(world.doors, person(world, leaMartin), letter)),
      );
      says(delivered, 'Action: delivered', 'Original-Envelope-Id: demo-1');
      const receipt = await brings(world, leaMartin, /^Accusé de lecture/, async () => {
        const inbox = await openInbox(world.doors, person(world, ruthNessi));
        await inbox.messageFlagsAdd('*', ['\\Seen']);
        await inbox.logout();
      });
      says(receipt, 'report-type=disposition-notification', 'displayed');
      return `« ${delivered.subject} », then « ${receipt.subject} »`;
    },
  },
];
