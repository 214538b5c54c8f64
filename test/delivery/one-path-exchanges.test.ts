// Who may write to whom, as the letters themselves make it: the stories of requirements 25 to 33 through the one path.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerAddress } from '../../directory/registry.ts';
import { createMailbox } from '../../mailboxes/mailbox.ts';
import { blockerOf } from '../../policies/blocker.ts';
import { block, unblock } from '../../policies/blocks.ts';
import { setFirstContact } from '../../policies/first-contacts.ts';
import { address } from '../support/address.ts';
import { citizenIdOf } from '../support/citizen-id.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, colleague, pharmacy, citizen, neighbour, elsewhere } = people;
const accepted = { do: 'accepted' };

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['exchanges', 'register_letters', 'blocks', 'first_letters'] as const) await town.db.deleteFrom(table).execute();
});

const citizenId = (one: typeof citizen) => citizenIdOf(town.db, one);
const answers = (correspondent: typeof doctor) => town.send(citizen, [correspondent], letter(citizen));

describe('exchanges', () => {
  test('requirement 25: a citizen cannot write to a professional who never wrote', async () => {
    expect(await answers(colleague)).toMatchObject({ do: 'refuse', code: 'exchange-never-opened' });
  });

  test('requirement 26: after the professional’s letter the citizen writes, as often as they like, and so it is with another operator’s', async () => {
    expect(await town.send(doctor, [citizen], letter(doctor))).toEqual(accepted);
    expect(await town.send(elsewhere, [citizen], letter(elsewhere), 'mx')).toEqual(accepted);
    for (let time = 0; time < 2; time += 1) {
      expect(await answers(doctor)).toEqual(accepted);
      expect(await answers(elsewhere)).toEqual(accepted);
    }
    expect(await town.send(neighbour, [doctor], letter(neighbour))).toMatchObject({ code: 'exchange-never-opened' });
  });

  test('requirements 27, 29: FIN ends the exchange with the letter that says it, a later letter reopens it', async () => {
    await town.send(doctor, [citizen], letter(doctor));
    expect(await town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: FIN\r\n'))).toEqual(accepted);
    expect(await answers(doctor)).toMatchObject({ do: 'refuse', code: 'exchange-ended' });
    await town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: fin\r\n'));
    expect(await answers(doctor)).toEqual(accepted);
  });

  test('requirement 27: an exchange that ends between RCPT and the last byte is ended for this letter too', async () => {
    await town.send(doctor, [citizen], letter(doctor));
    const ends = () => town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: FIN\r\n'));
    expect(await town.sendAs(town.arrivalFrom(citizen), [doctor], letter(citizen), ends)).toMatchObject({
      do: 'refuse',
      code: 'exchange-ended',
    });
  });

  test.each([
    [' [FIN]', true],
    ['[FIN]', true],
    ['\r\n [FIN]', true],
    ['  [FIN]', false],
    [' [FIN] ', false],
    [' [fin]', false],
    [' RE: [FIN]', false],
    [' =?utf-8?Q?[FIN]?=', false],
  ])('requirement 28: the field « Subject:%j » ends every exchange the sender opened: %s', async (subject, ends) => {
    // The doctor has opened two: their own, and the colleague's by a Reply-To.
    await town.send(doctor, [citizen], letter(doctor));
    await town.send(doctor, [citizen], letter(doctor, `Reply-To: ${colleague}\r\n`));
    const last = letter(doctor).replace('Subject: Essai', `Subject:${subject}`);
    expect(await town.send(doctor, [citizen], last)).toEqual(accepted);
    const expected = ends ? { do: 'refuse', code: 'exchange-ended' } : accepted;
    expect([await answers(doctor), await answers(colleague)]).toMatchObject([expected, expected]);
  });

  test('requirement 29: the same letter once more reopens nothing, not even in one group with itself', async () => {
    const first = letter(doctor);
    await town.send(doctor, [citizen], first);
    await town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: FIN\r\n'));
    expect(await Promise.all([1, 2, 3].map(() => town.send(doctor, [citizen], first)))).toEqual([accepted, accepted, accepted]);
    expect(await answers(doctor)).toMatchObject({ code: 'exchange-ended' });
    // For whom it is the first, it is.
    await town.send(doctor, [neighbour], first);
    expect(await town.send(neighbour, [doctor], letter(neighbour))).toEqual(accepted);
  });

  test.each<[string, boolean, boolean]>([
    [`Reply-To: <${colleague}>`, false, true],
    [`Reply-To: "Le secrétariat" <${colleague}>, <${elsewhere}>`, false, true],
    [`Reply-To: <${neighbour}>`, true, false],
    ['Reply-To: <nobody@medecin.test.mssante.fr>', true, false],
    [`Reply-To: <${people.retired}>`, true, false],
    [`Reply-To: <190012a10000316@patient.autre.mssante.fr>`, true, false],
    ['Reply-To: pas une adresse', true, false],
  ])('requirement 30: with « %s » the sender may be answered: %s, the other: %s', async (field, toSender, toOther) => {
    await town.send(doctor, [citizen], letter(doctor, `${field}\r\n`));
    expect((await answers(doctor)).do).toBe(toSender ? 'accepted' : 'refuse');
    expect((await answers(colleague)).do).toBe(toOther ? 'accepted' : 'refuse');
  });

  test('requirement 30: a Reply-To never overrides the block of the one it names', async () => {
    await town.db.transaction().execute(async (trx) => {
      await block(
        trx,
        { citizenId: await citizenId(citizen), blocker: blockerOf({ rpps: '99700101001', address: colleague }), by: 'test' },
        new Date(),
      );
    });
    await town.send(doctor, [citizen], letter(doctor, `Reply-To: ${colleague}\r\n`));
    expect(await answers(colleague)).toMatchObject({ do: 'refuse', code: 'blocked' });
  });

  test.each([
    ['a receipt', 'Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n'],
    ['an absence', 'Auto-Submitted: auto-replied\r\n'],
  ])('requirements 26, 37: %s opens nothing and ends nothing', async (_name, fields) => {
    await town.send(doctor, [citizen], letter(doctor, fields));
    expect(await answers(doctor)).toMatchObject({ code: 'exchange-never-opened' });
    await town.send(doctor, [citizen], letter(doctor));
    await town.send(doctor, [citizen], letter(doctor, `${fields}X-MSS-MES: FIN\r\n`));
    expect(await answers(doctor)).toEqual(accepted);
  });

  test('requirement 26: what a program writes by itself is a letter all the same', async () => {
    await town.send(doctor, [citizen], letter(doctor, 'Auto-Submitted: auto-generated\r\n'));
    expect(await answers(doctor)).toEqual(accepted);
  });

  test('requirement 31: a citizen does not write to another, known or not, nor to the test address', async () => {
    for (const one of [neighbour, address('185019910000121@patient.mssante.fr'), address('reponse.automatique-test@patient.mssante.fr')])
      expect(await town.send(citizen, [one], letter(citizen))).toMatchObject({ do: 'refuse', code: 'citizen-to-citizen' });
  });
});

describe('requirement 32: professionals who agreed to be written to first', () => {
  test('a pharmacy that opted in is written to, as often as it set and no more, however the letters arrive', async () => {
    await setFirstContact(town.db, pharmacy, { audience: 'everyone', dailyLimit: 3 });
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => answers(pharmacy)));
    expect(outcomes.filter(({ do: what }) => what === 'accepted')).toHaveLength(3);
    expect(outcomes.find(({ do: what }) => what === 'refuse')).toMatchObject({ code: 'too-many-first-letters' });
    // Others are not concerned, and an answer gives the right that no day ends.
    expect(await town.send(neighbour, [pharmacy], letter(neighbour))).toEqual(accepted);
    await town.send(pharmacy, [citizen], letter(pharmacy));
    expect(await answers(pharmacy)).toEqual(accepted);
  });
});

