// What a letter brings back beside reports of failure: the test address, reports asked for, the ledger, absences, notices. Requirements 37, 40, 46.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setAbsence } from '../../policies/absences.ts';
import { absenceRowKind, legalNoticeRowKind, reportRowKind, testAnswerRowKind } from '../../src/delivery/automatic-letters.ts';
import { readCourse } from '../../src/delivery/ledger.ts';
import { outgoingLetterKind } from '../../src/delivery/outgoing-letters.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people, townPolicies } from '../support/one-path.ts';

const { doctor, colleague, citizen, neighbour, elsewhere } = people;
const unknown = address('185019910000121@patient.mssante.fr');
const other = address('190019910000167@patient.mssante.fr');
const testAddress = address('reponse.automatique-test@patient.mssante.fr');
const accepted = { do: 'accepted' };

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown({ policies: { ...townPolicies, testAnswersPerHour: 2 } });
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'tallies', 'ledger', 'register_letters', 'exchanges'] as const) await town.db.deleteFrom(table).execute();
});

const reports = () => town.owed(reportRowKind);

describe('requirement 40: the test address', () => {
  test('answers with what arrived, a few times an hour, and never an automatic letter', async () => {
    const arrival = town.arrivalFrom(elsewhere, 'mx', {
      peer: {
        heloName: 'mx.autre',
        ip: '127.0.0.1',
        protocol: 'ESMTPS',
        certificateName: 'mx.autre.mssante.fr',
        tls: { protocol: 'TLSv1.3', cipher: 'X' },
      },
    });
    expect(await town.sendAs(arrival, [testAddress], letter(elsewhere, 'X-MSS-NIL: DEV1\r\nX-Odd: a\0b\r\n\tc\r\n'))).toEqual(accepted);
    expect(await town.owed(testAnswerRowKind)).toMatchObject([
      {
        to: elsewhere,
        testAddress,
        summary: {
          peer: { heloName: 'mx.autre', certificateName: 'mx.autre.mssante.fr', tls: { protocol: 'TLSv1.3' } },
          headers: expect.arrayContaining([
            { name: 'X-MSS-NIL', value: 'DEV1' },
            { name: 'X-Odd', value: 'a b c' },
          ]),
          verdict: { code: 'accept' },
        },
      },
    ]);
    await town.send(elsewhere, [testAddress], letter(elsewhere, 'Auto-Submitted: auto-replied\r\n'), 'mx');
    expect(await town.owed(testAnswerRowKind)).toHaveLength(1);
    expect(await town.send(elsewhere, [testAddress], letter(elsewhere), 'mx')).toMatchObject({ do: 'defer', code: 'test-address-busy' });
    expect(await town.send(doctor, [testAddress], letter(doctor))).toEqual(accepted);
  });

  test('requirement 37: a program that takes another name each time is answered some times an hour, behind one certificate', async () => {
    const peer = { heloName: 'mx.autre', ip: '192.0.2.1', protocol: 'ESMTPS', certificateName: 'mx.autre.mssante.fr' } as const;
    const write = (number: number) => {
      const robot = address(`robot-${number}@hopital.autre.mssante.fr`);
      return town.sendAs(town.arrivalFrom(robot, 'mx', { peer }), [testAddress], letter(robot));
    };
    for (let number = 0; number < 20; number += 1) expect(await write(number)).toEqual(accepted);
    expect(await write(20)).toMatchObject({ do: 'defer', code: 'test-address-busy' });
    expect(await town.send(doctor, [testAddress], letter(doctor))).toEqual(accepted);
  });
});

