// What comes back to a sender: taken and reported, refused in the protocol, or nothing at all. Requirements 16, 17, 36, 37.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refusals } from '../../policies/verdict.ts';
import { RefusedError } from '../../src/core/errors.ts';
import { reportRowKind } from '../../src/delivery/automatic-letters.ts';
import { readCourse } from '../../src/delivery/ledger.ts';
import { outgoingLetterKind } from '../../src/delivery/outgoing-letters.ts';
import { address } from '../support/address.ts';
import { letter, openTown, people, townPolicies } from '../support/one-path.ts';
import { setState } from '../support/set-state.ts';

const { doctor, colleague, retired, citizen, neighbour, elsewhere } = people;
const unknown = address('185019910000121@patient.mssante.fr');
const other = address('190019910000167@patient.mssante.fr');
const accepted = { do: 'accepted' };

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown({ policies: { ...townPolicies, unknownPerHour: { sender: 3, certificate: 5 } } });
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'tallies', 'ledger', 'register_letters', 'exchanges'] as const) await town.db.deleteFrom(table).execute();
});

const reports = () => town.owed(reportRowKind);
const heavy = (from: typeof doctor) =>
  letter(from, 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n') + `${'A'.repeat(76)}\r\n`.repeat(20_000);

describe('requirement 36: towards citizens’ mailboxes', () => {
  test('an unknown citizen and a closed mailbox are taken, then told in one report each, that names its code', async () => {
    await setState(town.db, neighbour, 'opposed');
    expect(await town.send(doctor, [unknown], letter(doctor))).toEqual(accepted);
    expect(await town.send(elsewhere, [neighbour], letter(elsewhere), 'mx')).toEqual(accepted);
    await setState(town.db, neighbour, 'reopened');
    expect(await reports()).toMatchObject([
      { to: doctor, recipients: [{ address: unknown, action: 'failed', status: '5.1.1', code: 'citizen-unknown' }] },
      { to: elsewhere, recipients: [{ address: neighbour, action: 'failed', status: '5.2.1', code: 'citizen-mailbox-closed' }] },
    ]);
  });

  test('a letter to several people has one report, of those who do not have it; the others have it', async () => {
    const before = (await town.inbox(citizen)).length;
    const arrival = town.arrivalFrom(doctor, 'submission', { envelopeId: 'envoi-1' });
    const closes = () => setState(town.db, colleague, 'closed');
    const originalRecipient = `rfc822;${unknown}`;
    expect(await town.sendAs(arrival, [citizen, { address: unknown, originalRecipient }, colleague], letter(doctor), closes)).toEqual(
      accepted,
    );
    await setState(town.db, colleague, 'reopened');
    expect(await town.inbox(citizen)).toHaveLength(before + 1);
    const [report, ...others] = await reports();
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      to: doctor,
      about: { arrivalId: arrival.id, envelopeId: 'envoi-1', receivedFrom: 'client.test' },
      recipients: [
        { address: unknown, originalRecipient, code: 'citizen-unknown' },
        { address: colleague, code: 'mailbox-closed', status: '5.2.1' },
      ],
    });
    expect(Buffer.from((report as { headers: string }).headers, 'base64').toString()).toMatch(/^From: .*Message-ID: <[^>]+>\r\n$/s);
    expect((await readCourse(town.db, { letterId: arrival.id })).map(({ recipient, state, status }) => [recipient, state, status])).toEqual(
      expect.arrayContaining([
        [citizen, 'delivered', null],
        [unknown, 'refused', '5.1.1'],
        [colleague, 'refused', '5.2.1'],
      ]),
    );
  });

  test('the same letter once more is reported no second time, and nothing is kept of it', async () => {
    const files = await town.files();
    const twice = letter(doctor) + 'x'.repeat(40_000);
    for (let time = 0; time < 2; time += 1) expect(await town.send(doctor, [unknown], twice)).toEqual(accepted);
    expect(await reports()).toHaveLength(1);
    expect(await town.files()).toBe(files);
  });

  test('what is refused for everybody after the content is refused in the protocol, and nobody is written to', async () => {
    const closes = () => setState(town.db, colleague, 'closed');
    expect(await town.sendAs(town.arrivalFrom(doctor), [colleague], letter(doctor), closes)).toMatchObject({
      do: 'refuse',
      code: 'mailbox-closed',
    });
    await setState(town.db, colleague, 'reopened');
    expect(await reports()).toEqual([]);
    expect(await town.send(doctor, [retired], letter(doctor))).toMatchObject({ do: 'refuse', code: 'mailbox-closed' });
  });

  test('one recipient who is merely full makes the whole letter wait: it is given to nobody twice', async () => {
    const before = (await town.inbox(citizen)).length;
    const quota = (bytes: number) =>
      town.db.updateTable('mailboxes').set({ quota_bytes: bytes }).where('address', '=', neighbour).execute();
    const fills = () => quota(10);
    expect(await town.sendAs(town.arrivalFrom(doctor), [citizen, neighbour, unknown], letter(doctor), fills)).toMatchObject({
      do: 'defer',
      code: 'mailbox-full',
    });
    await quota(50_000_000);
    expect(await town.inbox(citizen)).toHaveLength(before);
    expect(await reports()).toEqual([]);
  });
});

