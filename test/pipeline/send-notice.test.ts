// From a letter in a citizen's INBOX to the notice at their ordinary address, through the real queue and a real SMTP server.
import { simpleParser } from 'mailparser';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { findCitizens } from '../../directory/matricules.ts';
import { readNoticePreference, setNoticePreference } from '../../policies/notice-preferences.ts';
import { localPart } from '../../src/core/address.ts';
import type { Ins } from '../../src/core/ins.ts';
import { noticeRowKind } from '../../src/delivery/notices.ts';
import { Sink } from '../../src/demo/sink.ts';
import { sendNotice } from '../../src/pipeline/tasks/send-notice.ts';
import { address } from '../support/address.ts';
import { letter, people, townPolicies } from '../support/one-path.ts';
import { until } from '../support/until.ts';
import { onEachEngine } from './engines.ts';
import { openWorkingTown, type WorkingTown } from './working-town.ts';

const { doctor, citizen, neighbour } = people;
const home = address('dominique@fournisseur.example');
const quietMs = 24 * 3_600_000;

onEachEngine((engine) => {
  let town: WorkingTown;
  let sink: Sink;
  let citizenId = 0;
  beforeAll(async () => {
    sink = new Sink();
    const hop = { host: '127.0.0.1', port: await sink.start(), tls: { mode: 'none' } } as const;
    const smarthost = { hop, heloName: 'passerelle.test', from: address('ne-pas-repondre@operateur.example') };
    const notices = { smarthost, readAt: 'https://messagerie.operateur.example', changeAt: undefined, quietMs, perMinute: 10_000 };
    town = await openWorkingTown({
      redisUrl: engine.redisUrl,
      notices,
      policies: { ...townPolicies, legalNotice: false, notices: { quietMs } },
    });
    citizenId = (await findCitizens(town.db, [localPart(citizen) as Ins])).get(localPart(citizen) as Ins) ?? 0;
  });
  beforeEach(async () => {
    sink.answerWith(() => 'take');
    await setNoticePreference(town.db, citizenId, { address: home, told: {} });
  });
  afterEach(async () => {
    await town.rest();
    for (const table of ['outbox', 'notices'] as const) await town.db.deleteFrom(table).execute();
    town.pass(48);
  });
  afterAll(async () => {
    await town.close();
    await sink.stop();
  });

  const secret = 'Resultats-de-Dominique';
  const send = async (text = letter(doctor)) => expect(await town.send(doctor, [citizen, neighbour], text)).toEqual({ do: 'accepted' });
  const notices = async () => (await town.rows()).filter((row) => row.kind === noticeRowKind);
  const context = (rowId: string) => ({ ...town.services, signal: new AbortController().signal, rowId });

  /** Lets a process make one attempt at this row, and stops it. */
  async function attempt(rowId: string): Promise<void> {
    const ended = async () => {
      const row = await town.db.selectFrom('outbox').select(['state', 'history']).where('id', '=', rowId).executeTakeFirst();
      return { isFinished: row?.state !== 'waiting', attempts: Array.isArray(row?.history) ? row.history.length : 0 };
    };
    const before = await ended();
    await town.work();
    // Not merely begun: stopped by then, it would go back untried.
    await until('the attempt has ended', async () => {
      const now = await ended();
      return now.isFinished || now.attempts > before.attempts;
    });
    await town.rest();
  }

  test('requirement 58: the citizen is told that a letter waits, and nothing that leaves here says who they are, who wrote or about what', async () => {
    const before = sink.letters.length;
    await town.work();
    await send(letter(doctor, `X-Secret: ${secret}\r\n`).replace('Essai', secret));
    await send();
    const sunk = await sink.waitFor((one) => one.recipients.includes(home));
    await until('the notice is settled', async () => (await notices()).filter((row) => row.state === 'done').length === 1);
    expect(sink.letters.length - before).toBe(1);
    expect(sunk).toMatchObject({ sender: 'ne-pas-repondre@operateur.example', recipients: [home] });
    const mail = await simpleParser(sunk.bytes);
    expect(mail.subject).toBe('Un message vous attend');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.text).toContain('https://messagerie.operateur.example');
    const [row] = await notices();
    expect(mail.messageId).toBe(`<${row?.id}@passerelle.test>`);
    const said = `${sunk.bytes.toString()}${mail.text}${mail.html}`;
    for (const hidden of [secret, localPart(citizen), localPart(doctor), 'PAT-TROIS', 'MARTIN', 'Essai'])
      expect(said).not.toContain(hidden);
  });

  test('a smarthost that puts off is asked again with the same Message-ID; one that is silent for a day gives the notice up, and nobody is told', async () => {
    sink.answerWith(() => 'later');
    await send();
    const rowId = (await notices())[0]?.id ?? '';
    await attempt(rowId);
    expect((await notices())[0]).toMatchObject({ state: 'waiting', last_error: 'put-off' });
    town.pass(25);
    await attempt(rowId);
    expect(await town.rows()).toMatchObject([{ id: rowId, state: 'dead', last_error: 'put-off' }]);
  });

  test('the answer was lost: the notice is sent once more, under the Message-ID that shows it', async () => {
    const before = sink.letters.length;
    await send();
    const [row] = await notices();
    // The process died between the answer and the write: the attempt left no trace but the letter.
    expect(await sendNotice.attempt(context(row?.id ?? ''), row?.payload)).toMatchObject({ do: 'done' });
    await attempt(row?.id ?? '');
    const ids = await Promise.all(sink.letters.slice(before).map(async ({ bytes }) => (await simpleParser(bytes)).messageId));
    expect(ids).toEqual([`<${row?.id}@passerelle.test>`, `<${row?.id}@passerelle.test>`]);
  });

  test('an address that refuses three notices in a row is left alone until it is given anew, and nobody is called to see to it', async () => {
    sink.answerWith(() => 'refuse');
    for (const refusals of [1, 2, 3]) {
      await send();
      const rowId = (await notices()).find((row) => row.state === 'waiting')?.id ?? '';
      await attempt(rowId);
      expect((await notices()).find((row) => row.id === rowId)).toMatchObject({ state: 'done', last_error: null });
      expect(await readNoticePreference(town.db, citizenId)).toMatchObject({ isFailing: refusals === 3 });
      town.pass(48);
    }
    await send();
    expect((await notices()).filter((row) => row.state === 'waiting')).toEqual([]);
    await setNoticePreference(town.db, citizenId, { address: home, told: {} });
    await send();
    sink.answerWith(() => 'take');
    const again = (await notices()).find((row) => row.state === 'waiting')?.id ?? '';
    await attempt(again);
    expect((await notices()).find((row) => row.id === again)).toMatchObject({ state: 'done' });
  });

  test('a notice that was taken forgets the refusals before it', async () => {
    for (const answer of ['refuse', 'refuse', 'take', 'refuse', 'refuse'] as const) {
      sink.answerWith(() => answer);
      await send();
      await attempt((await notices()).find((row) => row.state === 'waiting')?.id ?? '');
      town.pass(48);
    }
    expect(await readNoticePreference(town.db, citizenId)).toMatchObject({ isFailing: false });
  });

  test('two processes at work on many letters at once: one notice', async () => {
    const before = sink.letters.length;
    await Promise.all([town.work(), town.work()]);
    await Promise.all(Array.from({ length: 10 }, () => send()));
    await until('the notice is settled', async () => (await notices()).some((row) => row.state === 'done'));
    expect(sink.letters.slice(before).filter(({ recipients }) => recipients.includes(home))).toHaveLength(1);
  });

  test('notices that were turned off since are settled without a word', async () => {
    const before = sink.letters.length;
    await send();
    const [row] = await notices();
    expect(await sendNotice.attempt({ ...context(row?.id ?? ''), notices: undefined }, row?.payload)).toEqual({ do: 'done' });
    expect(sink.letters.length).toBe(before);
  });
});
