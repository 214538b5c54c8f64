// What is owed to a sender reaches them as a letter like any other: once, whatever is run twice, and never in answer to itself.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expungeMessages } from '../../mailboxes/expunge.ts';
import { SystemFlag, storeFlags } from '../../mailboxes/flags.ts';
import { findFolder } from '../../mailboxes/folders.ts';
import { setAbsence } from '../../policies/absences.ts';
import { reports } from '../../policies/verdict.ts';
import { oweReports } from '../../src/delivery/automatic-letters.ts';
import { readCourse } from '../../src/delivery/ledger.ts';
import { beginAttempts } from '../../src/delivery/outbox-leases.ts';
import { sendReport } from '../../src/pipeline/tasks/send-report.ts';
import { aboutLetter } from '../support/about-letter.ts';
import { address } from '../support/address.ts';
import { letter, people } from '../support/one-path.ts';
import { setState } from '../support/set-state.ts';
import { until } from '../support/until.ts';
import { onEachEngine } from './engines.ts';
import { openTownWithHop } from './town-with-hop.ts';
import { openWorkingTown, partOf, type WorkingTown } from './working-town.ts';

onEachEngine((engine) => {
  let town: WorkingTown;
  beforeAll(async () => {
    town = await openWorkingTown({ redisUrl: engine.redisUrl });
  });
  afterEach(() => town.rest());
  afterAll(() => town.close());

  const { doctor, colleague, retired, citizen, neighbour, elsewhere } = people;
  const stranger = address('299999999999945@patient.mssante.fr');
  const messageIdOf = (text: string) => /^Message-ID: (.*)\r$/m.exec(text)?.[1] ?? '';

  /** Owes a report to somebody, about a letter nobody remembers. */
  async function oweReport(to: typeof doctor): Promise<string> {
    const recipients = [{ address: citizen, action: 'failed', status: '5.2.1', code: 'citizen-mailbox-closed' } as const];
    const before = new Set((await town.rows()).map((row) => row.id));
    await town.db
      .transaction()
      .execute((trx) => oweReports(trx, [{ about: aboutLetter({ sender: to }), recipients }], town.services.clock()));
    return (await town.rows()).find((row) => !before.has(row.id))?.id ?? '';
  }

  describe('requirement 36: reports', () => {
    test('a letter to a citizen nobody knows comes back as one report, with two processes at work', async () => {
      await Promise.all([town.work(), town.work()]);
      const text = letter(doctor);
      expect(await town.send(doctor, [stranger, citizen], text)).toEqual({ do: 'accepted' });
      await town.isQuiet();
      const [report, ...others] = await town.automatic(doctor);
      expect(others).toEqual([]);
      expect(report).toMatchObject({ returnPath: '<>', subject: 'Message non distribué', inReplyTo: messageIdOf(text) });
      expect(report?.from?.text).toContain('postmaster@patient.mssante.fr');
      expect(report?.text).toContain(reports['citizen-unknown'].text);
      const status = partOf(report as NonNullable<typeof report>, 'message/delivery-status');
      expect(status).toMatch(new RegExp(`Final-Recipient: rfc822; ?${stranger}`));
      expect(status).toMatch(/Action: failed\r\nStatus: 5\.1\.1/);
      expect(status).toContain('X-Passerelle-Code: citizen-unknown');
      expect(status).not.toContain(citizen);
      expect(report?.source).toContain(messageIdOf(text));
      expect(report?.source).not.toContain('Bonjour\r\n\r\nBonjour');
      const course = await readCourse(town.db, { messageId: messageIdOf(text) });
      expect(course.map((line) => [line.recipient, line.state])).toEqual(
        [
          [citizen, 'delivered'],
          [stranger, 'refused'],
        ].sort(),
      );
    });

    test('the same work done by several at once, and again after its end, delivers one letter', async () => {
      const before = (await town.automatic(doctor)).length;
      const rowId = await oweReport(doctor);
      const { payload } = (await town.rows()).find((row) => row.id === rowId) ?? {};
      const context = { ...town.services, signal: new AbortController().signal, rowId };
      const results = await Promise.all([1, 2, 3].map(() => sendReport.attempt(context, payload)));
      expect(results).toEqual([{ do: 'done' }, { do: 'done' }, { do: 'done' }]);
      // The process died before it could write the result: the row is settled all the same.
      expect((await town.rows()).find((row) => row.id === rowId)?.state).toBe('done');
      expect(await beginAttempts(town.db, [{ id: rowId, attempts: 0 }], town.services.clock(), 1000)).toEqual(new Map());
      expect(await town.automatic(doctor)).toHaveLength(before + 1);
    });
  });

  describe('requirements 17 and 37: an automatic letter that cannot be delivered is given up, and nobody hears of it', () => {
    test.each([
      { to: retired, what: 'a closed mailbox', because: 'mailbox-closed' },
      { to: address('personne@medecin.test.mssante.fr'), what: 'an address of nobody', because: 'address-unknown' },
    ])('$what', async ({ to, because }) => {
      const rowId = await oweReport(to);
      await town.work();
      await town.isQuiet();
      expect((await town.rows()).find((row) => row.id === rowId)).toMatchObject({ state: 'dead', last_error: because });
      expect((await town.rows()).filter((row) => row.kind === 'send-report' && row.state !== 'done')).not.toContainEqual(
        expect.objectContaining({ state: 'waiting' }),
      );
    });

    test('a mailbox that stays full is tried for two days', async () => {
      const rowId = await oweReport(colleague);
      await town.setRoom(colleague, 0);
      await town.work();
      const row = async () => (await town.rows()).find((one) => one.id === rowId);
      await until('it was put off', async () => (await row())?.last_error === 'mailbox-full');
      const owed = (await town.rows()).length;
      town.pass(47);
      expect(await row()).toMatchObject({ state: 'waiting' });
      town.pass(2);
      await town.isQuiet();
      expect(await row()).toMatchObject({ state: 'dead', last_error: 'mailbox-full' });
      expect(await town.rows()).toHaveLength(owed);
      await town.setRoom(colleague, 1_000_000);
    });
  });

  describe('requirements 43 to 46: receipts', () => {
    async function readLast(reader: typeof citizen, andThrowAway = false) {
      const mailboxId = town.accounts.get(reader) ?? 0;
      const folder = await findFolder(town.db, mailboxId, 'INBOX');
      const uids = [(await town.inbox(reader)).at(-1)?.uid ?? 0];
      if (!folder) throw new Error('No INBOX');
      const flags = SystemFlag.Seen | SystemFlag.Deleted;
      await storeFlags(town.db, town.wakeups, mailboxId, folder.folderId, uids, { mode: 'add', flags, keywords: [] });
      if (andThrowAway) await expungeMessages(town.db, town.wakeups, mailboxId, folder.folderId, uids);
    }
    const asking = () => letter(doctor, `Disposition-Notification-To: <${doctor}>\r\n`);
    const receipts = async () => (await town.automatic(doctor)).filter((one) => partOf(one, 'message/disposition-notification') !== '');

    test('reading sends one receipt, with three parts, and the letter is known to be read', async () => {
      const text = asking();
      await town.send(doctor, [citizen], text);
      await town.work();
      await readLast(citizen);
      const [receipt] = await until('the receipt is there', async () => ((await receipts()).length > 0 ? await receipts() : undefined));
      expect(receipt).toMatchObject({ returnPath: '<>', inReplyTo: messageIdOf(text) });
      expect(receipt?.from?.text).toBe(`"Dominique PAT-TROIS" <${citizen}>`);
      const fields = partOf(receipt as NonNullable<typeof receipt>, 'message/disposition-notification');
      expect(fields).toContain(`Final-Recipient: rfc822;${citizen}`);
      expect(fields).toContain(`Original-Message-ID: ${messageIdOf(text)}`);
      expect(fields).toContain('Disposition: automatic-action/MDN-sent-automatically; displayed');
      expect(receipt?.source).toContain('message/rfc822');
      expect((await readCourse(town.db, { messageId: messageIdOf(text) }))[0]).toMatchObject({ state: 'read', recipient: citizen });
      await readLast(citizen);
      await town.isQuiet();
      expect(await receipts()).toHaveLength(1);
    });

    test('a letter that was thrown away at once is receipted all the same', async () => {
      const text = asking();
      await town.send(doctor, [neighbour], text);
      await readLast(neighbour, true);
      const before = (await receipts()).length;
      await town.work();
      await until('the receipt is there', async () => (await receipts()).length === before + 1);
      expect((await receipts()).at(-1)?.source).toContain(`Original-Message-ID: ${messageIdOf(text)}`);
    });

    test('requirement 45: none when nobody asked', async () => {
      const before = (await receipts()).length;
      await town.send(doctor, [citizen], letter(doctor));
      await readLast(citizen);
      await town.work();
      await town.send(doctor, [citizen], asking());
      await readLast(citizen);
      await until('the other receipt is there', async () => (await receipts()).length === before + 1);
      await town.isQuiet();
      expect(await receipts()).toHaveLength(before + 1);
    });
  });

  test('an absence, the legal notice and the test address answer, each once and in its own name', async () => {
    const now = Date.now();
    const dates = { from: new Date(now - 86_400_000), until: new Date(now + 86_400_000 * 90) };
    await setAbsence(town.db, { address: colleague, ...dates, text: 'En congé jusqu’au printemps', standIn: doctor });
    await town.send(colleague, [citizen], letter(colleague));
    await town.work();
    for (let times = 0; times < 2; times += 1) {
      const text = letter(citizen).replace('To: undisclosed-recipients:;', `To: <${colleague}>`);
      expect(await town.send(citizen, [colleague], text)).toEqual({ do: 'accepted' });
    }
    await town.send(doctor, [address('reponse.automatique-test@patient.mssante.fr')], letter(doctor, 'X-MSS-NIL: DEV935997\r\n'));
    await town.isQuiet();
    const heard = await town.automatic(citizen);
    expect(heard.map((one) => one.subject).sort()).toEqual(['Réponse automatique : absence', 'À savoir sur les délais de lecture']);
    const absence = heard.find((one) => one.subject?.includes('absence'));
    expect(absence?.from?.text).toBe(`"Dr Léa TEST" <${colleague}>`);
    expect(absence?.text).toContain('En congé jusqu’au printemps');
    const answer = (await town.automatic(doctor)).at(-1);
    expect(answer).toMatchObject({ subject: "Réponse de l'adresse de test", returnPath: '<>' });
    expect(answer?.text).toMatch(/X-MSS-NIL : DEV935997/i);
  });

  test('requirement 46: a letter that another operator refuses comes back to its sender here, with that operator’s words', async () => {
    const { town: other, sink, close } = await openTownWithHop(engine);
    sink.answerWith((recipient) => (recipient === elsewhere ? 'refuse' : 'take'));
    try {
      const taken = address('autre@hopital.autre.mssante.fr');
      const text = letter(doctor);
      expect(await other.send(doctor, [elsewhere, taken, citizen], text)).toEqual({ do: 'accepted' });
      await other.work();
      await other.isQuiet();
      expect(sink.letters.map((one) => one.recipients)).toEqual([[taken]]);
      const [report, ...others] = await other.automatic(doctor);
      expect(others).toEqual([]);
      const status = partOf(report as NonNullable<typeof report>, 'message/delivery-status');
      expect(status).toContain(`Final-Recipient: rfc822; ${elsewhere}`);
      expect(status).toMatch(/Diagnostic-Code: smtp; 550/);
      expect(status).not.toContain(taken);
      const course = await readCourse(other.db, { messageId: messageIdOf(text) });
      expect(course.map((line) => [line.recipient, line.state])).toEqual([
        [citizen, 'delivered'],
        [taken, 'relayed'],
        [elsewhere, 'refused'],
      ]);
    } finally {
      await close();
    }
  });

  test('requirement 36: a sender at another operator hears by the relay, with a null sender', async () => {
    await town.send(elsewhere, [stranger], letter(elsewhere), 'mx');
    await town.work();
    await until('the report waits for the next hop', async () =>
      (await town.rows()).some((row) => row.kind === 'relay-letter' && row.last_error === 'no-next-hop'),
    );
    const relayed = (await town.rows()).filter((row) => row.kind === 'relay-letter');
    expect(relayed.map((row) => row.payload)).toMatchObject([
      { sender: null, isAnswer: true, recipients: [{ address: elsewhere, notify: 'never' }] },
    ]);
    town.pass(49);
    await town.isQuiet();
    expect((await town.rows()).at(-1)).toMatchObject({ kind: 'relay-letter', state: 'dead', last_error: 'no-next-hop' });
  });

  test('a mailbox closed while its report was owed costs nothing else', async () => {
    const rowId = await oweReport(colleague);
    await setState(town.db, colleague, 'closed');
    await town.work();
    await town.isQuiet();
    expect((await town.rows()).find((row) => row.id === rowId)).toMatchObject({ state: 'dead', last_error: 'mailbox-closed' });
  });
});
