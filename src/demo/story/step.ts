// What a step of the story is, and the few moves that steps share.
import { randomBytes } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Address } from '../../core/address.ts';
import { insKey } from '../../core/ins.ts';
import { awaitLetter, openInbox, type Person, type ReadLetter, type SmtpRefusal } from '../clients.ts';
import type { World } from '../world.ts';

/** One step: what happens, in words, and how it is played. `play` resolves with the outcome in a few words. */
export type Step = { readonly says: string; readonly play: (world: World) => Promise<string> };

/** What a client was answered. */
export type Answer = 'accepted' | SmtpRefusal;

const mebibyte = 1024 * 1024;

/** A step that succeeds when the gateway refuses, with this code and a French sentence. */
export function refusal(says: string, reply: number, status: string, attempt: (world: World) => Promise<Answer>): Step {
  return { says: `${says}: refused`, play: async (world) => refused(reply, status, await attempt(world)) };
}

/** The refusal in words, when it is the one expected. */
export function refused(reply: number, status: string, answer: Answer): string {
  if (answer === 'accepted') throw new Error('The letter was accepted');
  if (answer.reply !== reply || answer.status !== status)
    throw new Error(`Refused with ${answer.reply} ${answer.status} instead of ${reply} ${status}`);
  return `${answer.reply} ${answer.status} ${answer.sentence}`;
}

/** Throws the refusal of what should have been taken. */
export function accepted(answer: Answer): string {
  if (answer === 'accepted') return 'accepted';
  throw new Error(`Refused with ${answer.reply} ${answer.status} ${answer.sentence}`);
}

/** Someone of the cast, with their password. */
export function person(world: World, { address }: { readonly address: Address }): Person {
  const found = world.people.get(address);
  if (!found) throw new Error('Nobody of the cast has this address');
  return found;
}

/** Waits in somebody's INBOX while `act` is played, and resolves with the letter of this subject that it brings. */
export async function brings(
  world: World,
  reader: { readonly address: Address },
  subject: RegExp,
  act: () => Promise<unknown>,
): Promise<ReadLetter> {
  const inbox = await openInbox(world.doors, person(world, reader));
  try {
    const known = inbox.mailbox ? inbox.mailbox.exists : 0;
    await act();
    return await awaitLetter(inbox, known, (letter) => subject.test(letter.subject));
  } finally {
    await inbox.logout();
  }
}

/** Asks until there is an answer; throws, naming what was waited for, after ten seconds. */
export async function waitFor<Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer> {
  const giveUpAt = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpAt) throw new Error(`Not known after ten seconds: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** The letter's bytes must say this somewhere, whatever part says it. */
export function says(letter: ReadLetter, ...texts: readonly string[]): void {
  for (const text of texts) if (!letter.source.includes(text)) throw new Error(`« ${letter.subject} » does not say ${text}`);
}

/** A short letter. */
export function note(subject: string, to: string | string[]): SendMailOptions {
  return { to, subject, text: 'Bonjour,\n\nCeci est un courrier de démonstration.\n' };
}

/** Scans that do not compress: what a radiologist sends. */
export function imaging(mebibytes: number, to: string): SendMailOptions {
  return {
    ...note('Vos images', to),
    attachments: [{ filename: 'irm.bin', contentType: 'application/octet-stream', content: randomBytes(mebibytes * mebibyte) }],
  };
}

/** A well-formed matricule that nobody of the cast has. */
export const strangersIns = `2990101001001${insKey('2990101001001')}`;

/** The door between operators. */
export function mxPort({ gateway }: World): number {
  if (gateway.ports.mx === undefined) throw new Error('The door between operators is closed');
  return gateway.ports.mx;
}
