// A database with mailboxes, a store for blobs and letters to put in: what every test of this folder starts from.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { MasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { type Folder, findFolder } from '../../mailboxes/folders.ts';
import { createMailbox, type FoundMailbox } from '../../mailboxes/mailbox.ts';
import { mailboxesMigrations } from '../../mailboxes/migrations/set.ts';
import { appendLetter, type NewLetter, type Placement } from '../../mailboxes/place-letters.ts';
import type { Holder } from '../../mailboxes/schema.ts';
import { Wakeups } from '../../mailboxes/wakeups.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import type { ConnectionOptions } from '../../src/database/connect.ts';
import type { Db } from '../../src/database/tables.ts';
import { MimeIndexer } from '../../src/mail/mime-index.ts';
import { createTestDatabase } from '../support/database.ts';
import { temporaryFolder } from './blobs/temporary-folder.ts';

export type World = {
  readonly db: Db;
  readonly connection: ConnectionOptions;
  readonly wakeups: Wakeups;
  readonly store: BlobStore;
  readonly keys: MasterKeys;
  readonly blobFolder: string;
  /** A mailbox of its own for each name; a citizen's unless said. */
  mailbox(name: string, quotaBytes?: number, holder?: Holder): Promise<FoundMailbox>;
  folder(mailbox: FoundMailbox, name: string): Promise<Folder>;
  /** A letter ready to be placed; its text is stored and indexed as a delivered one is. */
  letter(mailbox: FoundMailbox, options?: LetterOptions): Promise<NewLetter>;
  /** The same, placed. */
  append(mailbox: FoundMailbox, options?: LetterOptions): Promise<Placement>;
};

export type LetterOptions = {
  text?: string;
  folderId?: number;
  flags?: number;
  keywords?: string[];
  internalDate?: Date;
  prefix?: string;
  sender?: Address;
  receiptTo?: Address;
};

/** Ends with the test it was made in. */
export async function mailboxWorld(poolSize = 5): Promise<World> {
  const { db, connection, close } = await createTestDatabase([mailboxesMigrations], poolSize);
  onTestFinished(close);
  const blobFolder = join(await temporaryFolder(), 'blobs');
  const keys = new MasterKeys(new Map([[1, randomBytes(32)]]));
  const store = new BlobStore({ folder: blobFolder, keys, inlineLimitBytes: 16 * 1024 });
  const wakeups = new Wakeups();
  const world: World = {
    db,
    connection,
    wakeups,
    store,
    keys,
    blobFolder,
    mailbox: (name, quotaBytes = 100_000_000, holder = 'citizen') => createMailbox(db, addressOf(name), quotaBytes, holder),
    folder: async (mailbox, name) => (await findFolder(db, mailbox.mailboxId, name)) ?? fail(`folder ${name}`),
    letter: async (mailbox, options = {}) => newLetter(store, mailbox, options),
    append: async (mailbox, options = {}) => {
      const placed = await appendLetter(db, wakeups, await newLetter(store, mailbox, options));
      return typeof placed === 'object' ? placed : fail(placed);
    },
  };
  return world;
}

export const sampleLetter = (subject: string, body = 'Bonjour'): string =>
  `From: Dr Martin <lea.martin@mssante.example>\r\nTo: patient@mssante.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@mssante.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\n\r\n${body}\r\n`;

/** A letter stored in a given store. */
export async function newLetter(store: BlobStore, mailbox: FoundMailbox, options: LetterOptions): Promise<NewLetter> {
  const indexer = new MimeIndexer();
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(options.text ?? sampleLetter('essai'));
  }
  const blob = await store.store(source(), (chunk) => indexer.write(chunk));
  return {
    mailboxId: mailbox.mailboxId,
    folderId: options.folderId ?? mailbox.inboxId,
    blob,
    prefix: Buffer.from(options.prefix ?? ''),
    index: indexer.end(),
    flags: options.flags ?? 0,
    keywords: options.keywords ?? [],
    internalDate: options.internalDate ?? new Date('2026-11-21T12:00:00Z'),
    ...(options.sender && { sender: options.sender }),
    ...(options.receiptTo && { receiptTo: options.receiptTo }),
  };
}

/** `<name>@mssante.example`. */
export function addressOf(name: string): Address {
  return parseAddress(`${name}@mssante.example`) ?? fail('address');
}

function fail(what: string): never {
  throw new Error(`The test has no ${what}`);
}
