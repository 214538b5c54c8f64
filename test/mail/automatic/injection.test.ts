// Whatever strangers say, an automatic letter has exactly the fields and parts this house writes. Read back by mailparser, which is
// not ours, and by our own index. Requirements 34 and 37.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeAbsence, composeTestAnswer } from '../../../src/mail/automatic/compose-answer.ts';
import { composeReceipt } from '../../../src/mail/automatic/compose-receipt.ts';
import { composeReport, type ReportedRecipient } from '../../../src/mail/automatic/compose-report.ts';
import type { AutomaticLetter } from '../../../src/mail/automatic/letter.ts';
import { readDeliveryStatus, readDisposition } from '../../../src/mail/automatic/read-report.ts';
import { parseHeaders } from '../../../src/mail/headers.ts';
import { doctor, hostileText, now, patient, toDoctor } from './facts.ts';
import { onlyPart, type ReadBack, readBack } from './read-back.ts';

const always = ['from', 'to', 'subject', 'date', 'message-id', 'auto-submitted', 'mime-version', 'content-type'];
const runs = { numRuns: 200 };

const hostileLetter: fc.Arbitrary<AutomaticLetter> = fc.record({
  from: fc.record({ name: hostileText, address: fc.constant(doctor) }),
  to: fc.constant(patient),
  now: fc.constant(now),
  messageId: fc.constant(toDoctor.messageId),
  inReplyTo: hostileText,
  references: hostileText,
});

const hostileRecipient: fc.Arbitrary<ReportedRecipient> = fc.record(
  {
    final: fc.constant(patient),
    original: fc.oneof(
      hostileText,
      hostileText.map((text) => `rfc822;${text}`),
    ),
    action: fc.constantFrom('failed', 'delayed', 'delivered', 'relayed'),
    status: fc.constant('5.1.1'),
    code: hostileText,
    text: hostileText,
    step: hostileText,
    diagnostic: hostileText,
  },
  { requiredKeys: ['final', 'action', 'status', 'text'] },
);

/** The header is ours: each field once, the author and the reader as given, nobody else. */
function expectOurHeader(letter: ReadBack, more: readonly string[] = []): void {
  const optional: readonly string[] = letter.fields.filter((name) => name === 'in-reply-to' || name === 'references');
  expect(new Set(optional).size).toBe(optional.length);
  expect(letter.fields.filter((name) => !optional.includes(name)).sort()).toEqual([...always, ...more].sort());
  expect(letter.parsed.from?.value.map(({ address }) => address)).toEqual([doctor]);
  expect([letter.parsed.to].flat().flatMap((list) => list?.value.map(({ address }) => address))).toEqual([patient]);
  expect(letter.parsed.messageId).toBe(toDoctor.messageId);
  expect([letter.parsed.bcc, letter.parsed.cc]).toEqual([undefined, undefined]);
}

function expectNothingHidden(text: string): void {
  expect(text).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?![\r\n])\p{Cc}/u);
}

const wellFormed = (text: string): string => Buffer.from(text).toString();

test('requirements 34 and 36: no name, subject, diagnostic, ORCPT or ENVID adds a field or a part to a report', async () => {
  const facts = fc.tuple(
    hostileLetter,
    fc.array(hostileRecipient, { minLength: 1, maxLength: 3 }),
    fc.record({ receivedFrom: hostileText, envelopeId: hostileText }),
    hostileText,
  );
  await fc.assert(
    fc.asyncProperty(facts, async ([letter, recipients, more, header]) => {
      const originalHeaders = Buffer.from(`Subject: ${header}`);
      const report = { ...letter, ...more, recipients, reportingMta: 'gateway.example.fr', arrivalDate: now, originalHeaders };
      const read = await readBack(composeReport(report));
      expectOurHeader(read);
      expect(read.parts.map(({ type }) => type)).toEqual(['text/plain', 'message/delivery-status', 'text/rfc822-headers']);
      expectNothingHidden(onlyPart(read, 'text/plain').toString());
      const told = readDeliveryStatus(onlyPart(read, 'message/delivery-status'))?.recipients;
      expect(told?.map(({ final, action, status }) => ({ final, action, status }))).toEqual(
        recipients.map(({ final, action, status }) => ({ final, action, status })),
      );
      const quoted = parseHeaders(onlyPart(read, 'text/rfc822-headers')).fields;
      expect(quoted.map(({ name }) => name)).toEqual(
        parseHeaders(originalHeaders)
          .fields.map(({ name }) => name)
          .filter((name) => name !== ''),
      );
    }),
    runs,
  );
});

test('requirements 34 and 44: no name, Message-ID or letter adds a field or a part to a receipt', async () => {
  await fc.assert(
    fc.asyncProperty(hostileLetter, hostileText, hostileText, hostileText, async (letter, messageId, originalRecipient, original) => {
      const read = await readBack(
        composeReceipt({
          ...letter,
          reportingUa: 'gateway.example.fr; Passerelle',
          finalRecipient: patient,
          originalRecipient,
          originalMessageId: messageId,
          displayedAt: now,
          original: { letter: Buffer.from(`Subject: x\r\n${original}`) },
        }),
      );
      expectOurHeader(read);
      expect(read.parts.map(({ type }) => type).slice(0, 2)).toEqual(['text/plain', 'message/disposition-notification']);
      expect(read.parts).toHaveLength(3);
      const fields = onlyPart(read, 'message/disposition-notification');
      expect(readDisposition(fields)).toMatchObject({ finalRecipient: patient, type: 'displayed', isError: false });
      expect(parseHeaders(fields).fields.length).toBeLessThanOrEqual(5);
    }),
    runs,
  );
});

test('requirements 34 and 40: what the test address shows of a stranger stays in its line', async () => {
  const summaries = fc.record({
    receivedAt: fc.constant(now),
    headers: fc.array(fc.record({ name: hostileText, value: hostileText }), { maxLength: 3 }),
    peer: fc.record({
      heloName: hostileText,
      ip: hostileText,
      protocol: hostileText,
      certificateName: hostileText,
      tls: fc.record({ protocol: hostileText, cipher: hostileText }),
    }),
    verdict: fc.record({ code: hostileText, text: hostileText }),
    sizeBytes: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(hostileLetter, summaries, async (letter, summary) => {
      const read = await readBack(composeTestAnswer({ ...letter, summary }));
      expectOurHeader(read, ['content-language', 'content-transfer-encoding']);
      const text = onlyPart(read, 'text/plain').toString();
      expectNothingHidden(text);
      expect(text.split('\r\n')).toHaveLength(19 + summary.headers.length);
    }),
    runs,
  );
});

test('requirement 34: an absence is one text, whatever its author pasted into it', async () => {
  await fc.assert(
    fc.asyncProperty(hostileLetter, hostileText, async (letter, text) => {
      const read = await readBack(composeAbsence({ ...letter, absence: { from: now, until: new Date(now.getTime() + 1), text } }));
      expectOurHeader(read, ['content-language', 'content-transfer-encoding']);
      expect(read.root.children).toBeUndefined();
      expectNothingHidden(onlyPart(read, 'text/plain').toString());
      expect(read.parsed.text).toBe(wellFormed(read.parsed.text ?? ''));
    }),
    runs,
  );
});