describe('requirement 16: sizes', () => {
  test('attachments over the limit: refused to professionals, taken to the end and reported on towards citizens', async () => {
    const files = await town.files();
    expect(await town.send(doctor, [colleague], heavy(doctor))).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
    expect(await reports()).toEqual([]);
    const arrival = town.arrivalFrom(doctor);
    let readBytes = 0;
    const content = (async function* () {
      for (let at = 0; at < heavy(doctor).length; at += 65_536) {
        const chunk = Buffer.from(heavy(doctor).slice(at, at + 65_536));
        readBytes += chunk.length;
        yield chunk;
      }
    })();
    for (const one of [citizen, colleague]) await town.path.judgeRecipient(arrival, one);
    expect(await town.path.deliver(arrival, [{ address: citizen }, { address: colleague }], content)).toEqual(accepted);
    expect(readBytes).toBe(heavy(doctor).length);
    expect(await reports()).toMatchObject([
      {
        recipients: [
          { address: citizen, status: '5.3.4', code: 'too-large-for-citizen' },
          { address: colleague, status: '5.3.4', code: 'letter-too-large' },
        ],
      },
    ]);
    expect(await town.files()).toBe(files);
  });

  test('to the byte, however the letter is cut on its way', async () => {
    const head = letter(doctor, 'Content-Type: multipart/mixed; boundary=b\r\n').replace('Bonjour\r\n', '');
    const part = `${head}--b\r\nContent-Type: application/octet-stream\r\n\r\n${`${'x'.repeat(62)}\r\n`.repeat(16_384)}`;
    const deliver = (pieces: readonly string[]) =>
      town.path.deliver(
        town.arrivalFrom(doctor),
        [{ address: colleague }],
        (async function* () {
          for (const piece of pieces) yield Buffer.from(piece);
        })(),
      );
    expect(await deliver([part, '\r\n', '--b--\r\n'])).toEqual(accepted);
    expect((await town.inbox(colleague)).at(-1)?.bytes).toBe(`${part}\r\n--b--\r\n`);
    expect(await deliver([part, 'x\r\n', '--b--\r\n'])).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
    expect(await deliver([`${part}xxx`, '\r\n--b--\r\n'])).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
  });

  test('a letter that the door itself found too large is reported on all the same, once its header was read', async () => {
    const cut = (text: string) =>
      (async function* () {
        yield Buffer.from(text);
        throw new RefusedError('letter-too-large', refusals['letter-too-large'].text);
      })();
    const deliver = (to: typeof doctor, text: string) => town.path.deliver(town.arrivalFrom(doctor), [{ address: to }], cut(text));
    expect(await deliver(citizen, letter(doctor))).toEqual(accepted);
    expect(await reports()).toHaveLength(1);
    expect(await deliver(colleague, letter(doctor))).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
    expect(await deliver(citizen, 'From: quelqu')).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
  });

  test('towards the citizens of another operator the letter itself has a limit, encoded', async () => {
    const there = address('185019910000121@patient.autre.mssante.fr');
    const small = await openTown({
      policies: { ...townPolicies, remoteCitizens: { domain: 'patient.autre.mssante.fr', maxLetterBytes: 10_000 } },
    });
    expect(await small.send(doctor, [there], letter(doctor) + 'x'.repeat(10_000))).toMatchObject({
      do: 'refuse',
      code: 'letter-too-large',
    });
    expect(await small.send(doctor, [citizen, elsewhere], letter(doctor) + 'x'.repeat(10_000))).toEqual(accepted);
    expect(await small.send(doctor, [there], letter(doctor) + 'x'.repeat(8_000))).toEqual(accepted);
    await small.close();
  });
});

