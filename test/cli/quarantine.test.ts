// Letters held apart: seen, released and dropped by somebody, with a reason.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BlobStore } from '../../mailboxes/blobs/blob-store.ts';
import { MasterKeys } from '../../mailboxes/blobs/master-keys.ts';
import { holdLetters, listQuarantine } from '../../src/delivery/quarantine.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { openCliTown } from './cli-town.ts';

vi.setConfig({ testTimeout: 120_000 });

let town: Awaited<ReturnType<typeof openCliTown>>;
let folder: string;
beforeAll(async () => {
  town = await openCliTown();
  folder = await mkdtemp(join(tmpdir(), 'passerelle-held-'));
});
afterAll(async () => {
  await town.close();
  await rm(folder, { recursive: true, force: true });
});

/** Holds a letter to somebody else's patient; returns its name in the quarantine. */
async function hold(): Promise<string> {
  const blobs = new BlobStore({ folder, keys: new MasterKeys(new Map([[1, Buffer.alloc(32, 7)]])), inlineLimitBytes: 1000 });
  const blob = await blobs.store(
    (async function* () {
      yield Buffer.from('Subject: Essai\r\n\r\nBonjour\r\n');
    })(),
  );
  const about = aboutLetter();
  const recipient = { address: address('279035121518989@patient.mssante.fr') };
  const now = new Date();
  await town.db
    .transaction()
    .execute((trx) =>
      holdLetters(
        trx,
        [{ about, recipient, blob, prefix: Buffer.alloc(0), code: 'document-hidden-from-patient' }],
        new Date(now.getTime() + 86_400_000),
        now,
      ),
    );
  const held = (await listQuarantine(town.db)).find(({ letterId }) => letterId === about.arrivalId);
  return held?.heldId ?? expect.fail('not held');
}

const decided = (heldId: string) =>
  town.db.selectFrom('quarantine').select(['state', 'decided_by', 'reason']).where('held_id', '=', heldId).executeTakeFirst();

test('requirement 50: a held letter is listed, released once, and who decided why is kept', async () => {
  const heldId = await hold();
  const listed = await town.run('quarantine list');
  expect(listed.out).toMatch(/^1 courrier retenu\.\n\nIdentifiant +Retenu +Jusqu’au +Expéditeur +Destinataire +Motif\n/);
  expect(listed.out).toContain(`${heldId}  `);
  expect(listed.out).toContain('document-hidden-from-patient : Ce courrier est retenu');

  const released = await town.run(`quarantine release ${heldId} --reason document-annoncé-au-patient --by admin.durand`);
  expect(released).toMatchObject({ exitCode: 0, err: '', out: expect.stringContaining('part vers son destinataire') });
  expect(await decided(heldId)).toEqual({ state: 'released', decided_by: 'admin.durand', reason: 'document-annoncé-au-patient' });
  const owed = await town.db.selectFrom('outbox').select('kind').where('id', '=', heldId).execute();
  expect(owed).toEqual([{ kind: 'deliver-held-letter' }]);

  for (const decision of ['release', 'drop']) {
    const again = await town.run(`quarantine ${decision} ${heldId} --reason encore`);
    expect(again).toMatchObject({ exitCode: 1, out: '' });
  }
  expect(await decided(heldId)).toMatchObject({ state: 'released' });
  expect(await town.ask('quarantine list')).toEqual([]);
});

test('requirement 50: a held letter is dropped for good by whoever is signed in, and its sender is owed a report', async () => {
  const heldId = await hold();
  expect(await town.ask(`quarantine drop ${heldId.toUpperCase()} --reason erreur-de-destinataire`)).toMatchObject({ decision: 'dropped' });
  expect(await decided(heldId)).toMatchObject({ state: 'dropped', decided_by: expect.stringMatching(/./) });
  expect(await town.db.selectFrom('outbox').select('kind').where('kind', '=', 'send-report').execute()).toHaveLength(1);
});
