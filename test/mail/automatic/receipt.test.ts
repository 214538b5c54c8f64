import { expect, test } from 'vitest';
import { composeReceipt, type Receipt } from '../../../src/mail/automatic/compose-receipt.ts';
import { readDisposition } from '../../../src/mail/automatic/read-report.ts';
import { patient, toDoctor } from './facts.ts';
import { onlyPart, type ReadBack, readBack } from './read-back.ts';

const small = Buffer.from('From: lea.martin@hopital.mssante.fr\r\nSubject: Bonjour\r\n\r\nVos rendez-vous.\r\n');

function receipt(more: Partial<Receipt> = {}): Promise<ReadBack> {
  const facts: Receipt = {
    ...toDoctor,
    from: { name: 'Dominique PAT-TROIS', address: patient },
    reportingUa: 'gateway.example.fr; Passerelle',
    finalRecipient: patient,
    originalMessageId: '<letter@hopital.mssante.fr>',
    displayedAt: new Date('2026-11-22T08:30:00Z'),
    original: { letter: small },
    ...more,
  };
  return readBack(composeReceipt(facts));
}

test('requirements 43 and 44: a receipt says « displayed » in three parts, with every field that is asked for', async () => {
  const letter = await receipt();
  expect(letter.root).toMatchObject({ type: 'multipart', subtype: 'report' });
  expect(letter.parsed.headers.get('content-type')).toMatchObject({ params: { 'report-type': 'disposition-notification' } });
  expect(letter.parsed.headers.get('auto-submitted')).toBe('auto-replied');
  expect(letter.parsed.subject).toBe('Accusé de lecture');
  expect(letter.parts.map(({ type }) => type)).toEqual(['text/plain', 'message/disposition-notification', 'message/rfc822']);
  expect(onlyPart(letter, 'message/disposition-notification').toString().split('\r\n')).toEqual([
    'Reporting-UA: gateway.example.fr; Passerelle',
    `Original-Recipient: rfc822;${patient}`,
    `Final-Recipient: rfc822;${patient}`,
    'Original-Message-ID: <letter@hopital.mssante.fr>',
    'Disposition: automatic-action/MDN-sent-automatically; displayed',
    '',
  ]);
  expect(onlyPart(letter, 'message/rfc822')).toEqual(small);
  expect(onlyPart(letter, 'text/plain').toString()).toContain(
    `${patient} a été affiché le dimanche 22 novembre 2026 à 09:30 (heure de Paris)`,
  );
});

test('requirement 44: what we write is what we read', async () => {
  const letter = await receipt({ originalRecipient: 'rfc822;Alias@patient.mssante.fr' });
  expect(readDisposition(onlyPart(letter, 'message/disposition-notification'))).toEqual({
    originalMessageId: '<letter@hopital.mssante.fr>',
    finalRecipient: patient,
    originalRecipient: 'rfc822;Alias@patient.mssante.fr',
    type: 'displayed',
    isError: false,
  });
});

test('a letter that gave itself no name is receipted without one', async () => {
  const { inReplyTo: _none, ...nameless } = toDoctor;
  const letter = await readBack(
    composeReceipt({
      ...nameless,
      reportingUa: 'gateway.example.fr; Passerelle',
      finalRecipient: patient,
      originalMessageId: null,
      displayedAt: toDoctor.now,
      original: { headers: Buffer.from('Subject: x\r\n') },
    }),
  );
  expect(letter.fields).not.toContain('references');
  expect(onlyPart(letter, 'message/disposition-notification').toString()).not.toContain('Original-Message-ID');
});

test.each<[string, Buffer]>([
  ['larger than 64 KiB', Buffer.concat([small, Buffer.alloc(64 * 1024, 'x\r\n')])],
  ['8-bit', Buffer.concat([small, Buffer.from('déjà\r\n')])],
  ['with a line longer than 998 bytes', Buffer.concat([small, Buffer.alloc(999, 'x')])],
  ['with bare line feeds', Buffer.concat([small, Buffer.from('a\nb\r\n')])],
  ['with a bare carriage return', Buffer.concat([small, Buffer.from('a\rb\r\n')])],
  ['with a NUL', Buffer.concat([small, Buffer.from('a\0b\r\n')])],
])('requirement 44: of a letter %s, the header alone comes back', async (_, original) => {
  const letter = await receipt({ original: { letter: original } });
  expect(letter.parts.map(({ type }) => type).slice(2)).toEqual(['text/rfc822-headers']);
  expect(onlyPart(letter, 'text/rfc822-headers').toString()).toBe('From: lea.martin@hopital.mssante.fr\r\nSubject: Bonjour\r\n');
});

test('a letter that quotes our delimiter cannot close the part it stands in', async () => {
  const first = boundaryOf(await receipt());
  const quoting = Buffer.concat([small, Buffer.from(`--${first}\r\nContent-Type: text/html\r\n\r\n<p>\r\n--${first}--\r\n`)]);
  const letter = await receipt({ original: { letter: quoting } });
  expect(letter.parts).toHaveLength(3);
  expect(onlyPart(letter, 'message/rfc822')).toEqual(quoting);
});

function boundaryOf({ root }: ReadBack): string {
  return root.params?.find(([name]) => name === 'boundary')?.[1] ?? '';
}