describe('requirements 17, 37: robots do not talk to robots', () => {
  const receipt = (from: typeof doctor) =>
    letter(from, 'Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n');

  test('requirement 17: the null reverse path is taken and nothing ever goes back to it', async () => {
    const arrival = town.arrivalFrom(null, 'mx');
    const before = (await town.inbox(citizen)).length;
    expect(await town.sendAs(arrival, [citizen, unknown], receipt(elsewhere))).toEqual(accepted);
    expect(await town.inbox(citizen)).toHaveLength(before + 1);
    expect(await town.sendAs(town.arrivalFrom(null, 'mx'), [elsewhere], receipt(elsewhere))).toMatchObject({
      code: 'recipient-not-hosted',
    });
    expect(await reports()).toEqual([]);
  });

  test('requirement 17: a professional’s receipt leaves with a null path, and nothing else does', async () => {
    const { account } = town.arrivalFrom(doctor);
    const nobody = () => town.arrivalFrom(null, 'submission', account ? { account } : {});
    const read = `--x\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;${doctor}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--x--`;
    expect(await town.sendAs(nobody(), [elsewhere], receipt(doctor).replace('Bonjour', read))).toEqual(accepted);
    expect(await town.owed(outgoingLetterKind)).toMatchObject([{ sender: null, isAnswer: true }]);
    const files = await town.files();
    for (const one of [letter(doctor), receipt(doctor), `${receipt(doctor)}${'x'.repeat(40_000)}`])
      expect(await town.sendAs(nobody(), [citizen], one)).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
    expect(await town.files()).toBe(files);
  });

  test('requirement 37: guesses without a reverse path are those of the account', async () => {
    const { account } = town.arrivalFrom(doctor);
    const nobody = () => town.arrivalFrom(null, 'submission', account ? { account } : {});
    const read = `--x\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--x--`;
    const guess = () => town.sendAs(nobody(), [unknown], receipt(doctor).replace('Bonjour', read));
    for (let times = 0; times < 3; times += 1) expect(await guess()).toEqual(accepted);
    expect(await guess()).toMatchObject({ do: 'defer', code: 'too-many-unknown-citizens' });
  });

  test('requirement 37: an automatic letter that fails is told to nobody, whatever its return path', async () => {
    expect(await town.send(doctor, [unknown], letter(doctor, 'Auto-Submitted: auto-replied\r\n'))).toEqual(accepted);
    expect(await reports()).toEqual([]);
    // What a hospital's program wrote is a letter, and its failure matters.
    expect(await town.send(doctor, [unknown], letter(doctor, 'Auto-Submitted: auto-generated\r\n'))).toEqual(accepted);
    expect(await reports()).toHaveLength(1);
  });

  test('requirement 37: who guesses addresses waits, for known and unknown ones alike, whatever they begin at once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => town.send(doctor, [unknown], letter(doctor))));
    expect(outcomes.filter(({ do: what }) => what === 'accepted')).toHaveLength(3);
    expect(outcomes.find(({ do: what }) => what === 'defer')).toMatchObject({ code: 'too-many-unknown-citizens' });
    for (const one of [unknown, citizen]) expect((await town.path.judgeRecipient(town.arrivalFrom(doctor), one)).do).toBe('defer');
    expect(await town.send(doctor, [colleague], letter(doctor))).toEqual(accepted);
    expect(await town.send(colleague, [citizen], letter(colleague))).toEqual(accepted);
  });

  test('requirement 37: who has shut their mailbox is found out as slowly, whatever is begun at once', async () => {
    await setState(town.db, neighbour, 'closed');
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => town.send(doctor, [neighbour], letter(doctor))));
    expect(outcomes.filter(({ do: what }) => what === 'accepted')).toHaveLength(3);
    expect(outcomes.find(({ do: what }) => what === 'defer')).toMatchObject({ code: 'too-many-unknown-citizens' });
    expect((await town.path.judgeRecipient(town.arrivalFrom(doctor), citizen)).do).toBe('defer');
    await setState(town.db, neighbour, 'reopened');
  });

  test('requirement 37: senders that one certificate invents are counted together', async () => {
    const peer = { heloName: 'mx.autre', ip: '127.0.0.1', protocol: 'ESMTPS', certificateName: 'mx.autre.mssante.fr' } as const;
    const invented = (number: number) => address(`service-${number}@hopital.autre.mssante.fr`);
    const write = (number: number, to = unknown) =>
      town.sendAs(town.arrivalFrom(invented(number), 'mx', { peer }), [to], letter(invented(number)));
    for (let number = 0; number < 5; number += 1) expect(await write(number)).toEqual(accepted);
    expect(await write(6, other)).toMatchObject({ do: 'defer', code: 'too-many-unknown-citizens' });
    expect(await write(6, citizen)).toMatchObject({ do: 'defer' });
  });
});
