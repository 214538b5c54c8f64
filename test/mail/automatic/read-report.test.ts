import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Disposition,
  findQuotedPart,
  findReportPart,
  readDeliveryStatus,
  readDisposition,
  readQuotedMessageId,
} from '../../../src/mail/automatic/read-report.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';
import { indexOf, letter } from '../letters.ts';
import { doctor, hostileText, patient } from './facts.ts';

const status = (...lines: string[]): ReturnType<typeof readDeliveryStatus> => readDeliveryStatus(letter(...lines));
const disposition = (...lines: string[]): Disposition | undefined =>
  readDisposition(letter('Reporting-UA: x', `Final-Recipient: rfc822;${patient}`, 'Original-Message-ID: <id@x.fr>', ...lines, ''));

test('requirement 46: a report of another operator is read recipient by recipient', () => {
  expect(
    status(
      'Original-Envelope-Id: QQ314159',
      'Reporting-MTA: dns; mx.hopital.mssante.fr',
      '',
      `Original-Recipient: rfc822;${patient}`,
      `Final-Recipient: RFC822; ${patient.toUpperCase()}`,
      'Action: failed',
      'Status: 5.1.1 (no such mailbox)',
      'Diagnostic-Code: smtp; 550 5.1.1',
      ' unknown',
      '',
      `Final-Recipient: rfc822; <${doctor}>`,
      'ACTION: Delivered (at last)',
      'Status: 2.0.0',
      '',
    ),
  ).toEqual({
    envelopeId: 'QQ314159',
    recipients: [
      { final: patient, original: `rfc822;${patient}`, action: 'failed', status: '5.1.1' },
      { final: doctor, action: 'delivered', status: '2.0.0' },
    ],
  });
});

test.each<[string, string[], [string, string, string | undefined]]>([
  [
    'bare line feeds',
    [`Reporting-MTA: x\n\nFinal-Recipient: rfc822;${doctor}\nAction: delayed\nStatus: 4.4.1\n`],
    ['delayed', '4.4.1', doctor],
  ],
  [
    'blank lines too many',
    ['', '', 'Reporting-MTA: x', ' \t', '', `Final-Recipient: x;${doctor}`, 'Action: relayed', '', ''],
    ['relayed', '2.0.0', doctor],
  ],
  ['no fields about the letter', ['Action: expanded', `Final-Recipient: ${doctor}`], ['expanded', '2.0.0', doctor]],
  [
    'no recipient that can be read',
    ['', 'Final-Recipient: rfc822;nobody', 'Action: failed', 'Status: very bad'],
    ['failed', '5.0.0', undefined],
  ],
  ['a status like a number', ['Action: failed', 'Status: 5.1.12345'], ['failed', '5.0.0', undefined]],
])('requirement 46: a report with %s is read all the same', (_, lines, [action, code, final]) => {
  expect(status(...lines)?.recipients).toEqual([{ action, status: code, ...(final && { final }) }]);
});

test.each([[[]], [['Reporting-MTA: x']], [['Action: exploded', 'Status: 5.0.0']], [['Status: 5.0.0', '', 'x']]])(
  'requirement 46: %j speaks of nobody',
  (lines) => {
    expect(status(...(lines as string[]))).toBeUndefined();
  },
);

test('requirement 46: a report on a million recipients is read as far as a thousand, its values bounded', () => {
  const one = `Final-Recipient: rfc822;${doctor}\nOriginal-Recipient: rfc822;${'é'.repeat(10_000)}\nAction: failed\n\n`;
  const report = readDeliveryStatus(Buffer.from(one.repeat(100)));
  expect(report?.recipients[0]?.original).toHaveLength(500);
  const many = readDeliveryStatus(Buffer.from('Action: failed\n\n'.repeat(1_000_000)));
  expect(many?.recipients.length).toBeLessThanOrEqual(1001);
});

test.each<[string, Partial<Disposition>]>([
  ['automatic-action/MDN-sent-automatically; displayed', { type: 'displayed', isError: false }],
  ['manual-action/MDN-sent-manually; Displayed', { type: 'displayed', isError: false }],
  ['displayed', { type: 'displayed', isError: false }],
  ['automatic-action/MDN-sent-automatically ;processed', { type: 'processed', isError: false }],
  ['automatic-action/MDN-sent-automatically; deleted', { type: 'deleted', isError: false }],
  ['automatic-action/MDN-sent-automatically; dispatched/superseded', { type: 'dispatched', isError: false }],
  ['automatic-action/MDN-sent-automatically; processed/error', { type: 'processed', isError: true }],
  ['automatic-action/MDN-sent-automatically; processed/warning, error', { type: 'processed', isError: true }],
  ['automatic-action/MDN-sent-automatically; processed/terror', { type: 'processed', isError: false }],
  [
    'automatic-action/MDN-sent-automatically; processed/Error: 902^Patient inconnu',
    { type: 'processed', isError: true, errorCode: 902, error: '902^Patient inconnu' },
  ],
  ['automatic-action/MDN-sent-automatically; processed/Error:', { type: 'processed', isError: true }],
])('requirement 44: Disposition %j is read', (text, expected) => {
  expect(disposition(`Disposition: ${text}`)).toEqual({ originalMessageId: '<id@x.fr>', finalRecipient: patient, ...expected });
});

