// Bytes that nobody refers to are taken back; bytes that someone refers to, or may be about to, are not.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { BlobStore } from '../../../mailboxes/blobs/blob-store.ts';
import { findBlob, holdBlobs, releaseBlobs } from '../../../mailboxes/blobs/hold-blobs.ts';
import { MasterKeys } from '../../../mailboxes/blobs/master-keys.ts';
import { missingMasterKeys, rewrapBlobs } from '../../../mailboxes/blobs/rewrap-blobs.ts';
import { expungeMessages } from '../../../mailboxes/expunge.ts';
import { inTransaction } from '../../../mailboxes/in-transaction.ts';
import { placeLetters } from '../../../mailboxes/place-letters.ts';
import { until } from '../../support/until.ts';
import { mailboxWorld, newLetter, sampleLetter, type World } from '../mailbox-world.ts';
import { asRow, inChunks, readAll } from './stored.ts';
import { filesUnder } from './temporary-folder.ts';

const hour = 3_600_000;
const large = sampleLetter('grand', 'x'.repeat(50_000));

/** Two hours pass, for every row and file there is. */
async function letTimePass({ db, blobFolder }: World): Promise<void> {
  await sql`update blobs_let_go set let_go_at = let_go_at - interval '2 hours'`.execute(db);
  const then = new Date(Date.now() - 2 * hour);
  for (const file of await filesUnder(blobFolder).catch(() => [])) await utimes(file, then, then);
}

const rowsOf = async ({ db }: World): Promise<string[]> =>
  (await db.selectFrom('blobs').select('blob_id').execute()).map((row) => row.blob_id);

test('a blob leaves with its last letter, row first and file after; a shared one stays for the others', async () => {
  const world = await mailboxWorld();
  const { db, wakeups, store, mailbox, folder, letter, append } = world;
  const [lea, paul] = [await mailbox('lea'), await mailbox('paul')];
  const shared = await letter(lea, { text: large, flags: 8 });
  await inTransaction(db, (trx) => placeLetters(trx, [shared, { ...shared, mailboxId: paul.mailboxId, folderId: paul.inboxId }]));
  await append(lea, { text: large, flags: 8 });
  await append(lea, { flags: 8 });
  await letTimePass(world);
  expect(await store.collectOrphans(db, hour)).toBe(0);
  await expungeMessages(db, wakeups, lea.mailboxId, (await folder(lea, 'INBOX')).folderId, 'all-deleted');
  expect(await store.collectOrphans(db, hour)).toBe(0);
  await letTimePass(world);
  expect(await store.collectOrphans(db, hour)).toBe(2);
  expect(await db.selectFrom('blobs_let_go').selectAll().execute()).toEqual([]);
  expect(await rowsOf(world)).toEqual([shared.blob.blobId]);
  expect(await filesUnder(world.blobFolder)).toHaveLength(1);
  expect((await readAll(store.read(asRow(shared.blob), 0, large.length))).toString()).toBe(large);
});

test('what is younger than the grace is left alone: its commit may be under way', async () => {
  const world = await mailboxWorld();
  const { db, store, mailbox, letter } = world;
  const one = await letter(await mailbox('lea'), { text: large });
  expect(await store.collectOrphans(db, hour)).toBe(0);
  const [placed] = await inTransaction(db, (trx) => placeLetters(trx, [one]));
  expect(placed).toBeTypeOf('object');
});

test('a held blob stays until it is released', async () => {
  const world = await mailboxWorld();
  const { db, store } = world;
  const blob = await store.store(inChunks(Buffer.from(large)));
  await inTransaction(db, (trx) =>
    holdBlobs(trx, [
      { holder: 'outbox:1', blob },
      { holder: 'outbox:2', blob },
    ]),
  );
  await letTimePass(world);
  await inTransaction(db, (trx) => releaseBlobs(trx, ['outbox:1']));
  await letTimePass(world);
  expect(await store.collectOrphans(db, hour)).toBe(0);
  expect((await readAll(store.read((await findBlob(db, blob.blobId)) ?? expect.fail(), 0, 6))).toString()).toBe('From: ');
  await inTransaction(db, (trx) => releaseBlobs(trx, ['outbox:1', 'outbox:2']));
  await letTimePass(world);
  expect(await store.collectOrphans(db, hour)).toBe(1);
  expect(await findBlob(db, blob.blobId)).toBeUndefined();
});