describe('requirement 46: the sender is told what they asked for', () => {
  test('of a letter that was placed when NOTIFY says SUCCESS, of failures unless it says otherwise, of nothing when NEVER', async () => {
    await town.sendAs(
      town.arrivalFrom(doctor),
      [
        { address: citizen, notify: ['success'] },
        { address: neighbour },
        { address: unknown, notify: 'never' },
        { address: other, notify: ['success'] },
      ],
      letter(doctor),
    );
    expect(await reports()).toMatchObject([{ recipients: [{ address: citizen, action: 'delivered', status: '2.1.5' }] }]);
  });

  test('letters for other operators carry what was asked', async () => {
    await town.sendAs(
      town.arrivalFrom(doctor, 'submission', { returned: 'full', envelopeId: 'envoi-2' }),
      [{ address: elsewhere, notify: ['success', 'failure'], originalRecipient: 'rfc822;x@y.fr' }],
      letter(doctor),
    );
    expect(await town.owed(outgoingLetterKind)).toMatchObject([
      {
        returned: 'full',
        about: { envelopeId: 'envoi-2' },
        recipients: [{ address: elsewhere, notify: ['success', 'failure'], originalRecipient: 'rfc822;x@y.fr' }],
      },
    ]);
    expect(await reports()).toEqual([]);
  });

  test('a receipt and a report that come back move the ledger on; what others write in their likeness does not', async () => {
    const messageId = '<suivi@test>';
    const sent = letter(doctor).replace(/Message-ID: .*/, `Message-ID: ${messageId}`);
    await town.send(doctor, [citizen, elsewhere], sent);
    const states = async () =>
      Object.fromEntries((await readCourse(town.db, { messageId })).map(({ recipient, state }) => [recipient, state]));
    expect(await states()).toEqual({ [citizen]: 'delivered', [elsewhere]: 'queued' });
    const mdn = (from: typeof doctor) =>
      letter(from, 'Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n').replace(
        'Bonjour',
        `--x\r\n\r\nLu\r\n--x\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;${from}\r\nOriginal-Message-ID: ${messageId}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--x--`,
      );
    const dsn = letter(elsewhere, 'Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n').replace(
      'Bonjour',
      `--x\r\n\r\nRemis\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;mx.autre\r\n\r\nFinal-Recipient: rfc822;${elsewhere}\r\nAction: delivered\r\nStatus: 2.0.0\r\n--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: ${messageId}\r\n--x--`,
    );
    // A colleague speaks in nobody's name, another operator not in the citizen's, and a person is no server.
    await town.sendAs(town.arrivalFrom(null, 'mx'), [doctor], mdn(citizen));
    await town.send(colleague, [doctor], dsn.replace(`From: <${elsewhere}>`, `From: <${colleague}>`));
    expect(await states()).toEqual({ [citizen]: 'delivered', [elsewhere]: 'queued' });
    await town.sendAs(town.arrivalFrom(null, 'mx'), [doctor], dsn);
    expect(await states()).toEqual({ [citizen]: 'delivered', [elsewhere]: 'delivered' });
    await town.sendAs(town.arrivalFrom(null, 'mx'), [doctor], mdn(elsewhere));
    await town.sendAs(town.arrivalFrom(null, 'pipeline'), [doctor], mdn(citizen));
    expect(await states()).toEqual({ [citizen]: 'read', [elsewhere]: 'read' });
  });
});

describe('absences and the legal notice', () => {
  test('requirement 37: an absent professional answers each correspondent once, who named them, and no program', async () => {
    const now = Date.now();
    const absence = { address: colleague, from: new Date(now - 1000), until: new Date(now + 3_600_000), text: 'En congé', standIn: doctor };
    await setAbsence(town.db, absence);
    const named = (extra = '') => letter(doctor, extra).replace('To: undisclosed-recipients:;', `To: Paul <${colleague}>`);
    await town.send(doctor, [colleague], letter(doctor));
    await town.send(doctor, [colleague], named('List-Id: <liste.test>\r\n'));
    expect(await town.owed(absenceRowKind)).toEqual([]);
    await Promise.all([1, 2, 3].map(() => town.send(doctor, [colleague], named())));
    expect(await town.owed(absenceRowKind)).toMatchObject([
      { to: doctor, from: colleague, absence: { text: 'En congé', standIn: doctor } },
    ]);
  });

  test('a citizen is told with their first letter to a correspondent that no reading delay is promised, unless the operator says no', async () => {
    const silent = await openTown({ policies: { ...townPolicies, legalNotice: false } });
    for (const one of [town, silent]) {
      for (const from of [doctor, elsewhere]) await one.send(from, [citizen], letter(from), from === doctor ? 'submission' : 'mx');
      for (const to of [doctor, doctor, elsewhere]) await one.send(citizen, [to], letter(citizen));
    }
    expect(await town.owed(legalNoticeRowKind)).toMatchObject([
      { to: citizen, correspondent: doctor },
      { to: citizen, correspondent: elsewhere },
    ]);
    expect(await silent.owed(legalNoticeRowKind)).toEqual([]);
    await silent.close();
  });
});