test.each([900, 901, 902, 903, 904, 905, 906])('requirement 44: the error %d is recognised in both spellings', (code) => {
  for (const lines of [
    ['Disposition: automatic-action/MDN-sent-automatically; processed/error', `Error: ${code}^Motif en clair`],
    [`Disposition: automatic-action/MDN-sent-automatically; processed/Error: ${code}^Motif en clair`],
    ['Disposition: automatic-action/MDN-sent-automatically; processed', `Error:`, ` [${code}] Motif en clair`],
  ])
    expect(disposition(...lines)).toMatchObject({ isError: true, errorCode: code, type: 'processed' });
});

test.each(['899', '907', '9020', '1902', 'Motif 902', '279090200000000'])('requirement 44: %j is an error without a code', (text) => {
  const read = disposition('Disposition: a/b; processed/error', `Error: ${text}`);
  expect(read).toMatchObject({ isError: true, error: text });
  expect(read).not.toHaveProperty('errorCode');
});

test.each([[''], ['Disposition: x; opened'], ['Disposition:'], ['Disposition: a/b;']])('requirement 44: %j is no receipt', (line) => {
  expect(disposition(line)).toBeUndefined();
});

test('requirements 44 and 46: nothing a stranger writes makes the reading throw, and no value is long, broken or hidden', () => {
  const body = fc.array(
    fc.tuple(
      fc.constantFrom(
        'Action',
        'Status',
        'Final-Recipient',
        'Original-Recipient',
        'Original-Envelope-Id',
        'Disposition',
        'Error',
        'Original-Message-ID',
      ),
      fc.oneof(hostileText, fc.constantFrom('failed', 'a/b; processed/error', 'displayed', `rfc822;${doctor}`)),
      fc.constantFrom('\r\n', '\n', '\n\n'),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(body, (fields) => {
      const bytes = Buffer.from(fields.map(([name, value, end]) => `${name}: ${value}${end}`).join(''));
      const report = readDeliveryStatus(bytes);
      const receipt = readDisposition(bytes);
      const values = [report?.envelopeId, ...(report?.recipients.flatMap(Object.values) ?? []), ...Object.values(receipt ?? {})];
      for (const value of values)
        if (typeof value === 'string') {
          expect(value.length).toBeLessThanOrEqual(502);
          expect(value).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        }
    }),
    { numRuns: 500 },
  );
});

test('hostile bodies of a megabyte are read in time', () => {
  const bodies = ['a\n', '\n', ' \n', ' ', ':', 'a:\n\n', 'Disposition: ', 'Original-Message-ID: <', '<<<<', 'Error: (('];
  for (const body of bodies) {
    const bytes = Buffer.from(body.repeat(1024 * 1024)).subarray(0, 1024 * 1024);
    expect(
      cpuMsOf(() => {
        readDeliveryStatus(bytes);
        readDisposition(bytes);
        readQuotedMessageId(bytes);
      }),
      body,
    ).toBeLessThan(1000);
  }
});

const quoting = (third: string[]): Buffer =>
  letter(
    'Content-Type: multipart/mixed; boundary=m',
    '',
    '--m',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=r',
    '',
    '--r',
    '',
    'words',
    '--r',
    'Content-Type: message/delivery-status',
    '',
    'Action: failed',
    '--r',
    ...third,
    '--r--',
    '--m',
    '',
    'a footer some gateway added',
    '--m--',
  );

test.each(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'])(
  'requirement 46: the report part and the letter given back as %s are found, whatever is wrapped around them',
  (type) => {
    const bytes = quoting([`Content-Type: ${type}`, '', 'Message-ID: <letter@hopital.mssante.fr>', 'Subject: x', '']);
    const { part } = indexOf(bytes);
    const found = findReportPart(part, 'delivery-status');
    const quoted = findQuotedPart(part);
    expect(readDeliveryStatus(bytes.subarray(found?.bodyStart, found?.end))?.recipients).toHaveLength(1);
    expect(readQuotedMessageId(bytes.subarray(quoted?.bodyStart, quoted?.end))).toBe('<letter@hopital.mssante.fr>');
    expect(findReportPart(part, 'disposition-notification')).toBeUndefined();
  },
);

test('requirement 46: a report inside a forwarded letter is somebody else’s', () => {
  const { part } = indexOf(letter('Content-Type: message/rfc822', '', 'Content-Type: message/delivery-status', '', 'Action: failed'));
  expect(findReportPart(part, 'delivery-status')).toBeUndefined();
});
