// The story: what a gateway of secure health mail does in a day, one step after the other, on the real protocols.
// Each step throws when the gateway does not do what it says. Requirements 8, 11, 14, 16, 17, 25 to 27, 29, 34 to 36.
import { randomBytes } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import { insKey } from '../core/ins.ts';
import { dominiquePatTrois, leaMartin, paulDurand, ruthNessi } from './cast.ts';
import { openInbox, type Person, readNewest, type SmtpRefusal, send, sendAsOperator, toldOfArrival } from './clients.ts';
import { composeLiaisonMail } from './documents/lettre-de-liaison.ts';
import { otherOperator, type World } from './world.ts';

/** One step: what happens, in words, and how it is played. `play` resolves with the outcome in a few words. */
export type Step = { readonly says: string; readonly play: (world: World) => Promise<string> };

const mebibyte = 1024 * 1024;
const patientsDomain = 'patient.mssante.fr';

/** Every step, in order. A later step rests on those before it. */
export const story: readonly Step[] = [
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
    says: 'The patient answers, and the doctor reads who it is from',
    play: async (world) => {
      const inbox = await openInbox(world.doors, person(world, leaMartin));
      try {
        const told = toldOfArrival(inbox, inbox.mailbox ? inbox.mailbox.exists : 0);
        const from = { name: 'Quelqu’un d’autre', address: dominiquePatTrois.address };
        accepted(
          await send(world.doors, person(world, dominiquePatTrois), { ...note('Re: Rendez-vous de contrôle', leaMartin.address), from }),
        );
        await told;
        const { from: author } = await readNewest(inbox);
        if (author !== `"Dominique PAT-TROIS" <${dominiquePatTrois.address}>`) throw new Error(`The letter is from ${author}`);
        return `from ${author}`;
      } finally {
        await inbox.logout();
      }
    },
  },
  refusal('The patient writes to Dr Paul Durand, who never wrote to them', 550, '5.7.1', (world) =>
    send(world.doors, person(world, dominiquePatTrois), note('Une question', paulDurand.address)),
  ),
  refusal('A citizen’s address whose INS key is wrong', 550, '5.1.3', (world) =>
    send(world.doors, person(world, leaMartin), note('Bonjour', `${wrongKey(dominiquePatTrois.ins)}@${patientsDomain}`)),
  ),
  refusal('A citizen whom nobody knows here', 550, '5.1.1', (world) =>
    send(world.doors, person(world, leaMartin), note('Bonjour', `2990101001001${insKey('2990101001001')}@${patientsDomain}`)),
  ),
  {
    says: 'The doctor ends the exchange (X-MSS-MES: FIN)',
    play: async (world) =>
      accepted(
        await send(world.doors, person(world, leaMartin), {
          ...note('Fin de notre échange', dominiquePatTrois.address),
          headers: { 'X-MSS-MES': 'FIN' },
        }),
      ),
  },
  refusal('The patient’s next answer', 550, '5.7.1', (world) =>
    send(world.doors, person(world, dominiquePatTrois), note('Re: Fin de notre échange', leaMartin.address)),
  ),
  {
    says: 'A later letter from the doctor reopens it, and the patient answers',
    play: async (world) => {
      accepted(await send(world.doors, person(world, leaMartin), note('Vos résultats', dominiquePatTrois.address)));
      return accepted(await send(world.doors, person(world, dominiquePatTrois), note('Re: Vos résultats', leaMartin.address)));
    },
  },
  {
    says: '20 MiB of attachments pass',
    play: async (world) => accepted(await send(world.doors, person(world, leaMartin), imaging(20))),
  },
  refusal('21 MiB of attachments', 552, '5.3.4', (world) => send(world.doors, person(world, leaMartin), imaging(21))),
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

/** A step that succeeds when the gateway refuses, with this code and a French sentence. */
function refusal(says: string, reply: number, status: string, attempt: (world: World) => Promise<'accepted' | SmtpRefusal>): Step {
  return {
    says: `${says}: refused`,
    play: async (world) => {
      const answer = await attempt(world);
      if (answer === 'accepted') throw new Error('The letter was accepted');
      if (answer.reply !== reply || answer.status !== status)
        throw new Error(`Refused with ${answer.reply} ${answer.status} instead of ${reply} ${status}`);
      return `${answer.reply} ${answer.status} ${answer.sentence}`;
    },
  };
}

function accepted(answer: 'accepted' | SmtpRefusal): string {
  if (answer === 'accepted') return 'accepted';
  throw new Error(`Refused with ${answer.reply} ${answer.status} ${answer.sentence}`);
}

function person(world: World, { address }: Pick<Person, 'address'>): Person {
  const found = world.people.get(address);
  if (!found) throw new Error('Nobody of the cast has this address');
  return found;
}

function mxPort({ gateway }: World): number {
  if (gateway.ports.mx === undefined) throw new Error('The door between operators is closed');
  return gateway.ports.mx;
}

function note(subject: string, to: string): SendMailOptions {
  return { to, subject, text: 'Bonjour,\n\nCeci est un courrier de démonstration.\n' };
}

/** Scans that do not compress: what a radiologist sends. */
function imaging(mebibytes: number): SendMailOptions {
  return {
    ...note('Vos images', dominiquePatTrois.address),
    attachments: [{ filename: 'irm.bin', contentType: 'application/octet-stream', content: randomBytes(mebibytes * mebibyte) }],
  };
}

function wrongKey(ins: string): string {
  return ins.slice(0, 13) + String((Number(ins.slice(13)) % 97) + 1).padStart(2, '0');
}
