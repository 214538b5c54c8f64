// An IMAP server on real sockets, over a real database and blob store, with a mailbox for whoever asks: what the tests of this folder start from.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { MasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { createMailbox, type FoundMailbox } from '../../mailboxes/mailbox.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { appendLetter, type Placement } from '../../mailboxes/place-letters.ts';
import type { Holder } from '../../mailboxes/schema.ts';
import { Wakeups } from '../../mailboxes/wakeups.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import type { Db } from '../../src/database/tables.ts';
import { ImapServer } from '../../src/imap/imap-server.ts';
import type { ImapLimits } from '../../src/imap/services.ts';
import { MimeIndexer } from '../../src/mail/mime-index.ts';
import { createTestDatabase } from '../support/database.ts';
import { testCertificate } from '../support/tls.ts';
import { ImapClient } from './imap-client.ts';

export type WorldOptions = { readonly limits?: Partial<ImapLimits>; readonly idleKeepAliveMs?: number; readonly appendLimitBytes?: number };

export type LetterOptions = {
  readonly text?: string | Buffer;
  readonly flags?: number;
  readonly prefix?: string;
  readonly internalDate?: Date;
  readonly folderId?: number;
  readonly sender?: Address;
  readonly receiptTo?: Address;
};

export type ImapWorld = {
  readonly db: Db;
  readonly server: ImapServer;
  readonly blobFolder: string;
  readonly tlsPort: number;
  readonly startTlsPort: number;
  /** What commandFailed() was told: a test that expects no failure of ours looks here. */
  readonly failures: { readonly command: string; readonly error: unknown }[];
  /** A mailbox nobody else uses; a citizen's unless said. */
  mailbox(quotaBytes?: number, holder?: Holder): Promise<FoundMailbox>;
  /** A letter delivered to its INBOX. */
  deliver(mailbox: FoundMailbox, options?: LetterOptions): Promise<Placement>;
  /** A client logged in to it over TLS. */
  client(mailbox: FoundMailbox): Promise<ImapClient>;
  /** The same with INBOX open. */
  inInbox(mailbox: FoundMailbox): Promise<ImapClient>;
  /** An independent client, imapflow, connected and logged in. */
  flow(mailbox: FoundMailbox): Promise<ImapFlow>;
  close(): Promise<void>;
};

/** The password of every mailbox here. */
export const password = 'mot de passe "d’application" \\ 128 bits';

/** Call it in beforeAll, and close() in afterAll. */
export async function imapWorld(options: WorldOptions = {}): Promise<ImapWorld> {
  const database = await createTestDatabase([mailboxesMigrations], 8);
  const blobFolder = await mkdtemp(join(tmpdir(), 'passerelle-imap-'));
  const blobs = new BlobStore({ folder: blobFolder, keys: new MasterKeys(new Map([[1, randomBytes(32)]])), inlineLimitBytes: 16 * 1024 });
  const wakeups = new Wakeups();
  const mailboxes = new Map<Address, FoundMailbox>();
  const failures: { command: string; error: unknown }[] = [];
  const server = new ImapServer({
    db: database.db,
    blobs,
    wakeups,
    authenticate: async (login, given) => {
      const mailbox = mailboxes.get(addressOf(login));
      return mailbox && given === password ? { address: mailbox.address, mailboxId: mailbox.mailboxId } : undefined;
    },
    watchAccount: () => () => {},
    events: {
      connectionOpened() {},
      connectionClosed() {},
      loggedIn() {},
      commandFailed: (command, error) => failures.push({ command, error }),
    },
    tls: testCertificate(),
    hostname: 'imap.mssante.example',
    idleKeepAliveMs: options.idleKeepAliveMs ?? 120_000,
    appendLimitBytes: options.appendLimitBytes ?? 29_360_128,
    limits: { refusedLoginDelayMs: 0, closingGraceMs: 500, ...options.limits },
  });
  const { startTlsPort, tlsPort } = await server.listen({ host: '127.0.0.1', startTlsPort: 0, tlsPort: 0 });
  const open: { close(): unknown }[] = [];

  const world: ImapWorld = {
    db: database.db,
    server,
    blobFolder,
    tlsPort,
    startTlsPort,
    failures,
    async mailbox(quotaBytes = 500_000_000, holder = 'citizen') {
      const mailbox = await createMailbox(database.db, addressOf(`${randomUUID()}@mssante.example`), quotaBytes, holder);
      mailboxes.set(mailbox.address, mailbox);
      return mailbox;
    },
    async deliver(mailbox, letter = {}) {
      const indexer = new MimeIndexer();
      const bytes = Buffer.from(letter.text ?? sampleLetter('Essai'));
      const blob = await blobs.store(inPieces(bytes), (chunk) => indexer.write(chunk));
      const placed = await appendLetter(database.db, wakeups, {
        mailboxId: mailbox.mailboxId,
        folderId: letter.folderId ?? mailbox.inboxId,
        blob,
        prefix: Buffer.from(letter.prefix ?? ''),
        index: indexer.end(),
        flags: letter.flags ?? 0,
        keywords: [],
        internalDate: letter.internalDate ?? new Date('2026-11-21T12:00:00Z'),
        ...(letter.sender && { sender: letter.sender }),
        ...(letter.receiptTo && { receiptTo: letter.receiptTo }),
      });
      if (typeof placed === 'string') throw new Error(placed);
      return placed;
    },
    async client(mailbox) {
      const client = await ImapClient.secure(tlsPort);
      open.push(client);
      await client.next();
      await client.ok(`LOGIN ${mailbox.address} `, password);
      return client;
    },
    async inInbox(mailbox) {
      const client = await world.client(mailbox);
      await client.ok('SELECT INBOX');
      return client;
    },
    async flow(mailbox) {
      const flow = new ImapFlow({
        host: '127.0.0.1',
        port: tlsPort,
        secure: true,
        auth: { user: mailbox.address, pass: password },
        tls: { ca: testCertificate().cert, servername: 'localhost' },
        logger: false,
      });
      open.push(flow);
      await flow.connect();
      return flow;
    },
    async close() {
      for (const client of open) client.close();
      await server.close();
      await database.close();
      await rm(blobFolder, { recursive: true, force: true });
    },
  };
  return world;
}

/** A small letter, CRLF, as a doctor's software writes it. */
export function sampleLetter(subject: string, body = 'Bonjour,\r\ntout va bien.'): string {
  return [
    'From: =?utf-8?Q?Dr_L=C3=A9a_Martin?= <lea.martin@medecin.mssante.example>',
    'To: patient@patient.mssante.example',
    `Subject: ${subject}`,
    'Date: Sat, 21 Nov 2026 10:00:00 +0100',
    `Message-ID: <${subject.replace(/\W/g, '')}@medecin.mssante.example>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
    '',
  ].join('\r\n');
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`Not an address: ${text}`);
  return address;
}
