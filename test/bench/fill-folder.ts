// Fills a mailbox quickly through the mutation layer itself: what a long correspondence leaves in an INBOX.
import { join } from 'node:path';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { loadMasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { inTransaction } from '../../mailboxes/in-transaction.ts';
import { type FoundMailbox, findMailboxes } from '../../mailboxes/mailbox.ts';
import { type NewLetter, placeLetters } from '../../mailboxes/place-letters.ts';
import type { Address } from '../../src/core/address.ts';
import { connect } from '../../src/database/connect.ts';
import { MimeIndexer } from '../../src/mail/mime-index.ts';
import { makeLetter } from './letters.ts';
import type { BenchWorld } from './world.ts';

const perTransaction = 200;
const inlineLimitBytes = 16 * 1024;

/** Puts `count` letters, small enough to live in the database, into the INBOX of `address`. */
export async function fillFolder(world: BenchWorld, address: Address, count: number, sizeBytes: number): Promise<void> {
  const keys = await loadMasterKeys(join(world.data, 'master.key'));
  const blobs = new BlobStore({ folder: join(world.data, 'blobs'), keys, inlineLimitBytes });
  const db = connect({ ...world.report.connection, poolSize: 2 });
  try {
    const mailbox = (await findMailboxes(db, [address])).get(address);
    if (!mailbox) throw new Error('No such mailbox');
    for (let done = 0; done < count; done += perTransaction) {
      const letters = await Promise.all(
        Array.from({ length: Math.min(perTransaction, count - done) }, () =>
          newLetter(blobs, mailbox, makeLetter(`medecin-0@medecins.test`, address, sizeBytes)),
        ),
      );
      const placed = await inTransaction(db, (trx) => placeLetters(trx, letters));
      if (placed.some((one) => typeof one === 'string')) throw new Error('A letter found no room');
    }
  } finally {
    await db.destroy();
  }
}

async function newLetter(blobs: BlobStore, mailbox: FoundMailbox, content: Buffer): Promise<NewLetter> {
  const indexer = new MimeIndexer();
  const blob = await blobs.store(once(content), (chunk) => indexer.write(chunk));
  const { mailboxId, inboxId: folderId } = mailbox;
  return { mailboxId, folderId, blob, prefix: Buffer.alloc(0), index: indexer.end(), flags: 0, keywords: [], internalDate: new Date() };
}

async function* once(content: Buffer): AsyncIterable<Buffer> {
  yield content;
}
