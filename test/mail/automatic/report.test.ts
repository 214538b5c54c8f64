import { expect, test } from 'vitest';
import { composeReport, type ReportedRecipient } from '../../../src/mail/automatic/compose-report.ts';
import { findQuotedPart, findReportPart, readDeliveryStatus, readQuotedMessageId } from '../../../src/mail/automatic/read-report.ts';
import { automationOf, reportKind } from '../../../src/mail/automatic/recognise.ts';
import { parseHeaders } from '../../../src/mail/headers.ts';
import { indexOf } from '../letters.ts';
import { doctor, patient, reportOn, toDoctor, unknownCitizen } from './facts.ts';
import { onlyPart, readBack } from './read-back.ts';

const closed: ReportedRecipient = {
  final: patient,
  action: 'failed',
  status: '5.2.1',
  code: 'citizen-mailbox-closed',
  text: 'Cette messagerie citoyenne est fermée',
  step: 'Remettre le courrier à la personne autrement.',
};
const tooLarge: ReportedRecipient = {
  final: patient,
  action: 'failed',
  status: '5.3.4',
  code: 'too-large-for-citizen',
  text: 'Ce courrier dépasse la taille permise',
  step: 'Envoyer les pièces jointes en plusieurs courriers, ou les alléger.',
};

test('requirement 36: unknown, closed and too large give three messages a person understands, each with its code', async () => {
  const texts = new Set<string>();
  for (const recipient of [unknownCitizen, closed, tooLarge]) {
    const letter = await readBack(composeReport(reportOn([recipient])));
    expect(letter.parsed.subject).toBe('Message non distribué');
    expect(letter.parsed.headers.get('auto-submitted')).toBe('auto-replied');
    const text = onlyPart(letter, 'text/plain').toString();
    for (const said of [patient, recipient.text, `Que faire ? ${recipient.step}`, 'dimanche 22 novembre 2026 à 01:40 (heure de Paris)'])
      expect(text).toContain(said);
    texts.add(text);
    const status = onlyPart(letter, 'message/delivery-status').toString();
    expect(status).toContain(`Status: ${recipient.status}\r\n`);
    expect(status).toContain(`X-Passerelle-Code: ${recipient.code}\r\n`);
  }
  expect(texts.size).toBe(3);
});

