// A letter released from quarantine reaches its recipient as it was sent, once, and its sender hears how it ended. Requirement 50.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findBlob } from '../../mailboxes/blobs/hold-blobs.ts';
import type { Notify } from '../../src/delivery/arrival.ts';
import { readCourse, writeLedger } from '../../src/delivery/ledger.ts';
import { dropHeld, holdLetters, listQuarantine, releaseHeld } from '../../src/delivery/quarantine.ts';
import { deliverHeldLetter } from '../../src/pipeline/tasks/deliver-held-letter.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { letter, people } from '../support/one-path.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';
import { onEachEngine } from './engines.ts';
import { openWorkingTown, partOf, type WorkingTown } from './working-town.ts';

onEachEngine((engine) => {
  let town: WorkingTown;
  beforeEach(async () => {
    town = await openWorkingTown({ redisUrl: engine.redisUrl });
  });
  afterEach(() => town.close());

  const { doctor, citizen } = people;
  const decision = { by: 'admin.durand', reason: 'Le patient a été informé' };
  const trace = Buffer.from(`Return-Path: <${doctor}>\r\nReceived: from ward.test by passerelle.test; Sun, 22 Nov 2026 08:00:00 +0000\r\n`);

  /** A doctor's letter as the path holds it; larger than what the database keeps of a letter's bytes. */
  async function hold({ notify, bytes = 40_000 }: { notify?: Notify; bytes?: number } = {}) {
    const text = `${letter(doctor)}${'caf\u00e9 '.repeat(bytes / 5)}sans fin de ligne`;
    const about = aboutLetter({ messageId: /^Message-ID: (.*)\r$/m.exec(text)?.[1] ?? '' });
    const blob = await town.blobs.store(
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
    const now = town.services.clock();
    const recipient = { address: citizen, ...(notify && { notify }) };
    await town.db.transaction().execute(async (trx) => {
      const held = [{ about, recipient, blob, prefix: trace, code: 'document-about-someone-else' as const }];
      await holdLetters(trx, held, new Date(now.getTime() + 30 * 86_400_000), now);
      const line = { letterId: about.arrivalId, recipient: citizen, sender: doctor, messageId: about.messageId, notify, at: now };
      await writeLedger(trx, [{ ...line, state: 'held' }]);
    });
    const [held] = await listQuarantine(town.db);
    if (!held) throw new Error('Nothing is held');
    return { heldId: held.heldId, about, text, blob };
  }

  const release = (heldId: string) => releaseHeld(town.db, heldId, decision, town.services.clock());
  const courseOf = async (letterId: string) => (await readCourse(town.db, { letterId }))[0];
  const row = async (heldId: string) => (await town.rows()).find((one) => one.id === heldId);
  const citizenMayAnswer = async () => (await town.path.judgeRecipient(town.arrivalFrom(citizen), doctor)).do;

  test('byte for byte, with its own trace, opening the exchange, and the sender is told that it was delivered', async () => {
    const { heldId, about, text, blob } = await hold();
    expect(await citizenMayAnswer()).toBe('refuse');
    await release(heldId);
    await Promise.all([town.work(), town.work()]);
    await town.isQuiet();
    expect(await town.inbox(citizen)).toMatchObject([{ bytes: text, prefix: trace.toString(), sender: doctor }]);
    expect(await citizenMayAnswer()).toBe('accept');
    expect(await courseOf(about.arrivalId)).toMatchObject({
      state: 'delivered',
      times: { held: expect.any(Date), delivered: expect.any(Date) },
    });
    const [report, ...others] = await town.automatic(doctor);
    expect(others).toEqual([]);
    expect(report).toMatchObject({ subject: 'Message distribué', inReplyTo: about.messageId });
    expect(partOf(report as NonNullable<typeof report>, 'message/delivery-status')).toContain('Action: delivered');
    expect(report?.source).not.toContain(decision.reason);
    // The copy that was held is let go with the row.
    await town.blobs.collectOrphans(town.db, -60_000);
    expect(await findBlob(town.db, blob.blobId)).toBeUndefined();
  });

  test('once, when its work is done by several at once and again', async () => {
    const { heldId, text } = await hold({ notify: 'never' });
    await release(heldId);
    const context = { ...town.services, signal: new AbortController().signal, rowId: heldId };
    const attempts = [1, 2, 3].map(() => deliverHeldLetter.attempt(context, { heldId }));
    expect((await Promise.all(attempts)).map((one) => one?.do)).toEqual(['done', 'done', 'done']);
    await town.work();
    await town.isQuiet();
    expect((await town.inbox(citizen)).map((one) => one.bytes)).toEqual([text]);
    expect(await town.automatic(doctor)).toEqual([]);
  });

  test('a mailbox that is full for a while has it as soon as there is room', async () => {
    const { heldId, text } = await hold();
    await town.setRoom(citizen, 100);
    await release(heldId);
    await town.work();
    await until('it was put off', async () => (await row(heldId))?.last_error === 'mailbox-full');
    await town.setRoom(citizen, 1_000_000);
    town.pass(3);
    await town.isQuiet();
    expect((await town.inbox(citizen)).map((one) => one.bytes)).toEqual([text]);
    expect((await town.automatic(doctor)).map((one) => one.subject)).toEqual(['Message distribué']);
  });

  test('a mailbox that stays full: after the retry time the sender is told, once', async () => {
    const { heldId, about } = await hold();
    await town.setRoom(citizen, 100);
    await release(heldId);
    await town.work();
    await until('it was put off', async () => (await row(heldId))?.last_error === 'mailbox-full');
    town.pass(49);
    await town.isQuiet();
    expect(await row(heldId)).toMatchObject({ state: 'dead', last_error: 'mailbox-full' });
    const [report, ...others] = await town.automatic(doctor);
    expect(others).toEqual([]);
    expect(report?.subject).toBe('Message non distribué');
    const status = partOf(report as NonNullable<typeof report>, 'message/delivery-status');
    expect(status).toContain('Status: 5.2.2');
    expect(status).toContain('X-Passerelle-Code: mailbox-full');
    expect(await courseOf(about.arrivalId)).toMatchObject({ state: 'refused', status: '5.2.2' });
    expect(await town.inbox(citizen)).toEqual([]);
  });

  test('a mailbox closed meanwhile: the sender is told that it is closed', async () => {
    const { heldId, about } = await hold();
    await release(heldId);
    await setState(town.db, citizen, 'closed');
    await town.work();
    await town.isQuiet();
    expect((await row(heldId))?.state).toBe('done');
    const [report] = await town.automatic(doctor);
    expect(partOf(report as NonNullable<typeof report>, 'message/delivery-status')).toContain('X-Passerelle-Code: citizen-mailbox-closed');
    expect(await courseOf(about.arrivalId)).toMatchObject({ state: 'refused' });
  });

  test('bytes that are lost end in a report, not in silence', async () => {
    const { heldId } = await hold();
    await release(heldId);
    await sql`update quarantine set blob_id = ${randomUUID()}`.execute(town.db);
    await town.work();
    await town.isQuiet();
    expect(await row(heldId)).toMatchObject({ state: 'dead', last_error: 'bytes-missing' });
    expect((await town.automatic(doctor)).map((one) => one.subject)).toEqual(['Message non distribué']);
  });

  test('a letter that was dropped comes back as a report that tells neither the reason nor what was found', async () => {
    const { heldId } = await hold();
    await dropHeld(town.db, heldId, decision, town.services.clock());
    await town.work();
    await town.isQuiet();
    const [report] = await town.automatic(doctor);
    expect(report?.subject).toBe('Message non distribué');
    expect(report?.text).toContain('écarté après examen');
    expect(report?.source).not.toContain(decision.reason);
    expect(report?.source).not.toContain('document-about');
  });

  test('what nobody decided about in a month is dropped by the hour’s housekeeping, and the sender hears of it', async () => {
    await hold();
    town.pass(31 * 24);
    await town.work();
    await until('the report is there', async () => (await town.automatic(doctor)).length === 1);
    expect((await town.automatic(doctor))[0]?.text).toContain('n’a pas été libéré à temps');
    expect(await listQuarantine(town.db)).toEqual([]);
  });

  test('a letter is remembered for its time, and no longer', async () => {
    const { about } = await hold();
    await release((await listQuarantine(town.db))[0]?.heldId ?? '');
    await town.work();
    await town.isQuiet();
    expect(await courseOf(about.arrivalId)).toBeDefined();
    town.pass(401 * 24);
    await until('the letter is forgotten', async () => (await courseOf(about.arrivalId)) === undefined);
    await until('and how it was decided', async () => (await town.db.selectFrom('quarantine').select('held_id').execute()).length === 0);
    expect(await town.db.selectFrom('register_letters').selectAll().execute()).toEqual([]);
  });
});
