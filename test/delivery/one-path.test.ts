import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setAddressState } from '../../directory/registry.ts';
import { findBlob } from '../../mailboxes/blobs/hold-blobs.ts';
import { recount } from '../../mailboxes/recount.ts';
import { letter, openTown, people } from '../support/one-path.ts';

type Town = Awaited<ReturnType<typeof openTown>>;
let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());

/** Everything an address's INBOX serves, oldest first: trace prefix and bytes. */
async function inbox({ db, blobs, accounts }: Town, address: typeof people.citizen) {
  const rows = await db
    .selectFrom('messages')
    .innerJoin('letters', (join) =>
      join.onRef('letters.mailbox_id', '=', 'messages.mailbox_id').onRef('letters.letter_id', '=', 'messages.letter_id'),
    )
    .select(['messages.uid', 'letters.prefix', 'letters.blob_id'])
    .where('messages.mailbox_id', '=', accounts.get(address) ?? 0)
    .orderBy('messages.uid')
    .execute();
  return Promise.all(
    rows.map(async ({ uid, prefix, blob_id }) => {
      const blob = await findBlob(db, blob_id);
      if (!blob) throw new Error('A dangling reference');
      return { uid, prefix: prefix.toString(), bytes: (await buffer(blobs.read(blob, 0, blob.size_bytes))).toString() };
    }),
  );
}

const files = async ({ folder }: Town) =>
  (await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile()).length;

describe('requirements 25-27, 29: who may write to whom changes with the letters themselves', () => {
  const { doctor, citizen } = people;

  test('requirement 25: a citizen cannot write to a professional who never wrote', async () => {
    expect(await town.send(citizen, [people.colleague], letter(citizen))).toMatchObject({ do: 'refuse', code: 'exchange-never-opened' });
  });

  test('requirement 26: after the professional’s letter the citizen writes, as often as they like', async () => {
    expect(await town.send(doctor, [citizen], letter(doctor))).toEqual({ do: 'accepted' });
    for (let i = 0; i < 2; i += 1) expect(await town.send(citizen, [doctor], letter(citizen))).toEqual({ do: 'accepted' });
  });

  test('requirements 27, 29: FIN ends the exchange with the letter that says it, a later letter reopens it', async () => {
    expect(await town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: FIN\r\n'))).toEqual({ do: 'accepted' });
    expect(await town.send(citizen, [doctor], letter(citizen))).toMatchObject({ do: 'refuse', code: 'exchange-ended' });
    await town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: fin\r\n'));
    expect(await town.send(citizen, [doctor], letter(citizen))).toEqual({ do: 'accepted' });
  });

  test('requirement 32: a citizen writes first to a pharmacy that opted in', async () => {
    expect(await town.send(citizen, [people.pharmacy], letter(citizen))).toEqual({ do: 'accepted' });
  });

  test('an exchange that ends between RCPT and the last byte is ended for this letter too', async () => {
    const arrival = town.arrivalFrom(citizen);
    await town.send(doctor, [citizen], letter(doctor));
    expect(await town.path.judgeRecipient(arrival, doctor)).toMatchObject({ do: 'accept' });
    await town.send(doctor, [citizen], letter(doctor, 'X-MSS-MES: FIN\r\n'));
    const content = (async function* () {
      yield Buffer.from(letter(citizen));
    })();
    expect(await town.path.deliver(arrival, [doctor], content)).toMatchObject({ do: 'refuse', code: 'exchange-ended' });
  });
});

describe('what is kept is what was sent', () => {
  test('requirement 34: a citizen leaves under their civil name, whatever their software wrote', async () => {
    const { doctor, citizen } = people;
    await town.send(doctor, [citizen], letter(doctor));
    const forged = letter(citizen).replace(`From: <${citizen}>`, `From: "Dr Important" <ministre@exemple.fr>\r\nBcc: secret@exemple.fr`);
    expect(await town.send(citizen, [doctor], forged)).toEqual({ do: 'accepted' });
    const last = (await inbox(town, doctor)).at(-1);
    expect(last?.bytes).toContain(`From: "Dominique PAT-TROIS" <${citizen}>\r\n`);
    expect(last?.bytes).not.toMatch(/ministre|Bcc/);
  });

  test('a professional’s letter is kept byte for byte, its trace beside it', async () => {
    const { doctor, neighbour } = people;
    const odd = `${letter(doctor, 'X-Odd:\t caf\u00e9  \r\n')}sans fin de ligne`;
    await town.send(doctor, [neighbour], odd);
    const last = (await inbox(town, neighbour)).at(-1);
    expect(last?.bytes).toBe(odd);
    expect(last?.prefix).toMatch(new RegExp(`^Return-Path: <${doctor}>\r\nReceived: from client\\.test`));
    expect(last?.prefix.replace(/\s+/g, ' ')).toContain(`for <${neighbour}>`);
  });

  test('one letter to several people is one set of bytes, and none of them is named in the trace', async () => {
    const { doctor, citizen, neighbour, colleague } = people;
    const before = await files(town);
    const big = letter(doctor) + 'x'.repeat(40_000);
    expect(await town.send(doctor, [citizen, neighbour, colleague], big)).toEqual({ do: 'accepted' });
    expect(await files(town)).toBe(before + 1);
    for (const one of [citizen, neighbour, colleague]) {
      const last = (await inbox(town, one)).at(-1);
      expect(last?.bytes).toBe(big);
      expect(last?.prefix).not.toContain('for <');
    }
  });
});

describe('what is refused leaves nothing behind', () => {
  const { doctor, citizen, neighbour } = people;

  test('requirement 16: attachments above the limit', async () => {
    const before = await files(town);
    const scan =
      letter(doctor, 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n') +
      `${'A'.repeat(76)}\r\n`.repeat(20_000);
    expect(await town.send(doctor, [citizen], scan)).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
    expect(await files(town)).toBe(before);
  });

  test('a professional who signs as someone else', async () => {
    expect(await town.send(doctor, [citizen], letter(people.colleague))).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
    const twice = letter(doctor).replace('\r\n', `\r\nFrom: <${people.colleague}>\r\n`);
    expect(await town.send(doctor, [citizen], twice)).toMatchObject({ do: 'refuse', code: 'sender-not-yours' });
  });

  test('a letter whose sender vanishes in the middle', async () => {
    const before = await inbox(town, neighbour);
    const content = (async function* () {
      yield Buffer.from(letter(doctor) + 'x'.repeat(50_000));
      throw new Error('The client has gone');
    })();
    await expect(town.path.deliver(town.arrivalFrom(doctor), [neighbour], content)).rejects.toThrow('gone');
    expect(await inbox(town, neighbour)).toHaveLength(before.length);
  });

  test('a letter that one of its recipients can no longer take is kept for none: nobody is dropped in silence', async () => {
    const arrival = town.arrivalFrom(doctor);
    const before = await inbox(town, citizen);
    await setAddressState(town.db, neighbour, 'closed');
    const content = (async function* () {
      yield Buffer.from(letter(doctor));
    })();
    expect(await town.path.deliver(arrival, [citizen, neighbour], content)).toMatchObject({ do: 'refuse', code: 'mailbox-closed' });
    await setAddressState(town.db, neighbour, 'active');
    expect(await inbox(town, citizen)).toHaveLength(before.length);
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

  test('requirement 36: a closed mailbox takes nothing', async () => {
    expect(await town.send(doctor, [people.retired], letter(doctor))).toMatchObject({ do: 'refuse', code: 'mailbox-closed' });
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
