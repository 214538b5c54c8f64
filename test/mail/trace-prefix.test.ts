import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHeaders } from '../../src/mail/headers.ts';
import { type TraceFacts, tracePrefix } from '../../src/mail/trace-prefix.ts';

const facts: TraceFacts = {
  returnPath: 'lea@x.fr',
  heloName: 'relais.hopital.mssante.fr',
  ip: '192.0.2.1',
  protocol: 'ESMTPS',
  tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
  byHost: 'mx.patient.mssante.fr',
  id: '0198d2c5-0000-7000-8000-000000000000',
  forRecipient: 'a@patient.mssante.fr',
  at: new Date('2026-11-22T00:40:11Z'),
};

test('RFC 5321 §4.4 the trace is Return-Path and Received, folded', () => {
  expect(tracePrefix(facts).toString()).toBe(
    [
      'Return-Path: <lea@x.fr>',
      'Received: from relais.hopital.mssante.fr ([192.0.2.1])',
      '\tby mx.patient.mssante.fr with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384)',
      '\tid 0198d2c5-0000-7000-8000-000000000000 for <a@patient.mssante.fr>;',
      '\tSun, 22 Nov 2026 00:40:11 +0000',
      '',
    ].join('\r\n'),
  );
});

test('RFC 5321 §4.5.5 a null reverse path, §4.1.3 an IPv6 peer', () => {
  const text = tracePrefix({ ...facts, returnPath: null, ip: '2001:db8::1' }).toString();
  expect(text).toContain('Return-Path: <>\r\n');
  expect(text).toContain('([IPv6:2001:db8::1])');
});

test('nothing a peer says of itself leaves its place', () => {
  const text = fc.string({ unit: fc.constantFrom(...'a.\r\n\t ()<>\0\xe9é"\\;'), maxLength: 400 });
  fc.assert(
    fc.property(text, text, text, text, (heloName, returnPath, ip, tls) => {
      const prefix = tracePrefix({ ...facts, heloName, returnPath, ip, tls });
      expect(parseHeaders(prefix).fields.map((field) => field.name)).toEqual(['return-path', 'received']);
      expect(prefix.every((byte) => byte < 127)).toBe(true);
      const received = prefix.toString().replace(/^[^\n]*\n/, '');
      expect([received.split('(').length, received.split(')').length, received.split(';').length]).toEqual([tls ? 3 : 2, tls ? 3 : 2, 2]);
    }),
  );
});
