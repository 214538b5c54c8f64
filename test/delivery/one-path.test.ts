import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recount } from '../../mailboxes/recount.ts';
import { outgoingLetterKind } from '../../src/delivery/outgoing-letters.ts';
import { mailboxesOf } from '../../src/mail/address-list.ts';
import { parseHeaders } from '../../src/mail/headers.ts';
import { address } from '../support/address.ts';
import { citizenIdOf } from '../support/citizen-id.ts';
import { letter, openTown, people } from '../support/one-path.ts';

type Town = Awaited<ReturnType<typeof openTown>>;
let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

describe('what is kept is what was sent', () => {
  test('requirement 34: a citizen leaves under their civil name, whatever their software wrote', async () => {
    const { doctor, citizen } = people;
    await town.send(doctor, [citizen], letter(doctor));
    const forged = letter(citizen).replace(`From: <${citizen}>`, `From: "Dr Important" <ministre@exemple.fr>\r\nBcc: secret@exemple.fr`);
    expect(await town.send(citizen, [doctor], forged)).toEqual({ do: 'accepted' });
    const last = (await town.inbox(doctor)).at(-1);
    expect(last?.bytes).toContain(`From: "Dominique PAT-TROIS" <${citizen}>\r\n`);
    expect(last?.bytes).not.toMatch(/ministre|Bcc/);
  });

  test.each([
    ['a line break', 'Dominique\r\nBcc: pirate@exemple.fr\r\n PAT-TROIS'],
    ['quotes and an address', 'D" <pirate@exemple.fr>, "PAT-TROIS'],
    ['letters of another alphabet, and a direction that turns', 'Ďominiqué \u202eSIORT-TAP 山'],
    ['a very long name', 'É'.repeat(400)],
  ])('requirement 34: a civil name with %s adds no field and no author', async (_what, label) => {
    const { doctor, citizen } = people;
    const citizenId = await citizenIdOf(town.db, citizen);
    const civilName = (birthName: string) =>
      town.db.updateTable('citizens').set({ birth_name: birthName }).where('citizen_id', '=', citizenId).execute();
    await civilName(label);
    await town.send(doctor, [citizen], letter(doctor));
    expect(await town.send(citizen, [doctor], letter(citizen))).toEqual({ do: 'accepted' });
    await civilName('PAT-TROIS');
    const headers = parseHeaders(Buffer.from((await town.inbox(doctor)).at(-1)?.bytes ?? ''));
    expect(headers.getAll('from').flatMap(mailboxesOf)).toMatchObject([{ address: citizen }]);
    expect(headers.fields.map(({ name }) => name)).toEqual(['from', 'to', 'subject', 'date', 'message-id']);
  });

  test('a professional’s letter is kept byte for byte, its trace beside it', async () => {
    const { doctor, neighbour } = people;
    const odd = `${letter(doctor, 'X-Odd:\t caf\u00e9  \r\n')}sans fin de ligne`;
    await town.send(doctor, [neighbour], odd);
    const last = (await town.inbox(neighbour)).at(-1);
    expect(last?.bytes).toBe(odd);
    expect(last?.prefix).toMatch(new RegExp(`^Return-Path: <${doctor}>\r\nReceived: from client\\.test`));
    expect(last?.prefix.replace(/\s+/g, ' ')).toContain(`for <${neighbour}>`);
  });

  test('one letter to several people is one set of bytes, and none of them is named in the trace', async () => {
    const { doctor, citizen, neighbour, colleague } = people;
    const before = await town.files();
    const big = letter(doctor) + 'x'.repeat(40_000);
    expect(await town.send(doctor, [citizen, neighbour, colleague], big)).toEqual({ do: 'accepted' });
    expect(await town.files()).toBe(before + 1);
    for (const one of [citizen, neighbour, colleague]) {
      const last = (await town.inbox(one)).at(-1);
      expect(last?.bytes).toBe(big);
      expect(last?.prefix).not.toContain('for <');
    }
  });
});

