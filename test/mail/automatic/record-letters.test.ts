// Mails about copies in the national record: what a sender is told of a document that failed, and a citizen of one that is hidden.
// Requirements 44, 51 and 54.

import { buffer } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import {
  composeIntegrationMail,
  composeIntegrationReceipt,
  type IntegrationError,
} from '../../../src/mail/automatic/compose-integration-error.ts';
import { composeRecordLetter } from '../../../src/mail/automatic/compose-record-letter.ts';
import { readDisposition } from '../../../src/mail/automatic/read-report.ts';
import { address } from '../../support/address.ts';
import { base64, letterBytes, letterWith, rootOf } from '../documents/documents.ts';

const error: IntegrationError = {
  from: { name: 'Messagerie sécurisée de santé', address: address('postmaster@patient.mssante.fr') },
  to: address('lea.martin@medecin.test.mssante.fr'),
  now: new Date('2026-11-22T08:00:00Z'),
  messageId: '<0198b000-0000-7000-8000-000000000001@passerelle.test>',
  inReplyTo: '<lettre@medecin.test>',
  failure: { code: '903', text: 'Le document ne porte pas d’identité qualifiée', step: 'Qualifier l’identité' },
  takenAt: new Date('2026-11-20T09:00:00Z'),
  originalSubject: 'XDM/1.0/DDM+Lettre de liaison PAT-TROIS DOMINIQUE',
};
const mailOf = async (letter: Buffer | undefined, over: Partial<IntegrationError> = {}) => {
  const given = letter && { part: rootOf(letter), bytes: letterBytes(letter) };
  return buffer(composeIntegrationMail({ ...error, ...over }, given));
};

test('a receipt in error has the three parts and the fields that receivers read, code first', async () => {
  const original = { headers: Buffer.from('Message-ID: <lettre@medecin.test>\r\nSubject: Essai\r\n\r\n') };
  const finalRecipient = error.from.address;
  const bytes = composeIntegrationReceipt({
    ...error,
    reportingUa: 'passerelle.test; Passerelle',
    finalRecipient,
    originalMessageId: '<lettre@medecin.test>',
    original,
  });
  const mail = await simpleParser(bytes, { keepDeliveryStatus: true });
  expect(mail.headers.get('content-type')).toMatchObject({
    value: 'multipart/report',
    params: { 'report-type': 'disposition-notification' },
  });
  const fields = mail.attachments.find(({ contentType }) => contentType === 'message/disposition-notification')?.content ?? Buffer.alloc(0);
  expect(readDisposition(fields)).toEqual({
    originalMessageId: '<lettre@medecin.test>',
    finalRecipient,
    type: 'processed',
    isError: true,
    errorCode: 903,
    error: "903 Le document ne porte pas d'identite qualifiee",
  });
  expect(mail.subject).toBe('[KO Intégration système !][903] XDM/1.0/DDM+Lettre de liaison PAT-TROIS DOMINIQUE');
  expect(mail.text).toContain('(code 903)');
});

test('an ordinary mail gives the attachments back byte for byte, and not what a person reads first', async () => {
  const archive = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 31) % 256));
  const mail = await simpleParser(await mailOf(letterWith(base64(archive), base64(Buffer.from('%PDF-1.4'), 'lettre.pdf'))));
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['IHE_XDM.zip', 'lettre.pdf']);
  expect(mail.attachments[0]?.content.equals(archive)).toBe(true);
  expect(mail.text).toContain('il suit son cours vers ses destinataires');
  expect(mail.text).not.toMatch(/^Bonjour$/m);
});

test('a letter that is one attachment and nothing else gives it back without its header', async () => {
  const letter = Buffer.from(
    'From: <a@x.fr>\r\nSubject: secret\r\nContent-Type: application/zip; name="IHE_XDM.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBA==\r\n',
  );
  const bytes = await mailOf(letter);
  const mail = await simpleParser(bytes);
  expect(mail.attachments.map(({ filename, content }) => [filename, content.toString('latin1')])).toEqual([['IHE_XDM.zip', 'PK\x03\x04']]);
  expect(bytes.toString()).not.toContain('secret');
});

test('attachments of many megabytes leave as they are read, never held whole', async () => {
  const letter = letterWith(base64(Buffer.alloc(12 * 1024 * 1024, 'archive ')));
  const whole = letterBytes(letter);
  let [readBytes, leftBytes, aheadBytes] = [0, 0, 0];
  async function* read(start: number, end: number) {
    for await (const chunk of whole.read(start, end)) {
      for (let at = 0; at < chunk.length; at += 65_536) {
        const piece = chunk.subarray(at, at + 65_536);
        readBytes += piece.length;
        yield piece;
      }
    }
  }
  for await (const chunk of composeIntegrationMail(error, { part: rootOf(letter), bytes: { ...whole, read } })) {
    leftBytes += chunk.length;
    aheadBytes = Math.max(aheadBytes, readBytes - leftBytes, chunk.length);
  }
  expect(leftBytes).toBeGreaterThan(12 * 1024 * 1024);
  expect(aheadBytes).toBeLessThan(1024 * 1024);
});

test('without the bytes of the letter, the words leave alone', async () => {
  const mail = await simpleParser(await mailOf(undefined));
  expect(mail.attachments).toEqual([]);
  expect(mail.text).toContain('Que faire ? Qualifier l’identité.');
});

test('a hostile subject adds no field and does not grow without end', async () => {
  const bytes = await mailOf(undefined, { originalSubject: `a\r\nBcc: x@y.fr\r\n\r\n${'é'.repeat(5000)}` });
  const head = bytes.toString('latin1').split('\r\n\r\n')[0] ?? '';
  expect(head).not.toMatch(/^Bcc:/m);
  expect(head.length).toBeLessThan(4000);
});

test('requirement 51: a letter about a hidden document is the same for every document and every patient', async () => {
  const { from, to, now, messageId } = error;
  for (const stage of ['hidden', 'shown'] as const) {
    const mail = await simpleParser(composeRecordLetter({ from, to, now, messageId }, stage));
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.text).toMatch(stage === 'hidden' ? /sans que vous puissiez encore le voir/ : /est maintenant visible pour vous/);
    expect(mail.text).toContain('médecin traitant');
  }
});