test('an old blob placed again while it is collected is whole or refused: never a letter without bytes', async () => {
  const world = await mailboxWorld(8);
  const { db, keys, blobFolder, mailbox } = world;
  const lea = await mailbox('lea');
  const store = new BlobStore({ folder: blobFolder, keys, inlineLimitBytes: 0, clock: () => new Date(Date.now() - 2 * hour) });
  const answers: string[] = [];
  for (let round = 0; round < 24; round += 1) {
    const old = await newLetter(store, lea, { text: large });
    const { blobId, sizeBytes, format, masterKeyVersion, wrappedKey } = old.blob;
    await db
      .insertInto('blobs')
      .values({
        blob_id: blobId,
        size_bytes: sizeBytes,
        format,
        master_key_version: masterKeyVersion,
        wrapped_key: wrappedKey,
        inline_bytes: null,
      })
      .execute();
    await db.insertInto('blobs_let_go').values({ blob_id: blobId }).execute();
    await letTimePass(world);
    const [placed] = await Promise.all([
      inTransaction(db, (trx) => placeLetters(trx, [old])).then(
        () => 'placed',
        (error: { code?: string }) => error.code ?? 'failed',
      ),
      store.collectOrphans(db, hour),
    ]);
    answers.push(placed);
    const row = await findBlob(db, blobId);
    expect(row !== undefined).toBe(placed === 'placed');
    if (row) expect((await readAll(store.read(row, 0, large.length))).toString()).toBe(large);
  }
  // foreign_key_violation: the letter came too late.
  expect(new Set(answers)).toEqual(new Set([...answers.filter((one) => one === 'placed'), ...answers.filter((one) => one === '23503')]));
});

test('files without a row go, whatever else lies in the folder stays', async () => {
  const world = await mailboxWorld();
  const { db, store, blobFolder } = world;
  const lost = await store.store(inChunks(randomBytes(50_000)));
  const strangers = [join(blobFolder, 'lost+found', 'x'), join(blobFolder, lost.blobId.slice(-2), 'README')];
  await mkdir(join(blobFolder, 'lost+found'));
  for (const file of strangers) await writeFile(file, '');
  await letTimePass(world);
  expect(await store.collectOrphans(db, hour)).toBe(1);
  expect((await filesUnder(blobFolder)).sort()).toEqual(strangers.sort());
});

test('kill -9 of a process that is writing leaves an unfinished file, and it is collected', async () => {
  const world = await mailboxWorld();
  const child = writeForEver(world.blobFolder);
  await until('a file is being written', async () =>
    (await filesUnder(world.blobFolder).catch(() => [])).some((file) => file.endsWith('.part')),
  );
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  expect((await filesUnder(world.blobFolder)).length).toBeGreaterThan(0);
  await letTimePass(world);
  expect(await world.store.collectOrphans(world.db, hour)).toBeGreaterThan(0);
  expect(await filesUnder(world.blobFolder)).toEqual([]);
});

test('rotation: every blob moves to the new master key, then the old key may leave', async () => {
  const { db, mailbox, append, blobFolder } = await mailboxWorld();
  const [first, second] = [randomBytes(32), randomBytes(32)];
  const lea = await mailbox('lea');
  const old = new BlobStore({ folder: blobFolder, keys: new MasterKeys(new Map([[1, first]])), inlineLimitBytes: 100 });
  const blob = await old.store(inChunks(Buffer.from(large)));
  await inTransaction(db, (trx) => holdBlobs(trx, [{ holder: 'x', blob }]));
  const both = new MasterKeys(
    new Map([
      [1, first],
      [2, second],
    ]),
  );
  expect(await rewrapBlobs(db, both)).toBe(1);
  expect(await rewrapBlobs(db, both)).toBe(0);
  const alone = new MasterKeys(new Map([[2, second]]));
  const row = (await findBlob(db, blob.blobId)) ?? expect.fail();
  expect(
    (await readAll(new BlobStore({ folder: blobFolder, keys: alone, inlineLimitBytes: 0 }).read(row, 0, large.length))).toString(),
  ).toBe(large);
  expect(await missingMasterKeys(db, alone)).toEqual([]);
  await append(lea, { text: large }); // sealed under the version 1 of the world's own key
  expect(await missingMasterKeys(db, alone)).toEqual([1]);
});

function writeForEver(folder: string): ChildProcess {
  const program = `
    import { BlobStore } from './mailboxes/blobs/blob-store.ts';
    import { MasterKeys } from './mailboxes/blobs/master-keys.ts';
    const store = new BlobStore({ folder: ${JSON.stringify(folder)}, keys: new MasterKeys(new Map([[1, Buffer.alloc(32)]])), inlineLimitBytes: 0 });
    await store.store((async function* () { for (;;) { yield Buffer.alloc(1000); await new Promise((go) => setTimeout(go, 5)); } })());`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: process.cwd(),
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
