// The one path on a database of its own, with a small town: a doctor, a closed practice, a pharmacy and two citizens.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { registerAddress, registerCitizen, registerProfessional, registerStructure, setAddressState } from '../../directory/registry.ts';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { loadMasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { Wakeups } from '../../mailboxes/wakeups.ts';
import { allMigrations } from '../../src/context.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { newId } from '../../src/core/ids.ts';
import { type Ins, parseIns } from '../../src/core/ins.ts';
import type { Arrival, Outcome } from '../../src/delivery/arrival.ts';
import { OnePath, type OnePathParts } from '../../src/delivery/one-path.ts';
import { createEvents } from '../../src/observe/events.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createTestDatabase } from './database.ts';

export const people = {
  doctor: address('lea.martin@medecin.test.mssante.fr'),
  colleague: address('paul.durand@medecin.test.mssante.fr'),
  retired: address('jean.ancien@medecin.test.mssante.fr'),
  pharmacy: address('contact@pharmacie.test.mssante.fr'),
  citizen: address('279035121518989@patient.mssante.fr'),
  neighbour: address('277076322082910@patient.mssante.fr'),
  elsewhere: address('secretariat@hopital.autre.mssante.fr'),
};

const quotaBytes = 50 * 1024 * 1024;

/** Opens the town; `parts` replaces what a test wants otherwise. */
export async function openTown(parts: Partial<OnePathParts> = {}) {
  const { db, close } = await createTestDatabase(allMigrations);
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-town-'));
  const blobs = new BlobStore({
    folder: join(folder, 'blobs'),
    keys: await loadMasterKeys(join(folder, 'master.key')),
    inlineLimitBytes: 16 * 1024,
  });
  const wakeups = new Wakeups();
  const path = new OnePath({
    db,
    inTransaction: (work) => inTransaction(db, work),
    blobs,
    wakeups,
    events: createEvents(pino({ level: 'silent' }), createMetrics()),
    domains: {
      citizens: 'patient.mssante.fr',
      professionals: new Set(['medecin.test.mssante.fr', 'pharmacie.test.mssante.fr']),
      elsewhereReachable: true,
    },
    hostname: 'passerelle.test',
    clock: () => new Date(),
    maxAttachmentBytes: 1024 * 1024,
    groupCommit: { maxLetters: 64, maxGroups: 1 },
    workIsWaiting: () => undefined,
    ...parts,
  });
  await registerStructure(db, { structureId: '1990001014', name: 'Pharmacie de test' });
  const citizens = [
    { ins: ins('279035121518989'), birthName: 'PAT-TROIS', firstGivenName: 'DOMINIQUE', birthDate: '1979-03-28', sex: 'F' as const },
    { ins: ins('277076322082910'), birthName: 'NESSI', firstGivenName: 'RUTH', birthDate: '1977-07-14', sex: 'F' as const },
  ];
  for (const traits of citizens) await registerCitizen(db, traits, 'patient.mssante.fr');
  const doctors = [people.doctor, people.colleague, people.retired];
  for (const [index, doctor] of doctors.entries()) {
    const rpps = `9970010100${index}`;
    await registerProfessional(db, { rpps, civility: 'Dr', familyName: 'TEST', givenName: 'Léa', profession: 'Médecin' });
    await registerAddress(db, { address: doctor, type: 'PER', label: 'Dr Léa TEST', rpps });
  }
  await setAddressState(db, people.retired, 'closed');
  await registerAddress(db, {
    address: people.pharmacy,
    type: 'ORG',
    label: 'Pharmacie de test',
    structureId: '1990001014',
    openToCitizens: true,
  });
  const accounts = new Map<Address, number>();
  for (const one of [...doctors, people.pharmacy, people.citizen, people.neighbour])
    accounts.set(one, (await createMailbox(db, one, quotaBytes)).mailboxId);

  const arrivalFrom = (sender: Address, door: 'submission' | 'mx' = 'submission'): Arrival => {
    const mailboxId = accounts.get(sender);
    return {
      id: newId(),
      door,
      receivedAt: new Date(),
      sender,
      ...(door === 'submission' && mailboxId !== undefined && { account: { address: sender, mailboxId } }),
      peer: { heloName: 'client.test', ip: '127.0.0.1', protocol: door === 'mx' ? 'ESMTPS' : 'ESMTPSA' },
    };
  };
  return {
    db,
    path,
    blobs,
    folder,
    wakeups,
    accounts,
    arrivalFrom,
    /** Says RCPT for each recipient and then gives the letter, as a door does. */
    async send(
      sender: Address,
      recipients: readonly Address[],
      letter: string | Buffer,
      door: 'submission' | 'mx' = 'submission',
    ): Promise<Outcome> {
      const arrival = arrivalFrom(sender, door);
      for (const recipient of recipients) {
        const verdict = await path.judgeRecipient(arrival, recipient);
        if (verdict.do !== 'accept') return verdict;
      }
      return path.deliver(arrival, recipients, inChunks(Buffer.from(letter)));
    },
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A letter of a few lines, with CRLF line ends. */
export function letter(from: Address, extra = ''): string {
  return `From: <${from}>\r\nTo: undisclosed-recipients:;\r\nSubject: Essai\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <${newId()}@test>\r\n${extra}\r\nBonjour\r\n`;
}

async function* inChunks(bytes: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error('Not an address');
  return parsed;
}

function ins(text: string): Ins {
  const parsed = parseIns(text);
  if (!parsed) throw new Error('Not a matricule');
  return parsed;
}