describe('what is refused leaves nothing behind', () => {
  const { doctor, citizen, neighbour } = people;

  test('a professional who signs as someone else', async () => {
    expect(await town.send(doctor, [citizen], letter(people.colleague))).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
    const twice = letter(doctor).replace('\r\n', `\r\nFrom: <${people.colleague}>\r\n`);
    expect(await town.send(doctor, [citizen], twice)).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
  });

  test('a letter whose sender vanishes in the middle', async () => {
    const before = await town.inbox(neighbour);
    const content = (async function* () {
      yield Buffer.from(letter(doctor) + 'x'.repeat(50_000));
      throw new Error('The client has gone');
    })();
    await expect(town.path.deliver(town.arrivalFrom(doctor), [{ address: neighbour }], content)).rejects.toThrow('gone');
    expect(await town.inbox(neighbour)).toHaveLength(before.length);
  });

  test('a letter for a full mailbox waits at its sender', async () => {
    await town.db.updateTable('mailboxes').set({ quota_bytes: 10 }).where('address', '=', neighbour).execute();
    expect(await town.send(doctor, [neighbour], letter(doctor))).toMatchObject({ do: 'defer', code: 'mailbox-full' });
    await town.db.updateTable('mailboxes').set({ quota_bytes: 50_000_000 }).where('address', '=', neighbour).execute();
  });
});

describe('requirement 14: who may use which door', () => {
  const { doctor, citizen } = people;

  test('a session writes under its own address alone', async () => {
    expect(await town.path.judgeSender({ ...town.arrivalFrom(doctor), sender: people.colleague })).toMatchObject({
      do: 'refuse',
      code: 'sender-not-yours',
    });
    expect(await town.path.judgeSender(town.arrivalFrom(doctor))).toMatchObject({ do: 'accept' });
  });

  test('receipts leave with a null reverse path: a professional’s pass, a citizen’s are not sent by their software', async () => {
    expect(await town.path.judgeSender({ ...town.arrivalFrom(doctor), sender: null })).toMatchObject({ do: 'accept' });
    expect(await town.path.judgeSender({ ...town.arrivalFrom(citizen), sender: null })).toMatchObject({ do: 'refuse' });
    const { account: _nobody, ...anonymous } = town.arrivalFrom(doctor);
    expect(await town.path.judgeSender(anonymous)).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
    expect(await town.path.judgeRecipient(anonymous, citizen)).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
  });

  test('nobody outside speaks for a mailbox kept here, and nothing from outside is relayed further', async () => {
    expect(await town.path.judgeSender(town.arrivalFrom(doctor, 'mx'))).toMatchObject({ do: 'refuse', code: 'sender-not-listed' });
    expect(await town.send(people.elsewhere, [people.elsewhere], letter(people.elsewhere), 'mx')).toMatchObject({
      do: 'refuse',
      code: 'recipient-not-hosted',
    });
    expect(await town.send(people.elsewhere, [citizen], letter(people.elsewhere), 'mx')).toEqual({ do: 'accepted' });
    expect(await town.send(citizen, [people.elsewhere], letter(citizen))).toEqual({ do: 'accepted' });
  });

  test.each([
    ['a wrong key', '279035121518988'],
    ['fourteen characters', '27903512151898'],
    ['a name', 'dominique.pat-trois'],
  ])('requirement 35: a citizen’s address with %s is refused at once, before any content', async (_what, local) => {
    const verdict = await town.path.judgeRecipient(town.arrivalFrom(doctor), address(`${local}@patient.mssante.fr`));
    expect(verdict).toMatchObject({ do: 'refuse', code: 'address-malformed' });
  });

  test('requirement 15: without a way to it, a domain kept elsewhere is refused before anything is queued; others are answered for themselves', async () => {
    const alone = await openTown({
      domains: { citizens: 'patient.mssante.fr', professionals: new Set(['medecin.test.mssante.fr']), elsewhereReachable: false },
    });
    const arrival = alone.arrivalFrom(doctor);
    expect(await alone.path.judgeRecipient(arrival, people.elsewhere)).toMatchObject({ do: 'refuse', code: 'recipient-not-hosted' });
    expect(await alone.path.judgeRecipient(arrival, citizen)).toMatchObject({ do: 'accept' });
    expect(await alone.owed(outgoingLetterKind)).toEqual([]);
    await alone.close();
  });
});

test('many letters at once, some of them refused, leave every counter right', async () => {
  const { doctor, citizen, neighbour, colleague } = people;
  const sends = Array.from({ length: 200 }, (_, i) =>
    town.send(doctor, i % 3 ? [citizen, neighbour] : [neighbour, colleague, citizen], letter(i % 10 ? doctor : colleague)),
  );
  const outcomes = await Promise.all(sends);
  expect(outcomes.filter((outcome) => outcome.do === 'accepted')).toHaveLength(180);
  expect(await recount(town.db)).toEqual([]);
});