describe('requirement 33: a professional blocks a citizen', () => {
  const cabinet = address('cabinet.martin@medecin.test.mssante.fr');
  const blocker = blockerOf({ rpps: '99700101000', address: doctor });
  beforeAll(async () => {
    await registerAddress(town.db, { address: cabinet, type: 'CAB', label: 'Cabinet Martin', rpps: '99700101000' });
    await createMailbox(town.db, cabinet, 1024 * 1024, 'professional');
  });

  test('after an exchange, over all their mailboxes, until it is lifted; the citizen is told clearly, in the middle of a letter too', async () => {
    const id = await citizenId(citizen);
    await town.send(doctor, [citizen], letter(doctor));
    await town.send(doctor, [citizen], letter(doctor, `Reply-To: ${cabinet}\r\n`));
    expect([await answers(doctor), await answers(cabinet)]).toEqual([accepted, accepted]);
    const blocks = () => town.db.transaction().execute((trx) => block(trx, { citizenId: id, blocker, by: doctor }, new Date()));
    expect(await town.sendAs(town.arrivalFrom(citizen), [doctor], letter(citizen), blocks)).toMatchObject({
      do: 'refuse',
      code: 'blocked',
    });
    expect(await answers(cabinet)).toMatchObject({ do: 'refuse', code: 'blocked' });
    // Even a new letter of the doctor's does not lift it; the neighbour is not concerned.
    await town.send(doctor, [citizen, neighbour], letter(doctor));
    expect(await answers(doctor)).toMatchObject({ code: 'blocked' });
    expect(await town.send(neighbour, [doctor], letter(neighbour))).toEqual(accepted);
    await town.db.transaction().execute((trx) => unblock(trx, { citizenId: id, blocker }));
    expect(await answers(doctor)).toEqual(accepted);
  });
});

test('requirement 26: mixed recipients are judged one by one: who may not be written to is refused, the others have the letter', async () => {
  await town.send(doctor, [citizen], letter(doctor));
  const before = (await town.inbox(doctor)).length;
  expect(await town.send(citizen, [doctor, colleague, neighbour], letter(citizen))).toEqual(accepted);
  expect(await town.inbox(doctor)).toHaveLength(before + 1);
});
