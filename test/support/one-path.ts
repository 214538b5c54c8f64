// The one path on a database of its own, with a small town: a doctor, a closed practice, a pharmacy and two citizens.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { registerAddress, registerCitizen, registerProfessional, registerStructure } from '../../directory/registry.ts';
import { DirectoryChanges } from '../../directory/resolver/directory-changes.ts';
import { Resolver } from '../../directory/resolver/resolver.ts';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { findBlob } from '../../mailboxes/blobs/hold-blobs.ts';
import { loadMasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { Wakeups } from '../../mailboxes/wakeups.ts';
import { setFirstContact } from '../../policies/first-contacts.ts';
import { allMigrations } from '../../src/all-migrations.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { newId } from '../../src/core/ids.ts';
import { type Ins, parseIns } from '../../src/core/ins.ts';
import type { Arrival, EnvelopeRecipient, Outcome } from '../../src/delivery/arrival.ts';
import { OnePath, type OnePathParts } from '../../src/delivery/one-path.ts';
import type { PathPolicies } from '../../src/delivery/path-policies.ts';
import { createEvents } from '../../src/observe/events.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createTestDatabase } from './database.ts';
import { setState } from './set-state.ts';

export const people = {
  doctor: address('lea.martin@medecin.test.mssante.fr'),
  colleague: address('paul.durand@medecin.test.mssante.fr'),
  retired: address('jean.ancien@medecin.test.mssante.fr'),
  pharmacy: address('contact@pharmacie.test.mssante.fr'),
  citizen: address('279035121518989@patient.mssante.fr'),
  neighbour: address('277076322082910@patient.mssante.fr'),
  elsewhere: address('secretariat@hopital.autre.mssante.fr'),
};

/** What a town's operator chose, unless a test wants otherwise. */
export const townPolicies: PathPolicies = {
  unknownPerHour: { sender: 20, certificate: 200 },
  testAnswersPerHour: 10,
  legalNotice: true,
  absenceAgainAfterMs: 7 * 24 * 3_600_000,
  quarantineMs: 30 * 24 * 3_600_000,
  courseDeadlineMs: 72 * 3_600_000,
  remoteCitizens: { domain: 'patient.autre.mssante.fr', maxLetterBytes: 25_000_000 },
};

const quotaBytes = 50 * 1024 * 1024;

/** Opens the town; `parts` replaces what a test wants otherwise. */
export async function openTown(parts: Partial<OnePathParts> = {}) {
  const { db, connection, close } = await createTestDatabase(allMigrations);
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-town-'));
  const blobs = new BlobStore({
    folder: join(folder, 'blobs'),
    keys: await loadMasterKeys(join(folder, 'master.key')),
    inlineLimitBytes: 16 * 1024,
  });
  const wakeups = new Wakeups();
  const all: OnePathParts = {
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
    policies: townPolicies,
    // Remembers nothing: what a test changes in the registry is true at once.
    resolver: new Resolver({ db, domain: 'patient.mssante.fr', changes: new DirectoryChanges(), maxEntries: 0 }),
    quotaBytes,
    hostname: 'passerelle.test',
    clock: () => new Date(),
    maxAttachmentBytes: 1024 * 1024,
    groupCommit: { maxLetters: 64, maxGroups: 1 },
    workIsWaiting: () => undefined,
    ...parts,
  };
  const path = new OnePath(all);
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
  await setState(db, people.retired, 'closed');
  await registerAddress(db, {
    address: people.pharmacy,
    type: 'ORG',
    label: 'Pharmacie de test',
    structureId: '1990001014',
  });
  await setFirstContact(db, people.pharmacy, { audience: 'everyone' });
  const accounts = new Map<Address, number>();
  const professionals = [...doctors, people.pharmacy];
  for (const one of [...professionals, people.citizen, people.neighbour]) {
    const holder = professionals.includes(one) ? 'professional' : 'citizen';
    accounts.set(one, (await createMailbox(db, one, quotaBytes, holder)).mailboxId);
  }

  const arrivalFrom = (sender: Address | null, door: Arrival['door'] = 'submission', others: Partial<Arrival> = {}): Arrival => {
    const mailboxId = sender === null ? undefined : accounts.get(sender);
    return {
      id: newId(),
      door,
      receivedAt: new Date(),
      sender,
      ...(door === 'submission' && mailboxId !== undefined && sender && { account: { address: sender, mailboxId } }),
      peer: { heloName: 'client.test', ip: '127.0.0.1', protocol: door === 'mx' ? 'ESMTPS' : 'ESMTPSA' },
      ...others,
    };
  };
  /** Says RCPT for each recipient and then gives the letter to those who were not refused, as a door does; `meanwhile` in between. */
  const sendAs = async (
    arrival: Arrival,
    recipients: readonly (Address | EnvelopeRecipient)[],
    letter: string | Buffer,
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): Promise<Outcome> => {
    const envelope = recipients.map((one) => (typeof one === 'string' ? { address: one } : one));
    const taken: EnvelopeRecipient[] = [];
    let last: Outcome | undefined;
    for (const recipient of envelope) {
      const verdict = await path.judgeRecipient(arrival, recipient.address);
      if (verdict.do === 'refuse' || verdict.do === 'defer') last = verdict;
      else taken.push(recipient);
    }
    await meanwhile();
    return last && taken.length === 0 ? last : path.deliver(arrival, taken, inChunks(Buffer.from(letter)));
  };
  return {
    db,
    connection,
    path,
    /** What the path is made of, for another one beside it. */
    parts: all,
    blobs,
    folder,
    wakeups,
    accounts,
    arrivalFrom,
    sendAs,
    /** A letter of somebody kept here, or by the door of the other operators. */
    send: (sender: Address, recipients: readonly Address[], letter: string | Buffer, door: 'submission' | 'mx' = 'submission') =>
      sendAs(arrivalFrom(sender, door), recipients, letter),
    /** Everything an address's INBOX serves, oldest first: trace prefix and bytes, and how it is marked. */
    async inbox(address: Address) {
      const rows = await db
        .selectFrom('messages')
        .innerJoin('letters', (join) =>
          join.onRef('letters.mailbox_id', '=', 'messages.mailbox_id').onRef('letters.letter_id', '=', 'messages.letter_id'),
        )
        .select(['messages.uid', 'messages.keywords', 'letters.prefix', 'letters.blob_id', 'letters.sender', 'letters.receipt_to'])
        .where('messages.mailbox_id', '=', accounts.get(address) ?? 0)
        .orderBy('messages.uid')
        .execute();
      return Promise.all(
        rows.map(async ({ uid, keywords, prefix, blob_id, sender, receipt_to: receiptTo }) => {
          const blob = await findBlob(db, blob_id);
          if (!blob) throw new Error('A dangling reference');
          const bytes = (await buffer(blobs.read(blob, 0, blob.size_bytes))).toString();
          return { uid, keywords, prefix: prefix.toString(), bytes, sender, receiptTo };
        }),
      );
    },
    /** The files that hold larger letters. */
    async files(): Promise<number> {
      const entries = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isFile()).length;
    },
    /** The work of a kind that the outbox owes, oldest first, as its task will be given it. */
    async owed(kind: string): Promise<unknown[]> {
      const rows = await db.selectFrom('outbox').select('payload').where('kind', '=', kind).orderBy('created_at').orderBy('id').execute();
      return rows.map(({ payload }) => payload);
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
