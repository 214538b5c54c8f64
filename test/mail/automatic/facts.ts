// The people and letters of these tests: a doctor, a patient of the sixth test list, and everything hostile a stranger may say.
import fc from 'fast-check';
import type { Address } from '../../../src/core/address.ts';
import type { Report, ReportedRecipient } from '../../../src/mail/automatic/compose-report.ts';
import type { AutomaticLetter } from '../../../src/mail/automatic/letter.ts';

export const doctor = 'lea.martin@hopital.mssante.fr' as Address;
export const patient = '279035121518989@patient.mssante.fr' as Address;
export const now = new Date('2026-11-22T00:40:11Z');

/** An answer of the patient domain to the doctor. */
export const toDoctor: AutomaticLetter = {
  from: { name: 'Messagerie citoyenne', address: 'postmaster@patient.mssante.fr' as Address },
  to: doctor,
  now,
  messageId: '<019aa8f2-7d3b-7e34@gateway.example.fr>',
  inReplyTo: '<letter@hopital.mssante.fr>',
};

export const unknownCitizen: ReportedRecipient = {
  final: patient,
  action: 'failed',
  status: '5.1.1',
  code: 'citizen-unknown',
  text: "Aucune messagerie citoyenne n'existe à cette adresse",
  step: "Vérifier l'identité de la personne et son matricule INS.",
};

/** A report on a letter of the doctor, about these recipients. */
export function reportOn(recipients: readonly ReportedRecipient[], more: Partial<Report> = {}): Report {
  const originalHeaders = Buffer.from(
    `From: ${doctor}\r\nSubject: =?utf-8?q?R=C3=A9sultats?=\r\nMessage-ID: <letter@hopital.mssante.fr>\r\n`,
  );
  return { ...toDoctor, reportingMta: 'gateway.example.fr', arrivalDate: now, recipients, originalHeaders, ...more };
}

/** What strangers write when they mean harm, or do not know better. */
export const hostileText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n', '\r\n ', '\0', '\t', ' ', '\u2028', '\u0085', '\ufeff'),
    fc.constantFrom('\u202e', '\u2066', '\u200f', '\ud800', '\udc00', '😀', 'é', '\u00a0', '\xff'),
    fc.constantFrom('"', '\\', '<', '>', '@', ',', ';', ':', '(', ')', '=', '--', '.', '?='),
    fc.constantFrom('Bcc: a@b.fr', '\r\nBcc: a@b.fr\r\n', '\n\nFinal-Recipient: rfc822; a@b.fr\nAction: failed\n', 'Subject: [FIN]'),
    fc.constantFrom(
      '=?utf-8?q?=0D=0ABcc:_a@b.fr?=',
      '--passerelle-',
      'Content-Type: text/html',
      '<id@x.fr>',
      'rfc822;',
      'a',
      'x'.repeat(300),
    ),
  ),
  maxLength: 12,
});
