import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Address } from '../../../src/core/address.ts';
import { type Automation, automationOf, receiptRequestedBy, reportKind } from '../../../src/mail/automatic/recognise.ts';
import { type Headers, parseHeaders } from '../../../src/mail/headers.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';
import { letter } from '../letters.ts';
import { doctor, hostileText } from './facts.ts';

const header = (...lines: string[]): Headers => parseHeaders(letter(...lines, '', ''));

test.each<[Automation, string[]]>([
  ['none', ['Subject: Auto-Submitted: auto-replied']],
  ['none', ['Auto-Submitted: no']],
  ['none', ['Auto-Submitted: No (by hand)']],
  ['none', ['Auto-Submitted:']],
  ['none', ['Precedence: first-class', 'X-Autoreply: no', 'X-Auto-Response-Suppress: RN, NRN']],
  ['none', ['Content-Type: multipart/mixed; report-type=delivery-status']],
  ['none', ['Disposition-Notification-To: lea.martin@hopital.mssante.fr']],
  ['generated', ['Auto-Submitted: auto-generated']],
  ['generated', ['Auto-Submitted: AUTO-GENERATED (prescription); owner-email="a@b.fr"']],
  ['generated', ['Auto-Submitted: something-new']],
  ['generated', ['List-Id: <biologie.hopital.fr>']],
  ['generated', ['List-Unsubscribe: <mailto:stop@hopital.fr>']],
  ['generated', ['Precedence: bulk']],
  ['generated', ['Precedence: List']],
  ['generated', ['X-Auto-Response-Suppress: DR, OOF, AutoReply']],
  ['answer', ['Auto-Submitted: auto-replied']],
  ['answer', ['Auto-Submitted: Auto-Replied (vacation)']],
  ['answer', ['Auto-Submitted: auto-notified; owner-email="a@b.fr"']],
  ['answer', ['Auto-Submitted: no', 'Auto-Submitted: auto-replied']],
  ['answer', ['List-Id: <x>', 'Auto-Submitted: auto-generated', 'Precedence: auto_reply']],
  ['answer', ['Precedence: auto-reply']],
  ['answer', ['X-Autoreply: yes']],
  ['answer', ['X-Autorespond: absence']],
  ['answer', ['X-Failed-Recipients: a@b.fr']],
  ['answer', ['Content-Type: multipart/report; report-type=feedback-report; boundary=x']],
  ['answer', ['Content-Type: Multipart/Report; boundary=x']],
  ['answer', ['Content-Type: message/disposition-notification']],
  ['answer', ['Content-Type: message/global-delivery-status']],
])('requirement 37: %s is what the header %j makes of a letter', (automation, lines) => {
  expect(automationOf(header(...lines), doctor)).toBe(automation);
});

test.each<[Automation, Address | null]>([
  ['answer', null],
  ['answer', 'MAILER-DAEMON@hopital.mssante.fr'.toLowerCase() as Address],
  ['generated', 'owner-biologie@hopital.mssante.fr' as Address],
  ['generated', 'biologie-request@hopital.mssante.fr' as Address],
  ['none', doctor],
])('requirements 17 and 37: %s is what the return path %s makes of a letter', (automation, returnPath) => {
  expect(automationOf(header('Subject: x'), returnPath)).toBe(automation);
});

test.each<[string, string | undefined]>([
  ['multipart/report; report-type=delivery-status; boundary=x', 'delivery-status'],
  ['MULTIPART/REPORT; boundary=x; REPORT-TYPE="Disposition-Notification"', 'disposition-notification'],
  ['multipart/report; report-type=global-delivery-status', 'delivery-status'],
  ['multipart/report; report-type=feedback-report', undefined],
  ['message/disposition-notification', 'disposition-notification'],
  ['message/global-delivery-status', 'delivery-status'],
  ['message/rfc822', undefined],
  ['multipart/report', undefined],
  ['multipart/mixed; report-type=delivery-status', undefined],
])('requirement 46: Content-Type %j says %s', (type, kind) => {
  expect(reportKind(header(`Content-Type: ${type}`))).toBe(kind);
});

test.each<[string | undefined, string[]]>([
  [doctor, [`Disposition-Notification-To: ${doctor}`]],
  [doctor, ['disposition-notification-to: "Dr Martin, Léa" <LEA.MARTIN@hopital.mssante.fr>']],
  [doctor, [`Disposition-Notification-To:`, ` <${doctor}>`]],
  [
    doctor,
    [`Disposition-Notification-To: ${doctor}`, 'Disposition-Notification-Options: signed-receipt-protocol=optional,pkcs7-signature'],
  ],
  [undefined, ['Subject: x']],
  [undefined, ['Disposition-Notification-To:']],
  [undefined, ['Disposition-Notification-To: nobody']],
  [undefined, [`Disposition-Notification-To: ${doctor}, a@b.fr`]],
  [undefined, [`Disposition-Notification-To: ${doctor}`, 'Disposition-Notification-To: a@b.fr']],
  [undefined, [`Disposition-Notification-To: g: ${doctor};`]],
  [undefined, [`Return-Receipt-To: ${doctor}`]],
  [undefined, [`Disposition-Notification-To: ${doctor}`, 'Disposition-Notification-Options: x=Required,1']],
])('requirement 45: %s is who asks for a receipt in %j', (asking, lines) => {
  expect(receiptRequestedBy(header(...lines))).toBe(asking);
});

test('requirement 37: nothing a stranger writes makes the reading of a header throw, and an answer stays one', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (a, b) => {
      const headers = parseHeaders(Buffer.from(`Auto-Submitted: ${a}\r\nDisposition-Notification-To: ${b}\r\nContent-Type: ${a}\r\n`));
      expect(automationOf(headers, null)).toBe('answer');
      expect(['none', 'generated', 'answer']).toContain(automationOf(headers, doctor));
      receiptRequestedBy(headers);
      reportKind(headers);
    }),
  );
});

test('a header of 10,000 fields, or of lines that are none, is read in time', () => {
  const many = Buffer.from('Auto-Submitted: no\r\nList: x\r\n'.repeat(5000));
  const noise = Buffer.from(`${'a\n'.repeat(1024 * 1024)}Auto-Submitted: auto-replied\n`);
  expect(
    cpuMsOf(() => {
      expect(automationOf(parseHeaders(many), doctor)).toBe('none');
      expect(automationOf(parseHeaders(noise), doctor)).toBe('answer');
    }),
  ).toBeLessThan(1500);
});
