// Letters that answer by themselves and carry health documents: nobody could be told that one is held. Requirements 16, 17, 37, 44, 50.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listQuarantine } from '../../src/delivery/quarantine.ts';
import { base64, cda, entry, letterWith, metadata, pair, ruth } from '../mail/documents/documents.ts';
import { zip } from '../mail/documents/zip.ts';
import { letter, openTown, people } from '../support/one-path.ts';

const { doctor, citizen, elsewhere } = people;
const accepted = { do: 'accepted' };
const refused = { do: 'refuse', code: 'document-in-answer' };

let town: Awaited<ReturnType<typeof openTown>>;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town.close());
beforeEach(async () => {
  for (const table of ['outbox', 'ledger', 'quarantine'] as const) await town.db.deleteFrom(table).execute();
});

const aboutRuth = zip([...pair(metadata(entry({ ins: ruth })), cda({ ins: ruth }))]);
const hidden = zip([...pair(metadata(entry({ codes: ['N', 'INVISIBLE_PATIENT'] })), cda())]);

/** A letter with an archive; `name` is its Message-ID. */
function withArchive(from: typeof doctor, archive: Buffer, fields = '', name = '<dossier@test>'): string {
  const head = letter(from, fields)
    .replace(/Message-ID: .*/, `Message-ID: ${name}`)
    .split('\r\n\r\n')[0];
  return letterWith(base64(archive)).toString('latin1').replace('From: a@x.fr', String(head));
}

/** What a server or a program says of a letter, with that letter whole. */
function returning(kind: 'delivery-status' | 'disposition-notification', original: string, extra = ''): string {
  const fields =
    kind === 'delivery-status'
      ? `Reporting-MTA: dns;mx.autre\r\n\r\nFinal-Recipient: rfc822;${elsewhere}\r\nAction: failed\r\nStatus: 5.1.1\r\n`
      : `Final-Recipient: rfc822;${elsewhere}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n`;
  const parts = [`\r\nVoici`, `Content-Type: message/${kind}\r\n\r\n${fields}`, `Content-Type: message/rfc822\r\n\r\n${original}`];
  const body = parts.map((part) => `--x\r\n${part}\r\n`).join('');
  const type = `Content-Type: multipart/report; report-type=${kind}; boundary=x\r\n`;
  return letter(elsewhere, type).replace('Bonjour', `${body}${extra}--x--`);
}
const toCitizen = (text: string) => town.sendAs(town.arrivalFrom(null, 'mx'), [citizen], text);
const received = async () => (await town.inbox(citizen)).length;

describe('requirements 17, 50: nothing hidden reaches a patient by a letter without a sender', () => {
  test.each([
    ['with documents hidden from them', hidden],
    ['about somebody else', aboutRuth],
    ['with an archive that cannot be read', Buffer.from('PK\x03\x04 abîmé')],
  ])('one %s is refused in the protocol, and kept nowhere', async (_what, archive) => {
    const before = [await received(), await town.files()];
    const large = `${withArchive(elsewhere, archive)}${'x'.repeat(40_000)}`;
    expect(await toCitizen(large)).toMatchObject(refused);
    expect([await received(), await town.files()]).toEqual(before);
    expect(await listQuarantine(town.db)).toEqual([]);
  });

  test('requirement 37: an automatic answer that has a sender is refused too, rather than held without a word', async () => {
    const absence = withArchive(elsewhere, hidden, 'Auto-Submitted: auto-replied\r\n');
    expect(await town.send(elsewhere, [citizen], absence, 'mx')).toMatchObject(refused);
    expect(await town.send(doctor, [citizen], withArchive(doctor, hidden, 'Auto-Submitted: auto-replied\r\n'))).toMatchObject(refused);
    expect(await town.send(elsewhere, [citizen], letter(elsewhere, 'Auto-Submitted: auto-replied\r\n'), 'mx')).toEqual(accepted);
    expect(await listQuarantine(town.db)).toEqual([]);
  });

  test('requirements 16, 37: an answer too large for a citizen is refused: taken, it would be lost without a word', async () => {
    const heavy = `${'A'.repeat(76)}\r\n`.repeat(20_000);
    const fields = 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n';
    expect(await toCitizen(letter(elsewhere, fields) + heavy)).toMatchObject({ do: 'refuse', code: 'letter-too-large' });
  });
});

describe('requirement 44: what a citizen wrote comes back to them whole', () => {
  // Before the doctor has written, no citizen may; afterwards they may send whatever document they have.
  const writes = async (archive = aboutRuth) => {
    await town.send(elsewhere, [citizen], letter(elsewhere), 'mx');
    const sent = withArchive(citizen, archive);
    expect(await town.send(citizen, [elsewhere], sent)).toEqual(accepted);
    return sent;
  };

  test.each(['delivery-status', 'disposition-notification'] as const)('by a %s, whoever the documents are about', async (kind) => {
    const sent = await writes();
    const before = await received();
    expect(await toCitizen(returning(kind, sent))).toEqual(accepted);
    expect(await received()).toBe(before + 1);
  });

  test('but a letter that they did not write is not given to them in that guise', async () => {
    expect(await toCitizen(returning('delivery-status', withArchive(doctor, aboutRuth)))).toMatchObject(refused);
    await town.send(doctor, [people.colleague], withArchive(doctor, hidden));
    expect(await toCitizen(returning('disposition-notification', withArchive(doctor, hidden)))).toMatchObject(refused);
  });

  test('nor one more document beside the letter that comes back', async () => {
    const sent = await writes();
    const beside = `--x\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=IHE_XDM.zip\r\n\r\n${hidden.toString('base64')}\r\n`;
    expect(await toCitizen(returning('delivery-status', sent, beside))).toMatchObject(refused);
  });
});
