// Doctors who send letters with a document and ask for a receipt, through every outage, until enough were answered 250.
// A letter whose answer was lost is never sent again: what became of it is for the gateway to say, whole or not at all.
import type { SendMailOptions } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { letterOid, writeLiaisonLetter } from '../../../src/demo/documents/letter.ts';
import { composeLiaisonMail } from '../../../src/demo/documents/lettre-de-liaison.ts';
import type { Someone } from '../../support/crowd.ts';
import { asAuthor, asPatient } from '../../support/crowd-in-documents.ts';
import { SmtpClient } from '../../support/smtp-client.ts';

/** One letter, and what its sender knows of it. */
export type ChaosLetter = {
  readonly messageId: string;
  readonly sender: Someone;
  readonly reader: Someone;
  readonly uniqueId: string;
  fate: 'acknowledged' | 'unknown';
};

/** How to reach the gateway that is alive at the moment. */
export type Door = { readonly port: () => number; readonly authority: string };

/** A load that is under way. */
export type ChaosLoad = {
  readonly letters: readonly ChaosLetter[];
  acknowledged(): number;
  /** Resolves when enough letters were acknowledged. */
  readonly ended: Promise<void>;
};

/** Begins with as many clients as there are doctors, each a doctor's. */
export function startChaosLoad(door: Door, doctors: readonly Someone[], citizens: readonly Someone[], wanted: number): ChaosLoad {
  const letters: ChaosLetter[] = [];
  let acknowledged = 0;
  let number = 0;
  // One a second: the moment a document was written is what tells two documents of one pair apart.
  const firstWritten = Date.now() - 86_400_000 - wanted * 2_000;

  async function sendAll(sender: Someone, at: number): Promise<void> {
    let client: SmtpClient | undefined;
    while (acknowledged < wanted) {
      client ??= await connect(door, sender);
      number += 1;
      const about = number % citizens.length;
      const reader = citizens[about];
      if (!reader || !client) continue;
      const { letter, bytes } = await writeLetter(sender, at, reader, about, new Date(firstWritten + number * 1_000));
      letters.push(letter);
      const reply = await client.deliver(sender.address, [reader.address], bytes).catch(() => undefined);
      if (reply?.code === 250) {
        letter.fate = 'acknowledged';
        acknowledged += 1;
      } else {
        client.destroy();
        client = undefined;
      }
    }
    client?.destroy();
  }

  const ended = Promise.all(doctors.map(sendAll)).then(() => undefined);
  return { letters, acknowledged: () => acknowledged, ended };
}

/** Undefined, after a moment, when the gateway is not there. */
async function connect({ port, authority }: Door, { address: user, password }: Someone): Promise<SmtpClient | undefined> {
  try {
    return await SmtpClient.open({ host: '127.0.0.1', port: port(), ca: authority, login: { user, password } });
  } catch {
    await new Promise((next) => setTimeout(next, 100));
    return undefined;
  }
}

async function writeLetter(sender: Someone, at: number, reader: Someone, about: number, writtenAt: Date) {
  const [author, patient] = [asAuthor(sender.address, at), asPatient(reader.address, about)];
  const mail = await composeLiaisonMail(author, patient, writtenAt);
  const uniqueId = letterOid(writeLiaisonLetter(patient, author, writtenAt), 'document');
  const messageId = `<${uniqueId}@${sender.address.split('@')[1]}>`;
  const options: SendMailOptions = {
    ...mail,
    messageId,
    headers: { ...mail.headers, 'Disposition-Notification-To': sender.address } as Record<string, string>,
  };
  const bytes = await new MailComposer(options).compile().build();
  const letter: ChaosLetter = { messageId, sender, reader, uniqueId, fate: 'unknown' };
  return { letter, bytes };
}