test('requirement 36: a report is an RFC 3464 report, field by field', async () => {
  const recipient = { ...unknownCitizen, original: 'rfc822;Patient.Alias@patient.mssante.fr', diagnostic: 'smtp; 550 5.1.1 non trouvé' };
  const letter = await readBack(composeReport(reportOn([recipient], { receivedFrom: 'mx.hopital.mssante.fr', envelopeId: 'QQ314159' })));
  expect(letter.root).toMatchObject({ type: 'multipart', subtype: 'report' });
  expect(letter.parts.map(({ type }) => type)).toEqual(['text/plain', 'message/delivery-status', 'text/rfc822-headers']);
  expect(letter.parsed.headers.get('content-type')).toMatchObject({ params: { 'report-type': 'delivery-status' } });
  expect(letter.parsed.messageId).toBe(toDoctor.messageId);
  expect(letter.parsed.inReplyTo).toBe('<letter@hopital.mssante.fr>');
  expect(letter.parsed.references).toBe('<letter@hopital.mssante.fr>');
  expect(letter.parsed.date).toEqual(new Date('2026-11-22T00:40:11Z'));
  expect(onlyPart(letter, 'message/delivery-status').toString().split('\r\n')).toEqual([
    'Original-Envelope-Id: QQ314159',
    'Reporting-MTA: dns; gateway.example.fr',
    'Received-From-MTA: dns; mx.hopital.mssante.fr',
    'Arrival-Date: Sun, 22 Nov 2026 00:40:11 +0000',
    '',
    'Original-Recipient: rfc822;Patient.Alias@patient.mssante.fr',
    `Final-Recipient: rfc822; ${patient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 non trouve',
    'X-Passerelle-Code: citizen-unknown',
    '',
  ]);
});

test('requirement 36: one report names every recipient, and says once what is the same for several', async () => {
  const recipients = Array.from({ length: 500 }, (_, at) => ({ ...unknownCitizen, final: `p${at}@patient.mssante.fr` as typeof patient }));
  const letter = await readBack(composeReport(reportOn([...recipients, { ...tooLarge, final: doctor }])));
  const text = onlyPart(letter, 'text/plain').toString();
  for (const { final } of recipients) expect(text).toContain(`\r\n${final}\r\n`);
  expect(text.split(unknownCitizen.text)).toHaveLength(2);
  expect(text.split(tooLarge.text)).toHaveLength(2);
  expect(readDeliveryStatus(onlyPart(letter, 'message/delivery-status'))?.recipients.map(({ final }) => final)).toEqual([
    ...recipients.map(({ final }) => final),
    doctor,
  ]);
});

test.each([
  ['failed', 'Message non distribué', "ne l'a donc pas reçu", '5.1.1'],
  ['delayed', 'Message retenu', "n'a pas encore été remis", '4.7.1'],
  ['relayed', 'Message transmis', 'ne confirme pas les remises', '2.0.0'],
  ['delivered', 'Message distribué', "Cela ne veut pas dire qu'il a été lu", '2.0.0'],
] as const)('requirement 46: a letter that is %s is reported as « %s »', async (action, subject, sentence, status) => {
  const letter = await readBack(composeReport(reportOn([{ final: patient, action, status, text: '' }])));
  expect(letter.parsed.subject).toBe(subject);
  expect(onlyPart(letter, 'text/plain').toString()).toContain(sentence);
  expect(readDeliveryStatus(onlyPart(letter, 'message/delivery-status'))).toEqual({ recipients: [{ final: patient, action, status }] });
});

test('requirement 46: of a letter that nobody knows the fate of, the report says so, and not that it was not received', async () => {
  const uncertain = { ...closed, text: 'Le service n’a rien confirmé', step: 'Demander à la personne.', isUncertain: true };
  const letter = await readBack(composeReport(reportOn([uncertain])));
  expect(letter.parsed.subject).toBe('Message peut-être non distribué');
  const text = onlyPart(letter, 'text/plain').toString();
  expect(text).toContain('Nous ne savons pas si votre message du dimanche 22 novembre 2026');
  expect(text).toContain('Le service n’a rien confirmé.');
  expect(text).not.toContain("qui ne l'a donc pas reçu");
});

test('requirement 46: of several fates the gravest names the report, and each recipient has its own', async () => {
  const delivered = { final: doctor, action: 'delivered', status: '2.0.0', text: 'Remis' } as const;
  const letter = await readBack(composeReport(reportOn([delivered, { ...closed, action: 'delayed' }, unknownCitizen])));
  expect(letter.parsed.subject).toBe('Message non distribué');
  const text = onlyPart(letter, 'text/plain').toString();
  const places = ["n'a pas pu être remis", unknownCitizen.text, 'est retenu', closed.text, 'a été déposé', `${doctor}\r\nRemis.`];
  expect(places.map((said) => text.indexOf(said))).toEqual(places.map((said) => text.indexOf(said)).sort((a, b) => a - b));
  expect(places.every((said) => text.includes(said))).toBe(true);
});

test('requirements 37 and 46: our own report is recognised, and read by the house that receives it', () => {
  const bytes = composeReport(reportOn([{ ...unknownCitizen, original: 'rfc822;alias@patient.mssante.fr' }], { envelopeId: 'QQ314159' }));
  const headers = parseHeaders(bytes);
  expect([automationOf(headers, doctor), reportKind(headers)]).toEqual(['answer', 'delivery-status']);
  const { part } = indexOf(bytes);
  const found = findReportPart(part, 'delivery-status');
  const quoted = findQuotedPart(part);
  expect(readDeliveryStatus(bytes.subarray(found?.bodyStart, found?.end))).toEqual({
    envelopeId: 'QQ314159',
    recipients: [{ final: patient, original: 'rfc822;alias@patient.mssante.fr', action: 'failed', status: '5.1.1' }],
  });
  expect(readQuotedMessageId(bytes.subarray(quoted?.bodyStart, quoted?.end))).toBe('<letter@hopital.mssante.fr>');
});

test('requirement 50: the report on a held letter is two parts without its header, and tells nothing of what it holds', async () => {
  const held: ReportedRecipient = {
    final: patient,
    action: 'delayed',
    status: '4.7.1',
    code: 'document-hidden-from-patient',
    text: 'Ce courrier est retenu : un document joint est marqué comme non visible par le patient',
  };
  const letter = await readBack(composeReport(reportOn([held], { originalHeaders: Buffer.alloc(0) })));
  expect(letter.parts.map(({ type }) => type)).toEqual(['text/plain', 'message/delivery-status']);
  expect(onlyPart(letter, 'text/plain').toString()).toContain("Un autre message automatique vous dira ce qu'il est devenu.");
});

test('the same facts give the same bytes, so that a report composed twice is one letter', () => {
  expect(composeReport(reportOn([closed]))).toEqual(composeReport(reportOn([closed])));
});

test('a Message-ID that is not one is our own mistake, and is not sent', () => {
  for (const messageId of ['', 'id@x', '<a b@x>', '<a@x>\r\nBcc: <b@x>'])
    expect(() => composeReport(reportOn([closed], { messageId }))).toThrow(TypeError);
});

test('a long thread keeps its first letter and its last ones', async () => {
  const before = Array.from({ length: 1000 }, (_, at) => `<${at}@hopital.mssante.fr>`);
  const { parsed } = await readBack(composeReport(reportOn([closed], { references: before.join('\r\n\t') })));
  const references = [parsed.references].flat();
  expect(references).toHaveLength(20);
  expect([references[0], references.at(-2), references.at(-1)]).toEqual([before[0], before.at(-1), toDoctor.inReplyTo]);
});

const returned = async (originalHeaders: Buffer): Promise<Buffer | undefined> => {
  const letter = await readBack(composeReport(reportOn([unknownCitizen], { originalHeaders })));
  return letter.parts[2]?.body;
};

test('the header of the original comes back byte for byte, 8-bit bytes and long lines included', async () => {
  const block = Buffer.from(`Subject: r\xe9sultat =\r\nTo: a@b.fr,\r\n\tc@d.fr \r\nX-Long: ${'x'.repeat(5000)}\r\n`, 'latin1');
  expect(await returned(block)).toEqual(block);
});

test('of a letter given whole by mistake, only the fields come back', async () => {
  const whole = Buffer.from(
    'From MAILER Sun Nov 22\r\nSubject: a\r\nVous avez un cancer.\r\nTo: b@c.fr\r\n\r\nX-Secret: content\r\n\r\nbody',
  );
  expect((await returned(whole))?.toString()).toBe('Subject: a\r\nTo: b@c.fr\r\n');
  expect(await returned(Buffer.from('\r\nX-Secret: content\r\n'))).toBeUndefined();
});

test('a header of 256 KiB is cut between two fields at 64 KiB, a field too long for what is left being left out', async () => {
  const field = (at: number): string => `X-Field-${at}: ${'v'.repeat(1000)}\r\n ${'w'.repeat(1000)}\r\n`;
  const block = Buffer.from(
    [`To: ${'a@b.fr, '.repeat(10_000)}\r\n`, ...Array.from({ length: 100 }, (_, at) => field(at)), 'Subject: s\r\n'].join(''),
  );
  expect(block.length).toBeGreaterThan(256 * 1024);
  const back = await returned(block);
  expect(back?.length).toBeLessThanOrEqual(64 * 1024);
  expect(back?.length).toBeGreaterThan(60 * 1024);
  const names = parseHeaders(back ?? Buffer.alloc(0)).fields.map(({ name }) => name);
  expect(names).toEqual([...names.slice(0, -1).map((_, at) => `x-field-${at}`), 'subject']);
  expect(back?.toString().startsWith(field(0) + field(1))).toBe(true);
});

test('10,000 fields are cut like the rest', async () => {
  const block = Buffer.from(Array.from({ length: 10_000 }, (_, at) => `X-${at}: ${at}\r\n`).join(''));
  const back = await returned(block);
  expect(back).toEqual(block.subarray(0, back?.length));
  expect(back?.length).toBeGreaterThan(60 * 1024);
  expect(back?.at(-1)).toBe(10);
});

test('the date is told in the time of Paris, winter and summer', async () => {
  const letter = await readBack(composeReport(reportOn([closed], { arrivalDate: new Date('2026-07-14T22:05:00Z') })));
  expect(onlyPart(letter, 'text/plain').toString()).toContain('mercredi 15 juillet 2026 à 00:05 (heure de Paris)');
  expect(onlyPart(letter, 'message/delivery-status').toString()).toContain('Arrival-Date: Tue, 14 Jul 2026 22:05:00 +0000');
});
